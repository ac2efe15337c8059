"""Benchmarks: every speed and size as a ratio to a baseline measured in the same run."""
