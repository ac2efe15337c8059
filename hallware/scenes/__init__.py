"""Scenarios put together: the halls they play in, their checking against a plan, and several of them at once."""
