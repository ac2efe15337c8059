"""The line of a template's file on which the part or the field stands that a message speaks of. Pure."""

import re

_PART = re.compile(r"`part\[(\d+)\]|\bpart (\d+)\b")
_FIELD = re.compile(r"`fields\.(\w+)")


def at_line(text: str, message: str) -> str:
    """How a message goes on, such as ` (at line 8)`; nothing where it names its line itself, or none can be told."""
    if "(at line" in message:
        return ""
    line = _line(text.splitlines(), message)
    return f" (at line {line})" if line else ""


def _line(lines: list[str], message: str) -> int | None:
    if (part := _PART.search(message)) is not None:
        heads = [number for number, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*part\s*\]\]", line)]
        nth = int(part[1]) if part[1] else int(part[2]) - 1
        return heads[nth] if nth < len(heads) else None
    if (field := _FIELD.search(message)) is not None:
        head = re.compile(rf"\s*\[\s*fields\.{field[1]}\s*\]")
        return next((number for number, line in enumerate(lines, 1) if head.match(line)), None)
    return None
