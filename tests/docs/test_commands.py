"""Every whole command that the documents show is one that `hallware` takes, and every command of `hallware` is named."""

import argparse
import contextlib
import importlib
import io
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hallware.main import ROWS

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "README.zh-CN.md", *ROOT.glob("docs/**/*.md")])
SPOKEN_OF = {"hands", "test", "print", "card", "show"}
"""The last words of commands that a sentence names without what they take: `hallware sim hands`."""


@cache
def parser(command: str) -> argparse.ArgumentParser:
    """What reads the words behind `hallware COMMAND`."""
    (module,) = (row.module for row in ROWS if row.name == command)
    found = argparse.ArgumentParser(prog=f"hallware {command}")
    importlib.import_module(module).add_arguments(found)
    return found


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command of the page, in blocks and in sentences."""
    for line in re.findall(r"(?:^|`|sudo |/bin/)hallware ([a-z][^`\n]*)", page.read_text(encoding="utf-8"), re.MULTILINE):
        if "…" not in line:
            yield shlex.split(re.sub(r" +#.*", "", line))


def refused(words: list[str]) -> str:
    """What `hallware` says against a command; nothing when it takes it, or when it is only spoken of."""
    if not words[1:] or words[-1] in SPOKEN_OF:
        return ""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        parser(words[0]).parse_args(words[1:])
    return said.getvalue()


NAMED = [words for page in PAGES for words in commands(page)]


def test_every_command_of_the_documents_is_one_that_hallware_takes() -> None:
    assert [(words, said) for words in NAMED if (said := refused(words))] == []


def test_every_command_is_named() -> None:
    assert {row.name for row in ROWS} - {words[0] for words in NAMED} == set()
