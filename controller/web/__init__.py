"""The controller's HTTP API and pages."""
