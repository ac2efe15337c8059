"""Home Assistant: what it is told, and what it may say."""
