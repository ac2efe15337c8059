"""A hall under load that is broken on purpose, and the checker that reads what every layer of it recorded."""
