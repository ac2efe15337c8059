"""What can be wrong with the store.

StoreError
├── StoreTaken     another controller keeps this hall in it
├── StoreForeign   the journal holds what this version cannot read
├── StoreBroken    the database does not do what is asked: full disk, no connection, damaged
└── BackupUnfit    what should be restored is not whole, not of this hall, or of a later version
"""


class StoreError(Exception):
    """Base of what the store raises; the text names the database."""


class StoreTaken(StoreError):
    """Another controller keeps this hall in it."""


class StoreForeign(StoreError):
    """The journal holds what this version cannot read."""


class StoreBroken(StoreError):
    """The database does not do what is asked."""


class BackupUnfit(StoreError):
    """What should be restored is not whole, not of this hall, or of a later version."""
