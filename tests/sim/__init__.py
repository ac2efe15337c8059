"""Tests of the simulated peripherals: golden bytes, golden pixels, and noise."""
