"""The city: what may be seen of all halls that keep their databases in one PostgreSQL."""
