"""What a board knows, as pages: calls one by one or in rows, notices and other texts, each in every language."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from contract.calling import Call, CallLine
from contract.values import Number, Text, Token
from devices.lettering import SIZE
from firmware.agents.board_turns import Page
from firmware.agents.board_words import Measure, desk, fitting, listed, strip
from firmware.config import BoardConfig


class Pages:
    """Makes the pages of one board."""

    def __init__(self, config: BoardConfig, measure: Measure) -> None:
        """`measure` gives a text's width at 16 px."""
        self._languages = config.languages
        self._forms = strip if config.layout == "window" else listed
        self._measure = measure
        rows = max(1, config.height // SIZE)
        self.rows = 1 if config.layout == "window" else rows
        """How many calls stand together."""
        # A row among others has the height of one; what stands alone may be as large as the board.
        self._room = config.width // (rows // self.rows)
        self._alone = config.width // rows
        self._worded = lru_cache(maxsize=128)(self._word)

    def of_calls(self, calls: Sequence[Call | CallLine]) -> list[Page]:
        """The calls in their order, as many together as there are rows."""
        groups = [calls[start : start + self.rows] for start in range(0, len(calls), self.rows)]
        return [self._page(group, language) for group in groups for language in self._languages]

    def newest(self, calls: Sequence[Call | CallLine]) -> Page:
        """The page of calls that stands first; the others need not be worked out before it can be read."""
        return self._page(calls[: self.rows], self._languages[0])

    def of_texts(self, texts: Iterable[Text]) -> list[Page]:
        """The texts, each on its own."""
        return [Page((text.within(language),)) for text in texts for language in self._languages]

    def of_desk(self) -> list[Page]:
        """What stands when nobody knows who is called."""
        return [Page((fitting(desk(language), self._alone, self._measure),)) for language in self._languages]

    def _page(self, calls: Sequence[Call | CallLine], language: str) -> Page:
        texts = tuple([self._worded(call.number, call.window_name, language) for call in calls])
        return Page(texts, tuple(map(token, calls)))

    def _word(self, number: Number, window: Text, language: str) -> str:
        return fitting(self._forms(number, window, language), self._room, self._measure)


def token(call: Call | CallLine) -> Token:
    """The call's id, whichever message told of it."""
    return call.id if isinstance(call, Call) else call.call
