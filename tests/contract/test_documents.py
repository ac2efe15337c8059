"""The documents made from the table say what the table says, and strangers can read them."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest

from contract import documents
from contract.calling import Call
from contract.codec import encode
from contract.topics import TABLE
from contract.values import Text

ROOT = Path(__file__).parents[2]
NPM = ROOT / "tests" / "npm"


def test_the_topics_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "topics.md").read_text(encoding="utf-8") == documents.markdown(), "run `make docs`"


def test_the_asyncapi_file_is_up_to_date() -> None:
    stored = json.loads((ROOT / "docs" / "asyncapi.json").read_text(encoding="utf-8"))
    assert stored == documents.asyncapi(stored["info"]["version"]), "run `make docs`"


def test_every_row_has_a_channel_with_its_messages() -> None:
    channels = documents.asyncapi("1")["channels"]
    assert {row.name: {kind.__name__ for kind in row.types} for row in TABLE} == {
        name: set(channel["messages"]) for name, channel in channels.items()
    }


def test_a_real_message_meets_its_json_schema() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    call = Call(
        id="abcdefgh", at=now, not_after=now, ticket="abcdefgh", number="A012", window="w3",
        window_name=Text(zh="3号窗口", en="Window 3"), zone="east", times=1,
    )  # fmt: skip
    schema = {"$ref": "#/components/schemas/Call", "components": {"schemas": documents.schemas()}}
    jsonschema.Draft202012Validator(schema).validate(json.loads(encode(call)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(msgspec.to_builtins(call) | {"number": "none"})


def test_an_independent_parser_accepts_the_asyncapi_document() -> None:
    if shutil.which("node") is None and "CI" not in os.environ:
        pytest.skip("node is not installed: apt-get install nodejs npm")
    assert (NPM / "node_modules").is_dir(), "run `make setup`: the packages of tests/npm are not installed"
    done = subprocess.run(
        ["node", str(NPM / "asyncapi.mjs"), str(ROOT / "docs" / "asyncapi.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
