"""Slip forms: the templates that staff may fill in, as the controller knows them, and whether something fits one. Pure."""

from collections.abc import Mapping

from contract.commands import FieldValue
from contract.masking import mask_name
from contract.values import Text
from controller.queue.refusals import Refusal
from controller.queue.values import Frozen


class SlipField(Frozen, frozen=True, kw_only=True):
    """One field: its name for people, and what its template shows as an example."""

    name: Text
    sample: FieldValue = ""
    optional: bool = False
    personal: bool = False
    """A person stands there: masked wherever the slip is only listed."""

    @property
    def many(self) -> bool:
        """Whether it is filled with a list."""
        return isinstance(self.sample, tuple)


class SlipForm(Frozen, frozen=True, kw_only=True):
    """One template."""

    template: str
    name: Text
    fields: Mapping[str, SlipField] = {}

    def check(self, given: Mapping[str, FieldValue]) -> Refusal | None:
        """Why it cannot be filled in so; None when it can."""
        for name in given:
            if name not in self.fields:
                return Refusal("unknown-field", Text(zh=f"该凭证没有“{name}”一栏", en=f"this slip has no field `{name}`"))
        for name, field in self.fields.items():
            if not field.optional and not _is_given(given.get(name, "")):
                return Refusal("missing-field", Text(zh=f"请填写：{field.name.zh}", en=f"please fill in: {field.name.en}"))
        return None

    def about(self, fields: Mapping[str, FieldValue]) -> str:
        """Whom a slip is about, masked, for whoever reads it in a list; empty where its form names nobody."""
        return "、".join(
            mask_name(text) for name, field in self.fields.items() if field.personal for text in _texts(fields.get(name, ""))
        )


def _texts(value: FieldValue) -> tuple[str, ...]:
    parts = value if isinstance(value, tuple) else (value,)
    return tuple(text for part in parts if (text := (part if isinstance(part, str) else part.zh).strip()))


def _is_given(value: FieldValue) -> bool:
    if isinstance(value, Text):
        return bool(value.zh.strip() or value.en.strip())
    return bool(value.strip()) if isinstance(value, str) else any(_is_given(part) for part in value)


Forms = Mapping[str, SlipForm]
"""Template to its form."""


def unknown_template(template: str, forms: Forms) -> Refusal:
    """There is none of that name."""
    known = ", ".join(forms) or "-"
    return Refusal(
        "unknown-template",
        Text(zh=f"没有凭证模板 {template}；有 {known}", en=f"there is no slip `{template}`; there are {known}"),
    )
