"""Masking: what may be read of a name, of where somebody is reached, and of an identity number where others can see it. Pure.

A hall calls numbers and not names, so no topic, ticket, call or announcement has a place for one. Where a text of a person's
comes through all the same (a slip's field, where a reminder goes, a notice that somebody typed), these rules are applied before
anybody else reads it: on boards, in lists, in the audit log. A slip itself is handed to the person whom it names.
"""

import re

STAR = "*"
_IDENTITY = re.compile(r"(?<![0-9])([1-9][0-9]{2})[0-9]{3}(?:19|20)[0-9]{9}([0-9Xx])(?![0-9Xx])")
"""A resident identity number: six digits of the place, the day of birth, four more of which the last may be X."""
_HANZI = re.compile("[\u3400-\u9fff\uf900-\ufaff·]+")


def mask_name(name: str) -> str:
    """A name as it may stand where others read it: 张三 becomes 张*, 张小三 张*三, 欧阳小三 欧**三, John Smith J*** S****."""
    words = name.split()
    whole = "".join(words)
    return _hanzi(whole) if _HANZI.fullmatch(whole) else " ".join(_latin(word) for word in words)


def _hanzi(name: str) -> str:
    if len(name) < 3:
        return name[:1] + STAR * (len(name) - 1 or 1)
    return name[0] + STAR * (len(name) - 2) + name[-1]


def _latin(word: str) -> str:
    return word[0] + STAR * max(len(word) - 1, 1)


def mask_contact(contact: str) -> str:
    """Where somebody is reached, so that it is known again and cannot be used: 13812345678 becomes 138****5678."""
    kept = (3, 4) if len(contact) >= 11 else (1, 1) if len(contact) >= 6 else (0, 0)
    first, last = contact[: kept[0]], contact[len(contact) - kept[1] :]
    return first + STAR * (len(contact) - sum(kept)) + last


def without_identity_numbers(text: str) -> str:
    """A text in which no resident identity number can be read; everything else stays."""
    return _IDENTITY.sub(lambda found: f"{found[1]}{STAR * 14}{found[2]}", text)
