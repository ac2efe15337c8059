"""Tests of scenarios: how they are read, checked, played and reported, and the library itself."""
