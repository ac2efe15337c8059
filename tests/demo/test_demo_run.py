"""The demonstration as people start it: a process that tells the truth with its exit code and leaves nothing behind."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.demo.bench_hall import until

pytestmark = pytest.mark.timeout(240)


@asynccontextmanager
async def demo(folder: Path, *words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    """A demonstration that keeps its files in `folder`, and what it writes."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hallware.main", "demo", "--keep", str(folder), *words, stdout=out, stderr=out
        )
    try:
        yield process, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def left_behind(folder: Path) -> list[str]:
    """Processes that were started with a file of this demonstration."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


async def test_short_run_checks_itself_and_leaves_nobody_behind(tmp_path: Path) -> None:
    async with demo(tmp_path, "--for", "15") as (process, said):
        await process.wait()
        words = said.read_text()
        assert process.returncode == 0, words
    assert "WRONG" not in words
    for line in ("tickets printed", "calls shown on a board", "ratings stored", "stays stored"):
        assert re.search(rf"{line} +[1-9][0-9]* ", words), line
    assert left_behind(tmp_path) == []


async def test_interrupted_demo_ends_all_it_started(tmp_path: Path) -> None:
    async with demo(tmp_path, "--no-people") as (process, said):
        await until(lambda: "?key=" in said.read_text() or process.returncode is not None, within=90)
        page = re.search(r"http://127\.0\.0\.1:\d+/\?key=\S+", said.read_text())
        assert page is not None, said.read_text()
        async with httpx.AsyncClient(follow_redirects=True) as client:
            assert "社会保障" in (await client.get(page[0])).text
        assert len(left_behind(tmp_path)) > 8
        watch = ("watch", "--once", "--settings", str(tmp_path / "client.toml"))
        terminal = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hallware.main", *watch, stdout=asyncio.subprocess.PIPE
        )
        assert "Window 1" in (await terminal.communicate())[0].decode()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 130
    assert left_behind(tmp_path) == []


async def test_killed_demo_takes_its_children_with_it(tmp_path: Path) -> None:
    async with demo(tmp_path, "--no-people") as (process, said):
        await until(lambda: "starting 7 nodes" in said.read_text() or process.returncode is not None, within=60)
        process.kill()
        await process.wait()
        await until(lambda: left_behind(tmp_path) == [], within=30)


async def test_foreign_wish_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with demo(tmp_path, "--for", "5", "--no-people") as (process, said):
        assert await process.wait() == 2
        assert "leave out --no-people" in said.read_text()
