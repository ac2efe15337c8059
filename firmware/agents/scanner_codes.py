"""Codes of the hall: which of the things that people hold before a scanner are its own, and what they say.

Everything else stays here: an identity card, a health code or a payment code is nobody's business but its owner's.
"""

import re
from typing import Literal

import msgspec

Kind = Literal["ticket", "number", "appointment"]

_TOKEN = "[A-Za-z0-9_-]{8,64}"  # noqa: S105  a pattern, not a password
_PAGE = re.compile(rf"https?://[^\s/]+(?:/[^\s?#]*)?/(?P<page>[ta])/(?P<token>{_TOKEN})/?")
_APPOINTMENT = re.compile(rf"appointment:(?P<token>{_TOKEN})")
_CODE = re.compile("[0-9]{8}")
_NUMBER = re.compile("[A-Z]{0,2}[0-9]{3,4}")
_TICKET = re.compile("[0-9a-f]{16}")
_PAGES: dict[str, Kind] = {"t": "ticket", "a": "appointment"}


class Code(msgspec.Struct, frozen=True):
    """One of the hall's own codes."""

    kind: Kind
    code: str


def read(text: str) -> Code | None:
    """What a code says; None when it is none of the hall's.

    A ticket's QR code is the link to its page or its id alone, sixteen letters and digits; of digits alone it could be the
    number of a card and is not taken. Eight digits are an appointment's code.
    """
    if found := _PAGE.fullmatch(text):
        return Code(_PAGES[found["page"]], found["token"])
    if found := _APPOINTMENT.fullmatch(text):
        return Code("appointment", found["token"])
    if _CODE.fullmatch(text):
        return Code("appointment", text)
    if _NUMBER.fullmatch(text):
        return Code("number", text)
    if _TICKET.fullmatch(text) and not text.isdigit():
        return Code("ticket", text)
    return None
