"""Tests of the code scanner, from what is held before it to the lamp."""
