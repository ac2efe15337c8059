"""Every pattern of the contract takes in a whole text: nothing may hide behind its end, whoever reads the pattern."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest

from contract import documents
from contract.commands import FieldName
from contract.dispatch import CheckInCode, SlipNumber
from contract.scanning import ScannedCode
from contract.settings import TimeOfDay
from contract.values import Code, Id, Language, Number, Prefix, Token

WELL = {
    "Id": (Id, "window-3"),
    "Token": (Token, "Ab_-0123"),
    "Number": (Number, "A012"),
    "Language": (Language, "zh-CN"),
    "Code": (Code, "paper-out"),
    "Prefix": (Prefix, "A"),
    "TimeOfDay": (TimeOfDay, "09:30"),
    "FieldName": (FieldName, "case_number"),
    "CheckInCode": (CheckInCode, "12345678"),
    "ScannedCode": (ScannedCode, "A012"),
    "SlipNumber": (SlipNumber, "JJ-20261125-0007"),
}
HIDDEN = ("\n", "\n\n", "\r\n", " ", "\u2028", "\nx", "\x00")
"""What must not stand behind a text that is well by itself."""


@pytest.mark.parametrize("behind", HIDDEN, ids=ascii)
@pytest.mark.parametrize(("kind", "text"), WELL.values(), ids=WELL)
def test_nothing_hides_behind_the_end(kind: Any, text: str, behind: str) -> None:
    assert msgspec.json.decode(json.dumps(text), type=kind) == text
    with pytest.raises(msgspec.ValidationError, match="matching regex"):
        msgspec.json.decode(json.dumps(text + behind), type=kind)


@pytest.mark.parametrize("behind", HIDDEN, ids=ascii)
@pytest.mark.parametrize(("kind", "text"), WELL.values(), ids=WELL)
def test_the_json_schema_says_the_same(kind: Any, text: str, behind: str) -> None:
    schema = jsonschema.Draft202012Validator(msgspec.json.schema(kind))
    assert schema.is_valid(text)
    assert not schema.is_valid(text + behind)


def test_a_reader_of_ecma_says_the_same() -> None:
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed: apt-get install nodejs")
    asked = [
        (msgspec.json.schema(kind)["pattern"], [text, *(text + behind for behind in HIDDEN)]) for kind, text in WELL.values()
    ]
    look = (
        "const asked = JSON.parse(require('fs').readFileSync(0));"
        "console.log(JSON.stringify(asked.map(([p, texts]) => texts.map(t => new RegExp(p, 'u').test(t)))))"
    )
    done = subprocess.run([node, "-e", look], input=json.dumps(asked), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[True, *([False] * len(HIDDEN))]] * len(WELL)


def test_no_message_has_a_pattern_with_a_loose_end() -> None:
    assert set(_patterns(documents.schemas())) <= {msgspec.json.schema(kind)["pattern"] for kind, _ in WELL.values()}


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        for inner in schema.values():
            yield from _patterns(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _patterns(inner)
