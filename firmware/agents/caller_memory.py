"""What a window knows for itself, in a small file: a restarted node goes on by it, and gives nothing up that it said it had."""

import logging
from pathlib import Path

import msgspec
from msgspec.structs import replace

from firmware.agents.caller_away import Memory
from firmware.small_file import put

log = logging.getLogger(__name__)


def load(file: Path, boot: str) -> Memory:
    """What the file keeps; nothing when there is none or it is damaged. What was called before a power cut shows no more."""
    try:
        memory = msgspec.json.decode(file.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory(boot=boot)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        log.warning("%s cannot be read; without the controller this window calls nobody: %s", file, error)
        return Memory(boot=boot)
    if memory.boot == boot:
        return memory
    visit = None if memory.visit is None else replace(memory.visit, call=None, called=0.0)
    return replace(memory, boot=boot, visit=visit)


def save(file: Path, memory: Memory) -> None:
    """Replace the file as a whole; it is on the disk when this returns. Raises `OSError`."""
    put(file, msgspec.json.encode(memory))
