"""A filled-in template laid out: its parts become blocks, in the languages, the size and with the logo of one printer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import repeat

import msgspec

from contract.values import Text
from devices.receipt_blocks import Align, Block, Cut, Line, Picture, Qr, Rule, Space
from devices.receipt_template import (
    AnyPart,
    FieldForm,
    FieldPart,
    Given,
    LinePart,
    ListPart,
    LogoPart,
    QrPart,
    ReprintPart,
    RulePart,
    SpacePart,
    Template,
)
from devices.receipt_text import cells, wrap

REPRINT = Text(zh="补打", en="REPRINT")
COMMA = {"zh": "、", "en": ", "}


class Look(msgspec.Struct, frozen=True):
    """How one printer prints all its receipts."""

    columns: int
    """Cells of a line at single size."""
    languages: tuple[str, ...] = ("zh", "en")
    """The first one is printed large, where a part says so."""
    large: bool = False
    logo: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class Filling:
    """What is filled into a template."""

    fields: Mapping[str, Given]
    hall: Text
    at: datetime
    """Aware, in the hall's time zone."""
    slip: str = ""
    """Its number; printed at the foot when the template does not print it."""
    device: str = ""
    reprint: bool = False
    large: bool = False

    @cached_property
    def all(self) -> dict[str, Given]:
        """The given fields and those that are always there; an empty one counts as not given."""
        always: dict[str, Given] = {
            "hall": self.hall,
            "slip": self.slip,
            "device": self.device,
            "at": f"{self.at:%Y-%m-%d %H:%M:%S}",
            "date": f"{self.at:%Y-%m-%d}",
            "time": f"{self.at:%H:%M}",
        }
        return {name: value for name, value in (always | dict(self.fields)).items() if _is_given(value)}


def lay_out(template: Template, filling: Filling, look: Look) -> tuple[Block, ...]:
    """The blocks of one receipt, the cut at its end included. Raises `BadFields`."""
    template.check(filling.fields)
    sheet = _Sheet(template, filling, look)
    return (*sheet.blocks(), Cut())


