"""A small file that is replaced as a whole, and is on the disk then."""

import os
from pathlib import Path


def put(file: Path, content: bytes) -> None:
    """Replace the file; after a power cut there is the old one or the new one. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with draft.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
