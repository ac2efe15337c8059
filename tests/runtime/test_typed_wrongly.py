"""Whatever is typed and wherever it is printed, `hallware` answers in words that say what to do, never with a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hallware.commands.typed import host_port
from hallware.main import main

ASKS = """import sys
from hallware.commands.typed import secret
from hallware.main import UsageProblem
try:
    secret("passphrase: ")
except UsageProblem as problem:
    sys.exit(str(problem))
"""
AT = ("--hall", "centre", "--broker", "127.0.0.1:1")
WITHOUT = "import sys; sys.modules['gpiozero'] = None; from hallware.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rehearse", "--day", "tomorrow"], "write one such as 2026-05-01"),
        (["rehearse", "--day", "9999-12-31"], "outside of 2001 to 2198"),
        (["broker-guard", "--keep", "x"], "x is not between 1 and 1000"),
        (["node", "node.toml", "--replay-speed", "nan"], "nan is not between 0 and 1000"),
        (["city", "bridge", "hall.toml", "--to", "city.example:x"], "'x' is no port"),
        (["city", "bridge", "hall.toml", "--to", ""], "'' is no name or address"),
        (["city", "access", "x\ntopic readwrite #"], "is no name; take letters"),
        (["enrol", "--claim", "/nonexistent/claim.toml"], "there is no /nonexistent/claim.toml"),
        (["call", "w1", "--hall", "my hall"], "--hall: `hall`: 'my hall' does not fit: Lower-case"),
        (["call", "Window 1", *AT], "that cannot be asked: `do.window`: 'Window 1' does not fit: Lower-case"),
        (["sim", "replay", "x", "--most", "-1"], "-1 is not between 1 and 1000000"),
        (["sim", "machine", "--card", "/nonexistent"], "/nonexistent: there is no such folder"),
        (["sim", "machine", "--memory", "-1"], "-1 is not between 128 and"),
        (["strip", "show", "strip-aa", "/dev/null", "x", "--rows", "0"], "hallware strip: show: `rows`"),
        (["preview", "ticket", "--without", "nothing"], "nothing: is no field of this template; there are service"),
        (["call", "w1", *AT, "--ca", "/nonexistent/ca.crt"], "`broker`: /nonexistent/ca.crt cannot be used: [Errno 2]"),
        (["call", "w1", *AT, "--password-file", "/nonexistent"], "/nonexistent cannot be read: No such file"),
        (["update", "status", "--root", "/nonexistent"], "no release from a card or an update is on this machine"),
        (["notice", "x", "--until", "9999-12-31T00:00", *AT], "outside the years 2000 to 2199"),
        (["notice", "half a letter \udcff", *AT], "it is no UTF-8"),
        (["preview", "ticket", "--out", "/nonexistent/ticket.png"], "/nonexistent/ticket.png: No such file"),
        (["doctor", "/nonexistent/hall.toml"], "✗ settings               /nonexistent/hall.toml: there is no such file"),
    ],
)
def test_what_is_typed_wrongly_is_named(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:  # argparse's own way out, and here that of all
        sys.exit(main(words))
    assert left.value.code in (1, 2)
    assert says in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("hall", ("hall", 1883)), ("hall:1", ("hall", 1)), ("fd00::5", ("fd00::5", 1883)), ("[fd00::5]:1", ("fd00::5", 1)),
        ("[::1]", ("::1", 1883)),
    ],
)  # fmt: skip
def test_a_broker_is_typed_as_a_name_or_an_address_of_either_kind(typed: str, means: tuple[str, int]) -> None:
    assert host_port(typed, 1883) == means


@pytest.mark.parametrize(
    ("code", "words", "into", "says"),
    [
        (ASKS, [], "", "nothing was typed; run this again, and type it"),
        ("", ["doctor", "/nonexistent"], "", "? settings"),
        ("", ["topics"], "/dev/full", "hallware topics: No space left on device"),
        (WITHOUT, ["sim", "run"], "", "gpiozero is not installed here; install hallware with the extra of this role"),
    ],
    ids=["nobody at the keyboard", "a terminal without our letters", "a full disk", "a missing extra"],
)
def test_where_nothing_can_be_shown_written_or_run_it_is_said(code: str, words: list[str], into: str, says: str) -> None:
    start = ["-c", code] if code else ["-m", "hallware.main"]
    with Path(into or os.devnull).open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", *start, *words], check=False,
            stdin=subprocess.DEVNULL, stdout=full if into else subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, env=os.environ | {"PYTHONIOENCODING": "gbk", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    said = (ran.stdout or b"").decode("gbk") + ran.stderr.decode("gbk")
    assert says in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert ran.returncode in (1, 2)
