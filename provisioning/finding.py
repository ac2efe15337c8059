"""A finding of the doctor: what was looked at, how it is, and what a hand should do."""

from enum import StrEnum

from contract.values import Text, Value


class How(StrEnum):
    """How something is."""

    WELL = "well"
    LOOK = "look"
    """It works, and somebody should look at it."""
    ILL = "ill"
    UNKNOWN = "unknown"
    """It cannot be told on this machine."""


class Finding(Value, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    how: How
    what: Text
    touch: Text | None = None


def well(name: str, zh: str, en: str) -> Finding:
    """It is as it should be."""
    return Finding(name=name, how=How.WELL, what=Text(zh=zh, en=en))


def unknown(name: str, zh: str, en: str) -> Finding:
    """It cannot be told here."""
    return Finding(name=name, how=How.UNKNOWN, what=Text(zh=zh, en=en))


def look(name: str, what: tuple[str, str], touch: tuple[str, str]) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(name=name, how=How.LOOK, what=Text(zh=what[0], en=what[1]), touch=Text(zh=touch[0], en=touch[1]))


def ill(name: str, what: tuple[str, str], touch: tuple[str, str]) -> Finding:
    """It does not work."""
    return Finding(name=name, how=How.ILL, what=Text(zh=what[0], en=what[1]), touch=Text(zh=touch[0], en=touch[1]))
