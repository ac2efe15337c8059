"""The demonstration: a whole simulated hall on one machine."""