class _Sheet:
    """One template being filled in."""

    def __init__(self, template: Template, filling: Filling, look: Look) -> None:
        self._template, self._filling, self._look = template, filling, look
        self._large = filling.large or look.large

    def blocks(self) -> Iterator[Block]:
        if not any(isinstance(part, ReprintPart) for part in self._template.parts):
            yield from self._reprint()
        for part in self._template.parts:
            if self._wanted(part):
                yield from self._part(part)
        if self._filling.slip and not self._template.numbered and not self._template.is_ticket:
            yield Line(f"No. {self._filling.slip}", align="center")
        # The roll may end in the middle of a receipt: whichever half bears the number says that it is a reprint.
        yield from self._reprint()

    def _wanted(self, part: AnyPart) -> bool:
        given = self._filling.all
        return (part.when is None or part.when in given) and (part.unless is None or part.unless not in given)

    def _part(self, part: AnyPart) -> Iterable[Block]:
        match part:
            case LinePart():
                return self._line(part)
            case FieldPart():
                return self._field(part)
            case ListPart():
                return self._list(part)
            case QrPart():
                return self._qr(part)
            case RulePart():
                return (Rule(),)
            case SpacePart():
                return (Space(part.dots),)
            case LogoPart():
                return (self._look.logo, Space(part.after)) if self._look.logo is not None else ()
            case ReprintPart():
                return self._reprint()

    def _line(self, part: LinePart) -> Iterator[Block]:
        size = self._size(part)
        texts = [self._said(part.text, self._look.languages[0])] if part.text else self._in_each(part)
        texts = list(dict.fromkeys(text for text in texts if text))
        for number, text in enumerate(texts):
            if number:
                yield from _space(2 * size if part.gap is None else part.gap)
                yield Line(text, align=part.align)
                continue
            fit = self._fitting(text, size) if part.fit else size
            yield Line(text, fit, fit, part.align, bold=part.bold, inverted=part.inverted)
        if texts:
            yield from _space(part.after)

    def _in_each(self, part: LinePart) -> list[str]:
        spoken = {"zh": part.zh, "en": part.en}
        return [self._said(spoken[language], language) for language in self._look.languages]

    def _field(self, part: FieldPart) -> Iterator[Block]:
        value, form = self._filling.all.get(part.field), self._template.fields[part.field]
        if value is None:
            return
        yield self._label(form)
        yield from self._values([value] if isinstance(value, str | Text) else value, self._size(part), repeat("  "))
        yield from _space(part.after)

    def _list(self, part: ListPart) -> Iterator[Block]:
        value, form = self._filling.all.get(part.field), self._template.fields[part.field]
        if value is None:
            return
        if part.named:
            yield self._label(form)
        values = [value] if isinstance(value, str | Text) else value
        heads = [f"{number}. " for number in range(1, len(values) + 1)] if part.numbered else [""] * len(values)
        yield from self._values(values, self._size(part), heads)
        yield from _space(part.after)

    def _label(self, form: FieldForm) -> Line:
        return Line(" ".join(Text(zh=form.zh, en=form.en).within(language) for language in self._look.languages))

    def _values(self, values: Iterable[str | Text], size: int, heads: Iterable[str]) -> Iterator[Block]:
        """Texts behind their heads, the lines that follow indented as far, the second language plain."""
        for value, head in zip(values, heads, strict=False):
            for number, text in enumerate(dict.fromkeys(_within(value, language) for language in self._look.languages)):
                if text and not number:
                    yield self._hanging(head, text, size, bold=bool(head))
                elif text:
                    yield self._hanging(" " * len(head) * size, text, 1)

    def _hanging(self, head: str, text: str, size: int, *, bold: bool = False) -> Line:
        room = max(2, self._look.columns // size - len(head))
        lines = wrap(text, room)
        rest = "".join(f"\n{' ' * len(head)}{line}" for line in lines[1:])
        return Line(head + lines[0] + rest, size, size, bold=bold)

    def _qr(self, part: QrPart) -> Iterator[Block]:
        if text := self._said(part.text, self._look.languages[0]):
            yield Space(8)
            yield Qr(text)
            yield from _space(part.after)

    def _reprint(self) -> Iterator[Block]:
        if self._filling.reprint:
            yield _mark(f"{REPRINT.zh} {REPRINT.en}")
            yield Space(16)

    def _said(self, text: str, language: str) -> str:
        """The text with its fields filled in; one that is not given leaves nothing behind."""
        return text.format_map(_Words(self._filling.all, language)) if "{" in text or "}" in text else text

    def _size(self, part: LinePart | FieldPart | ListPart) -> int:
        return part.large if self._large and part.large is not None else part.size

    def _fitting(self, text: str, size: int) -> int:
        """The largest size at which the text takes at most four fifths of the line."""
        return max(1, min(size, self._look.columns * 4 // 5 // max(1, cells(text))))


class _Words(dict[str, Given]):
    """Fields as words of one language."""

    def __init__(self, given: Mapping[str, Given], language: str) -> None:
        super().__init__(given)
        self._language = language

    def __getitem__(self, name: str) -> str:
        value = self.get(name, "")
        if isinstance(value, str | Text):
            return _within(value, self._language)
        return COMMA[self._language].join(_within(one, self._language) for one in value)


def _is_given(value: Given) -> bool:
    return bool(value.zh or value.en if isinstance(value, Text) else value)


def _within(value: str | Text, language: str) -> str:
    return value if isinstance(value, str) else value.within(language)


def _mark(text: str, align: Align = "center") -> Line:
    return Line(text, 2, 2, align, bold=True, inverted=True)


def _space(dots: int) -> Iterator[Block]:
    if dots:
        yield Space(dots)
