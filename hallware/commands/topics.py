"""`hallware topics`: the contract as a readable table, as Markdown, as JSON Schemas or as an AsyncAPI document."""

import argparse
import importlib.metadata
import json
import unicodedata
from collections.abc import Callable

from contract import documents
from contract.topics import ROOT, TABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The forms."""
    parser.add_argument(
        "--as", dest="form", choices=("table", "markdown", "schemas", "asyncapi"), default="table", help="the form"
    )


def run(args: argparse.Namespace) -> int:
    """Print the contract."""
    print(_FORMS[args.form]())
    return 0


def _table() -> str:
    rows = [documents.HEADINGS[:7], *(documents.columns(row)[:7] for row in TABLE)]
    widths = [max(_cells(row[i]) for row in rows) for i in range(7)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    meanings = [f"{row.name:18} {row.meaning.zh} · {row.meaning.en}" for row in TABLE]
    return "\n".join([f"All topics begin with {ROOT}/{{hall}}/", "", *lines, "", *meanings])


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _markdown() -> str:
    return documents.markdown().rstrip("\n")


def _schemas() -> str:
    return _json(documents.schemas())


def _asyncapi() -> str:
    return _json(documents.asyncapi(importlib.metadata.version("hallware")))


_FORMS: dict[str, Callable[[], str]] = {
    "table": _table,
    "markdown": _markdown,
    "schemas": _schemas,
    "asyncapi": _asyncapi,
}
