"""Home Assistant: an adapter beside the hall that tells building control how it stands, and takes no orders from it."""
