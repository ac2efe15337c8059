"""The technician's page: a whole simulated hall on one page, to be looked at, pressed and broken."""
