"""Tests of the touch screen: its page, its server and what its touches come to."""
