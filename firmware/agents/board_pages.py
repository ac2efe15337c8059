"""What a board knows, as pages: calls one by one or in rows, notices and other texts, each in every language."""

from collections.abc import Container, Iterable, Sequence
from functools import lru_cache

from contract.calling import Call, CallLine
from contract.values import Number, Text, Token
from firmware.agents.board_paging import most, paged
from firmware.agents.board_sheet import Sheet
from firmware.agents.board_turns import Page
from firmware.agents.board_words import NOTHING, Measure, fitting


class Pages:
    """Makes the pages of one board."""

    def __init__(self, sheet: Sheet, measure: Measure) -> None:
        """`measure` gives a text's width in the unit of the sheet's."""
        self._sheet, self._measure = sheet, measure
        layout = sheet.layout
        self.ticks = layout.ticker and sheet.rows >= 3
        """Whether the lowest row is for notices."""
        self.rows = sheet.rows - self.ticks if layout.together else 1
        """How many calls stand together."""
        self._forms = sheet.words.alone if layout.calls == "window" else sheet.words.listed
        # A row among others has the height of one; what stands alone may be as large as the board.
        self._room = sheet.width if self.rows > 1 else sheet.width // sheet.largest
        self._alone = sheet.width // sheet.largest
        self._worded = lru_cache(maxsize=128)(self._word)

    def of_calls(
        self, calls: Sequence[Call | CallLine], ticker: Sequence[Text] = (), waiting: Container[Token] = ()
    ) -> list[Page]:
        """The calls in their order, as many together as there are rows for them; below them each text of the ticker in turn.

        Where older calls have no turn, those that are still `waiting` to be shown have one.
        """
        groups = [calls[start : start + self.rows] for start in range(0, len(calls), self.rows)]
        older = self._sheet.layout.older
        shown = [group for at, group in enumerate(groups) if older or not at or any(token(call) in waiting for call in group)]
        return [page for group in shown for language in self._sheet.languages for page in self._told(group, language, ticker)]

    def newest(self, calls: Sequence[Call | CallLine], ticker: Sequence[Text] = ()) -> Page:
        """The page of calls that stands first; the others need not be worked out before it can be read."""
        language = next(iter(self._sheet.languages))
        return self._told(calls[: self.rows], language, ticker[:1])[0]

    def of_texts(self, texts: Iterable[Text]) -> list[Page]:
        """The texts, each on its own."""
        if not self._sheet.words.texts:
            return []
        return [page for text in texts for language in self._sheet.languages for page in self._text(text.within(language))]

    def of_desk(self) -> list[Page]:
        """What stands when nobody knows who is called."""
        desk, languages = self._sheet.words.desk, self._sheet.languages
        return [page for language in languages for page in self._text(fitting(desk(language), self._alone, self._measure))]

    def _text(self, text: str) -> list[Page]:
        sheet = self._sheet
        if not sheet.layout.wraps and (sheet.scroll is not None or self._measure(text) <= sheet.width):
            return [Page((text,))]
        # A short text of a board of pixels stands large and alone.
        if self._measure(text) <= self._alone:
            return [Page((text,))]
        return [Page(lines) for lines in paged(text, sheet.width, sheet.rows, self._measure, sheet.sign)]

    def _told(self, calls: Sequence[Call | CallLine], language: str, ticker: Sequence[Text]) -> list[Page]:
        texts = [self._worded(call.number, call.window_name, language) for call in calls]
        tokens = tuple([token(call) for call, text in zip(calls, texts, strict=True) if text != NOTHING])
        if not self.ticks or not ticker:
            return self._turned(Page(tuple(texts), tokens))
        texts += [""] * (self.rows - len(texts))
        pages = (Page((*texts, text.within(language)), tokens) for text in ticker)
        return [turned for page in pages for turned in self._turned(page)]

    def _turned(self, page: Page) -> list[Page]:
        """Where nothing moves, rows wider than the board in pieces, one page after the other."""
        sheet = self._sheet
        if sheet.scroll is not None or all(self._measure(text) <= sheet.width for text in page.texts):
            return [page]
        pieces = [[lines[0] for lines in paged(text, sheet.width, 1, self._measure, sheet.sign)] for text in page.texts]
        return [Page(tuple([row[min(n, len(row) - 1)] for row in pieces]), page.calls) for n in range(most(pieces))]

    def _word(self, number: Number, window: Text, language: str) -> str:
        return fitting(self._forms(number, window, language), self._room, self._measure)


def token(call: Call | CallLine) -> Token:
    """The call's id, whichever message told of it."""
    return call.id if isinstance(call, Call) else call.call
