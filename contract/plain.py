"""Texts of others made plain: nothing in them moves the cursor, begins a line or turns the direction of writing."""

import unicodedata

LONGEST = 500
"""Of a longer text the rest is left out."""


def plain(text: object) -> str:
    """The text for one line of a log: control and format characters, line ends and halves of pairs are spelled out."""
    said = str(text)
    cut = said[:LONGEST] + "…" if len(said) > LONGEST else said
    return "".join(_spelled(one) if unicodedata.category(one) in _SPELLED else one for one in cut)


_SPELLED = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
