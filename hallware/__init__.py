"""The command and the composition root: the one place that knows every name."""
