"""The boot: what names this start of the machine, within which monotonic seconds can be compared."""

import secrets
from functools import cache
from pathlib import Path


@cache
def boot_id() -> str:
    """The same in every process until the machine starts anew; where the system has no such name, the same in this process."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(8)
