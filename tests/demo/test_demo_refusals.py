"""What `hallware demo` cannot do as asked is said at once, in a sentence; what it keeps is nobody else's."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallware.commands.demo import _keep_in
from hallware.main import main


@pytest.fixture(autouse=True)
def own_umask() -> Iterator[None]:
    """The demonstration sets the process's mask."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What is said, which is the last line alone."""
    assert _code("demo", *words) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def _code(*words: str) -> int | str | None:
    try:
        return main(words)
    except SystemExit as end:
        return end.code


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "80000 is not between 0 and 65535" in refusal(capsys, "--port", "80000")


def test_a_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"--port {port}: Address already in use; choose another" in refusal(capsys, "--port", str(port))


def test_a_folder_that_cannot_be_made_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "Not a directory; choose another folder" in refusal(capsys, "--keep", str(file / "x"))


def test_what_is_kept_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    (folder / "log").mkdir(parents=True)
    kept = [folder / name for name in ("hall.toml", "hall.db", "client.toml", "log/demo.log", "log/controller.log")]
    for path in kept:
        path.touch(0o644)
    _keep_in(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept[1:]} == {0o600}


def test_a_folder_that_holds_other_things_stays_as_open_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "other").touch()
    _keep_in(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
