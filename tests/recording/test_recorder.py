"""The recorder: every passing once, in order, in files that never grow past their limit, and nothing personal unasked."""

import json
import os
from pathlib import Path

import pytest

from contract.recording import ENDING, RecordedWire, read_recording
from contract.settings import BadSettings, convert
from firmware.config import NodeConfig
from firmware.recorder import ROOM, Recorder
from firmware.recording import recorder
from tests.demo.bench_hall import NODE

WIRES = (RecordedWire(wire="/dev/spidev0.0", device="strip-1"), RecordedWire(wire="gpio:4", device="rater-1"))


def test_every_passing_is_kept_once_and_in_order(tmp_path: Path) -> None:
    with Recorder(tmp_path, "node-1", WIRES) as keeper:
        spi, line = keeper.tap("/dev/spidev0.0"), keeper.tap("gpio:4")
        assert spi is not None
        assert line is not None
        assert keeper.tap("/dev/ttyUSB0") is None
        for number in range(200):
            spi("out", bytes((number,)))
        line("in", b"\x01")
    (path,) = keeper.recorded()
    header, passings = read_recording(path)
    kept = list(passings)
    assert (header.node, header.wires) == ("node-1", WIRES)
    assert [passing.data[0] for passing in kept[:200]] == list(range(200))
    assert (kept[200].wire, kept[200].way, kept[200].data) == ("gpio:4", "in", b"\x01")
    assert kept == sorted(kept, key=lambda passing: passing.at)
    assert path.stat().st_mode & 0o077 == 0


def test_format_is_plain_json_lines(tmp_path: Path) -> None:
    with Recorder(tmp_path, "node-1", WIRES) as keeper:
        tap = keeper.tap("gpio:4")
        assert tap is not None
        tap("in", b"\x00\xff")
    lines = keeper.recorded()[0].read_text().splitlines()
    assert json.loads(lines[0])["recording"] == 1
    assert json.loads(lines[1])[1:] == [1, "in", "00ff"]


def test_oldest_file_goes_when_there_would_be_more_than_allowed(tmp_path: Path) -> None:
    with Recorder(tmp_path, "node-1", WIRES, most=40_000, files=4) as keeper:
        tap = keeper.tap("/dev/spidev0.0")
        assert tap is not None
        for number in range(2000):
            tap("out", number.to_bytes(2) * 16)
    files = keeper.recorded()
    assert len(files) == 4
    assert sum(path.stat().st_size for path in files) < 42_000
    newest = list(read_recording(files[-1])[1])
    assert newest[-1].data[:2] == (1999).to_bytes(2)
    assert keeper.dropped == 0


def test_line_that_was_cut_off_is_passed_over_and_what_is_no_recording_refused(tmp_path: Path) -> None:
    with Recorder(tmp_path, "node-1", WIRES) as keeper:
        tap = keeper.tap("gpio:4")
        assert tap is not None
        tap("in", b"\x01")
        tap("in", b"\x00")
    (path,) = keeper.recorded()
    os.truncate(path, path.stat().st_size - 4)
    assert [passing.data for passing in read_recording(path)[1]] == [b"\x01"]
    other = tmp_path / f"other{ENDING}"
    other.write_bytes(b"\xff\x00 no json")
    with pytest.raises(BadSettings, match="is no recording of wires"):
        read_recording(other)


def test_wire_is_never_held_up_by_what_waits(tmp_path: Path) -> None:
    keeper = Recorder(tmp_path, "node-1", WIRES)
    tap = keeper.tap("gpio:4")
    assert tap is not None
    for _ in range(ROOM + 10):
        tap("in", b"\x01")
    assert keeper.dropped == 10


def test_what_may_be_personal_is_recorded_only_when_it_is_named(tmp_path: Path) -> None:
    def wires(record: dict[str, object]) -> set[str]:
        found = recorder(convert(NODE | {"record": record}, NodeConfig, name="node.toml"))
        assert found is not None
        return {wire for wire in ("/dev/spidev0.0", "tcp://printer:9100", "gpio:4", "gpio:12") if found.tap(wire)}

    assert wires({}) == {"/dev/spidev0.0", "gpio:12"}
    assert wires({"devices": ["kiosk-1"]}) == {"tcp://printer:9100", "gpio:4"}
    assert recorder(convert(NODE, NodeConfig, name="node.toml")) is None
    with pytest.raises(BadSettings, match="there is no device `kiosk-9`"):
        wires({"devices": ["kiosk-9"]})
