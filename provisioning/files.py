"""Writing files that must be whole, and secrets that must never be open to others, not even for a moment."""

import os
from pathlib import Path

SECRET = 0o600
"""For its owner alone."""
PUBLIC = 0o644


def write(path: Path, text: str, mode: int = PUBLIC) -> None:
    """Put `text` in the place of `path` at once: whoever reads sees the old file or the new one, also after a power cut."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
