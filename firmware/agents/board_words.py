"""The words on a board: each text in several forms, the fullest one that fits is shown; boards without Chinese have their own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from contract.values import Number, Text

Measure = Callable[[str], int]
"""Width of a text at 16 px in pixels, or in cells."""
Forms = Callable[[Number, Text, str], Iterator[str]]
"""The forms of a call: number, window, language."""

NOTHING = "---"
"""On a board of digits: there is no number, or none that fits."""

_STRIP = {
    "zh": ("请{number}号到{window}", "请{number}到{window}", "请{number}号办理", "请{number}", "{number}"),
    "en": ("{number}, please come to {window}", "{number}: come to {window}", "{number} to {window}", "Now {number}", "{number}"),
}
_LIST = {
    "zh": ("请{number}号到{window}", "请{number}到{window}", "{number}→{window}"),
    "en": ("{number}, please go to {window}", "{number} to {window}", "{number}→{window}"),
}

ASK_AT_THE_DESK = (Text(zh="请到窗口咨询", en="Please ask at the desk"), Text(zh="请到窗口咨询", en="Ask at the desk"))
"""Instead of a number that may be stale; also short."""


def fitting(forms: Iterable[str], width: int, measure: Measure) -> str:
    """The first form that fits into `width`, else the last, which then scrolls."""
    form = ""
    for form in forms:
        if measure(form) <= width:
            break
    return form


def strip(number: Number, window: Text, language: str) -> Iterator[str]:
    """A call on the strip over its window; what it can do without goes first: everybody sees which window that is."""
    return _filled(_STRIP[language], number, window, language)


def listed(number: Number, window: Text, language: str) -> Iterator[str]:
    """A call among those of other windows: the window always stands there."""
    return _filled(_LIST[language], number, window, language)


def desk(language: str) -> list[str]:
    """What a board says that cannot know who is called."""
    return [text.within(language) for text in ASK_AT_THE_DESK]


class Words(NamedTuple):
    """What a board can say."""

    alone: Forms
    """A call on the strip over its window."""
    listed: Forms
    """A call among those of other windows."""
    desk: Callable[[str], list[str]]
    """That nobody knows who is called."""
    texts: bool = True
    """Whether it can show anything but numbers."""


def _plain(number: Number, window: Text, language: str) -> Iterator[str]:
    yield f"{number} to {window.en}"
    yield f"{number}>{_digits(window.en) or window.en}"


def _plain_alone(number: Number, window: Text, language: str) -> Iterator[str]:
    yield from _plain(number, window, language)
    yield number


def _number_alone(number: Number, window: Text, language: str) -> Iterator[str]:
    yield _digits(number)
    yield NOTHING


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


HANZI = Words(strip, listed, desk)
PLAIN = Words(_plain_alone, _plain, lambda language: ["Please ask at the desk", "Ask at the desk", "Ask desk"])
DIGITS = Words(_number_alone, _number_alone, lambda language: [NOTHING], texts=False)


def _filled(forms: Sequence[str], number: Number, window: Text, language: str) -> Iterator[str]:
    name = window.within(language)
    return (form.format(number=number, window=name) for form in forms)
