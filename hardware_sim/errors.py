"""What a hand cannot do."""


class CannotDo(Exception):
    """A hand reached for something that is not there; the text says what, for a technician to read."""
