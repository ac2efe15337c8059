"""Tests of days that are played: everything adds up, the same seed is the same day."""
