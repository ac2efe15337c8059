"""What is said of a call, in pieces of which each has a recording's name, and what people read of it."""

import re
from collections.abc import Iterator

from contract.calling import Call
from contract.values import Text
from devices.speech import Piece

_DIGITS = "零一二三四五六七八九"
_NUMBER = re.compile("[0-9]+")

TEST = Text(zh="语音测试，一，二，三", en="Sound test: one, two, three")


def of_call(call: Call, language: str) -> tuple[Piece, ...]:
    """A call, its number digit by digit as halls read it: 请 A 零 一 二 号，到 三号窗口."""
    please, number, to = _FRAMES[language]
    window = Piece(call.window, in_words(call.window_name.within(language), language))
    return (Piece("please", please), *_letters(call.number, language), Piece("number", number), Piece("to", to), window)


_FRAMES = {"zh": ("请", "号，", "到"), "en": ("Ticket", ",", "please go to")}


def of_text(text: Text, language: str) -> tuple[Piece, ...]:
    """A text that has no recording: a notice."""
    return (Piece("", in_words(text.within(language) or text.zh or text.en, language)),)


def shown(call: Call) -> Text:
    """A call as people read it."""
    return Text(
        zh=f"请 {call.number} 号到 {call.window_name.zh}"[:400],
        en=f"Ticket {call.number}, please go to {call.window_name.en}"[:400],
    )


def _letters(number: str, language: str) -> Iterator[Piece]:
    # The comma makes an English voice read the letter A, and not the article.
    for letter in number:
        if language == "zh":
            yield Piece(letter, _DIGITS[int(letter)] if letter.isdigit() else letter)
        else:
            yield Piece(letter, letter if letter.isdigit() else f"{letter},")


def in_words(text: str, language: str) -> str:
    """Chinese digits for a Chinese voice: 12号窗口 becomes 十二号窗口; longer numbers are read digit by digit."""
    return _NUMBER.sub(lambda found: _number(found[0]), text) if language == "zh" else text


def _number(digits: str) -> str:
    if len(digits) != 2 or digits[0] == "0":
        return "".join(_DIGITS[int(digit)] for digit in digits)
    tens, ones = (int(digit) for digit in digits)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
