"""A template: the form of its file, and what is wrong with one. Parts with named fields; `devices/templates` holds those we ship.

TemplateProblem
├── NoTemplate    there is none of that name
├── BadTemplate   the file cannot be used
└── BadFields     what was given to be filled in does not fit
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated

from msgspec import Meta

from contract.commands import FieldName
from contract.settings import BadSettings, Settings, parse
from contract.values import Text
from devices.receipt_blocks import Align
from devices.receipt_place import at_line

Given = str | Text | tuple[str | Text, ...]
"""What a field is filled with: a text, one in both languages, or a list of either."""

Size = Annotated[int, Meta(ge=1, le=8)]
Dots = Annotated[int, Meta(ge=0, le=255)]

ALWAYS = ("hall", "slip", "at", "date", "time", "device")
"""Fields that every template may name: the hall, the slip's number, the moment in three forms, the printing device."""


class TemplateProblem(Exception):
    """Base of what can be wrong with a template or its use; the text names template and field."""


class NoTemplate(TemplateProblem):
    """There is none of that name."""


class BadTemplate(TemplateProblem):
    """The file cannot be used."""


class BadFields(TemplateProblem):
    """A field is missing, or is none of the template's."""


class FieldForm(Settings, frozen=True, kw_only=True):
    """One field: its name for people, and an example of what may stand there."""

    zh: str
    en: str
    sample: Given
    optional: bool = False
    personal: bool = False
    """A person stands there: in lists and logs it is masked."""


class Part(Settings, frozen=True, kw_only=True, tag_field="kind"):
    """Base of parts. With `when` it is printed only if that field is given; with `unless` only if it is not."""

    when: FieldName | None = None
    unless: FieldName | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in which fields stand in braces."""
        return ()


class LinePart(Part, frozen=True, kw_only=True, tag="line"):
    """A text: `text` for all languages, or `zh` and `en`. The first language printed has size and weight, the other is plain."""

    text: str = ""
    zh: str = ""
    en: str = ""
    size: Size = 1
    large: Size | None = None
    """Size in large print; as `size` when it is left out."""
    fit: bool = False
    """As large as `size` and no larger than fits one line."""
    align: Align = "center"
    bold: bool = False
    inverted: bool = False
    gap: Dots | None = None
    """Dots between the languages; twice the size when it is left out."""
    after: Dots = 0

    def __post_init__(self) -> None:
        if bool(self.text) == bool(self.zh or self.en):
            raise ValueError("a line has either `text`, or `zh` and `en`")

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text, self.zh, self.en)


class FieldPart(Part, frozen=True, kw_only=True, tag="field"):
    """A field with its name above it."""

    field: FieldName
    size: Size = 1
    large: Size | None = None
    after: Dots = 8


class ListPart(Part, frozen=True, kw_only=True, tag="list"):
    """A field that is a list, one below the other, numbered or as they are, with the field's name above it when `named`."""

    field: FieldName
    numbered: bool = True
    named: bool = False
    size: Size = 1
    large: Size | None = None
    after: Dots = 8


class QrPart(Part, frozen=True, kw_only=True, tag="qr"):
    """A QR code of a text with fields."""

    text: str
    after: Dots = 8

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


class RulePart(Part, frozen=True, kw_only=True, tag="rule"):
    """A line across the paper."""


class SpacePart(Part, frozen=True, kw_only=True, tag="space"):
    """Empty paper, in dots of 1/8 mm."""

    dots: Dots


class LogoPart(Part, frozen=True, kw_only=True, tag="logo"):
    """The hall's logo, where one is set."""

    after: Dots = 8


class ReprintPart(Part, frozen=True, kw_only=True, tag="reprint"):
    """Where the mark 补打 stands on a reprint; without this part it stands at the top. It stands at the end in any case."""


AnyPart = LinePart | FieldPart | ListPart | QrPart | RulePart | SpacePart | LogoPart | ReprintPart


class TemplateFile(Settings, frozen=True, kw_only=True):
    """The whole of a template's file."""

    name: Text
    by_kiosk: bool = False
    """Filled in by the kiosk itself: another folder's template of this name has the same fields, and need not list them."""
    fields: dict[FieldName, FieldForm] = {}
    part: Annotated[tuple[AnyPart, ...], Meta(min_length=1)]


