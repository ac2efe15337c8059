"""The store: a journal of facts from which the hall's state is rebuilt, and tables for questions about it."""
