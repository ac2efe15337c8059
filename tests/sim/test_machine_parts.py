"""Parts of the simulated machine that need no kernel: what is missing is named, cards are FAT, relays carry and are cut."""

import asyncio
import shutil
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker_config.process import free_port
from hallware.main import main
from hardware_sim.machine import needs
from hardware_sim.machine.card_image import listing, read_card, write_card, write_stick
from hardware_sim.machine.problems import CannotStart
from hardware_sim.machine.recipe import built
from hardware_sim.machine.relay import Relay


def test_what_is_missing_is_named_by_its_debian_package_with_the_command_that_installs_it() -> None:
    assert needs.missing({"sh": "dash", "no-such-program": "a-package", "/no/such/file.h": "libsuch-dev"}) == [
        "a-package",
        "libsuch-dev",
    ]
    with pytest.raises(CannotStart, match=r"apt-get install -y --no-install-recommends a-package libsuch-dev"):
        needs.refuse_missing("building", ["a-package", "libsuch-dev"])
    needs.refuse_missing("building", [])


def test_nothing_is_built_before_all_that_building_needs_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(needs.BUILD_KERNEL, "no-such-compiler", "a-compiler")
    with pytest.raises(CannotStart, match=r"kernel needs Debian packages that are not here: .*a-compiler"):
        built(print, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_help_says_what_it_is_and_what_the_first_start_costs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sim", "machine", "--help"])
    said = capsys.readouterr().out
    assert "User-Mode Linux" in said
    assert "HALLWARE_MACHINES" in said


@pytest.mark.skipif(not shutil.which("mcopy"), reason="needs mtools and dosfstools")
def test_a_card_is_a_fat_file_system_with_the_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "files" / "hallware" / "os").mkdir(parents=True)
    (tmp_path / "files" / "user-data").write_text("#cloud-config\n{}\n")
    (tmp_path / "files" / "hallware" / "os" / "90-hallware.rules").write_bytes(b"x" * 100_000)
    write_card(tmp_path / "files", tmp_path / "card", megabytes=16)
    assert (tmp_path / "card").read_bytes()[43:54] == b"bootfs     "
    assert sorted(listing(tmp_path / "card")) == ["hallware/os/90-hallware.rules", "user-data"]
    assert read_card(tmp_path / "card", "user-data") == b"#cloud-config\n{}\n"
    assert read_card(tmp_path / "card", "nothing") is None


@pytest.mark.skipif(not shutil.which("mcopy"), reason="needs mtools and dosfstools")
def test_a_stick_is_a_disk_with_one_fat_partition_that_holds_the_files(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "new.hallware").write_bytes(b"bundle" * 10_000)
    write_stick(tmp_path / "files", tmp_path / "stick", megabytes=64)
    disk = (tmp_path / "stick").read_bytes()
    kind, begins, long = struct.unpack_from("<4xB3xII", disk, 446)
    assert (len(disk), disk[510:512], kind) == (64 * 2**20, b"\x55\xaa", 0x0C)
    assert (begins + long) * 512 == len(disk)
    (tmp_path / "partition").write_bytes(disk[begins * 512 :])
    assert read_card(tmp_path / "partition", "new.hallware") == b"bundle" * 10_000


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


@pytest.fixture
async def relayed() -> AsyncIterator[tuple[Relay, int]]:
    """A relay to an echo, and the port where the relay listens."""
    server = await asyncio.start_server(_echo, "127.0.0.1", free_port())
    listening = socket.create_server(("127.0.0.1", 0))
    async with server, Relay(listening, server.sockets[0].getsockname()[1]) as relay:
        yield relay, listening.getsockname()[1]


async def test_a_relay_carries_bytes_both_ways_to_the_end(relayed: tuple[Relay, int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", relayed[1])
    writer.write(b"x" * 500_000)
    writer.write_eof()
    assert len(await reader.read()) == 500_000
    writer.close()


async def test_a_cut_relay_ends_what_is_open_and_takes_nobody_until_it_is_mended(relayed: tuple[Relay, int]) -> None:
    relay, port = relayed
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello")
    assert await reader.read(5) == b"hello"
    relay.cut()
    with pytest.raises(ConnectionError):
        await _read_to_end(reader)
    second, other = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises(ConnectionError):
        await _read_to_end(second)
    relay.mend()
    third, again = await asyncio.open_connection("127.0.0.1", port)
    again.write(b"back")
    assert await third.read(4) == b"back"
    for each in (writer, other, again):
        each.close()


async def _read_to_end(reader: asyncio.StreamReader) -> None:
    if await reader.read() == b"":
        raise ConnectionError("ended without a reset")