class Template:
    """A template that has been checked."""

    def __init__(self, id: str, file: TemplateFile, over: "Template | None" = None) -> None:  # noqa: A002 - called so everywhere
        """`over`: the template whose place it takes. Raises `BadTemplate` when a part names a field that is none."""
        self.id, self.name, self.by_kiosk, self.fields, self.parts = id, file.name, file.by_kiosk, file.fields, file.part
        if over is not None and over.by_kiosk:
            self._inherit(over)
        if taken := [name for name in self.fields if name in ALWAYS]:
            raise BadTemplate(f"template `{id}`: `{taken[0]}` is always there; give the field another name")
        known = (*self.fields, *ALWAYS)
        for number, part in enumerate(file.part, 1):
            for field in self._named(number, part):
                if field not in known:
                    raise BadTemplate(f"template `{id}`: part {number} names `{{{field}}}`, {_no_field(field, known)}")

    @property
    def numbered(self) -> bool:
        """Whether a part prints the slip's number."""
        return any(field == "slip" for number, part in enumerate(self.parts, 1) for field in self._named(number, part))

    @property
    def is_ticket(self) -> bool:
        """Whether it is a ticket, which bears its own number, whoever fills it in."""
        return self.by_kiosk and "number" in self.fields

    def check(self, given: Iterable[str]) -> None:
        """Raises `BadFields` for a name that is no field, and for a field that is missing."""
        given = list(given)
        for name in given:
            if name not in self.fields:
                raise BadFields(f"template `{self.id}`: `{name}` is given, {_no_field(name, self.fields)}")
        missing = [name for name, form in self.fields.items() if not form.optional and name not in given]
        if missing:
            what = ", ".join(f"`{name}` ({self.fields[name].zh} {self.fields[name].en})" for name in missing)
            raise BadFields(f"template `{self.id}`: missing: {what}")

    def _inherit(self, over: "Template") -> None:
        """A kiosk fills in what it knows, and nothing else."""
        if more := [name for name in self.fields if name not in over.fields]:
            has = ", ".join(over.fields) or "none"
            raise BadTemplate(f"template `{self.id}`: the kiosk has no `{more[0]}` to fill in; it has {has}")
        self.by_kiosk, self.fields = True, over.fields

    def _named(self, number: int, part: AnyPart) -> Iterator[str]:
        yield from (name for name in (part.when, part.unless) if name is not None)
        if isinstance(part, FieldPart | ListPart):
            if part.field not in self.fields:
                raise BadTemplate(
                    f"template `{self.id}`: part {number} shows `{part.field}`, {_no_field(part.field, self.fields)}"
                )
            yield part.field
        try:
            yield from (name for text in part.texts for name in names(text))
        except ValueError as error:
            raise BadTemplate(f"template `{self.id}`: part {number}: {error}; a brace itself is written {{{{ or }}}}") from error


def names(text: str) -> Iterator[str]:
    """The fields that stand in braces in a text. Raises `ValueError` for a brace without its other half."""
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            if form or conversion or not name.isidentifier():
                raise ValueError(f"`{{{name}}}` must be a field's name alone")
            yield name


def load(path: Path, over: Template | None = None) -> Template:
    """Read a template's file, whose name is the template's; it may stand `over` another. Raises `BadTemplate`."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' Notepad puts a mark in front
    except (OSError, UnicodeDecodeError) as error:
        raise BadTemplate(f"{path}: cannot be read as UTF-8: {error}") from error
    try:
        return Template(path.stem, parse(text, TemplateFile, name=path.name), over)
    except BadSettings as error:
        raise BadTemplate(f"{error}{at_line(text, str(error))}") from error
    except BadTemplate as error:
        raise BadTemplate(f"{path.name}: {error}{at_line(text, str(error))}") from error


def _no_field(name: str, known: Iterable[str]) -> str:
    import difflib  # a node whose templates are right does not carry it

    known = list(known)
    close = difflib.get_close_matches(name, known, 1)
    return "which is no field" + (f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(known) or 'none'}")
