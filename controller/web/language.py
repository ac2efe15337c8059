"""The two languages: which one somebody reads, and the catalogue of everything the pages say."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from contract.values import Text
from controller.kinds import name_of

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
COOKIE = "lang"


@cache
def catalogue() -> Mapping[str, Text]:
    """words.toml with dotted keys, such as `window.next`."""
    raw = tomllib.loads((files("controller.web") / "words.toml").read_text(encoding="utf-8"))
    return {f"{part}.{key}": msgspec.convert(text, Text) for part, words in raw.items() for key, text in words.items()}


def word(language: Language, key: str, **values: object) -> str:
    """The catalogue's words for `key` in `language`, with `{…}` filled in."""
    return catalogue()[key].within(language).format(**values)


def kind_word(language: Language, kind: str) -> str:
    """What a kind of device is called, such as `kiosk`."""
    return name_of(kind).within(language)


def other(language: Language) -> Language:
    """The language that the switch offers."""
    return "en" if language == "zh" else "zh"


def choose(asked: str | None, remembered: str | None, accepted: str) -> Language:
    """The language by `?lang=`, else by cookie, else by Accept-Language; Chinese when nothing says otherwise."""
    return _known(asked) or _known(remembered) or _accepted(accepted) or "zh"


def _known(tag: str | None) -> Language | None:
    start = (tag or "").strip().lower().partition("-")[0]
    return next((language for language in LANGUAGES if language == start), None)


def _accepted(header: str) -> Language | None:
    wishes = [_wish(part) for part in header.split(",")[:20]]
    for quality, tag in sorted(wishes, key=lambda wish: -wish[0]):
        if quality > 0 and (language := _known(tag)):
            return language
    return None


def _wish(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";q=")
    try:
        return (float(quality) if quality else 1.0), tag
    except ValueError:
        return 0.0, tag
