"""Tests of recording what wires carry, and of playing it again."""
