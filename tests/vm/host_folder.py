"""A folder of this host, seen in the machine."""

from pathlib import Path


def seen(folder: Path | str, at: str) -> str:
    """The shell command that makes it so.

    Bookworm's `mount` hands over all options as one text, which hostfs (since Linux 6.12) takes for a path; Trixie's one by one.
    """
    mount = "mount -t hostfs -o"
    return f"mkdir -p {at} && {{ {mount} hostfs={folder} none {at} 2>/dev/null || {mount} {folder} none {at}; }}"
