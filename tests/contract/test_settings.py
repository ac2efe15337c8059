"""A configuration file is read, or refused in one sentence that names file, key and remedy."""

import zoneinfo
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.settings import BadSettings, parse, read
from controller.config import HallConfig
from firmware.config import NodeConfig
from hallware.main import main

NODE = '[node]\nid = "entrance"\nhall = "centre"\n'
BOARD = '[[device]]\nkind = "board"\nid = "board-1"\n'
CALLER = '[[device]]\nkind = "caller"\nid = "caller-1"\nwindow = "w1"\nwire = "/dev/input/by-id/keypad-event-kbd"\n'
RATER = '[[device]]\nkind = "rater"\nid = "rater-1"\nwindow = "w1"\n'
ROOM = '[[device]]\nkind = "room"\nid = "room-1"\nroom = "nursery"\n'
KIOSK = '[[device]]\nkind = "kiosk"\nid = "kiosk-1"\nprinter = {{ wire = "{wire}" }}\nkeys = [{keys}]\n'
KEY = '{ service = "social", line = 1 },'
HALL = (files("hallware.demo") / "hall.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (NODE + "[broker]\nprot = 1\n" + BOARD, "unknown field `prot` at `broker`; did you mean `port`?"),
        (NODE + BOARD + "width = 12\n", "`device[0].width`: Expected `int` that's a multiple of 8, but it is 12"),
        (NODE + BOARD + BOARD, "device id `board-1` is used more than once"),
        (NODE + BOARD + 'layout = "window"\n', "a board with layout `window` needs `window`"),
        ("[node\n", "is not TOML"),
        (NODE, "`device` is missing"),
        (NODE + BOARD + BOARD.replace("board-1", "board-2"), "wire `/dev/spidev0.0` is used more than once"),
        (NODE + 'timezone = "Asia/Atlantis"\n' + BOARD, "`node.timezone`: there is no time zone `Asia/Atlantis`"),
        (NODE + 'timezone = "../etc/passwd"\n' + BOARD, "`node.timezone`: there is no time zone `../etc/passwd`"),
        (NODE + BOARD + "scroll = nan\n", "`device[0].scroll`: nan is no number to reckon with"),
        (NODE + CALLER + 'keys = { KEY_FOO = "next" }\n', "device `caller-1`: there is no key `KEY_FOO`"),
        (NODE + RATER + "keys = [{ level = 5, line = 1 }, { level = 5, line = 2 }]\n", "key `5` is used more than once"),
        (
            NODE + ROOM + "cubicles = [{ id = 'a', door = 1, motion = 2 }, { id = 'a', door = 3, motion = 4 }]\n",
            "cubicle `a` is used more than once",
        ),
        (NODE + KIOSK.format(wire="COM1", keys=KEY), "`COM1` is no printer's; write /dev/serial/by-id/"),
        (NODE + KIOSK.format(wire="tcp://printer", keys=KEY), "`tcp://printer` is no printer's"),
        (
            NODE + KIOSK.format(wire="/dev/usb/lp0", keys=KEY + KEY.replace("1", "2")),
            "key `social, ordinary` is used more than once",
        ),
    ],
)
def test_a_mistake_in_node_toml_is_named_with_its_place_and_remedy(text: str, says: str) -> None:
    with pytest.raises(BadSettings) as refused:
        parse(text, NodeConfig, name="node.toml")
    assert str(refused.value).startswith("node.toml: ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('zone = "zone-a"', 'zone = "zone-x"', "there is no zone `zone-x`; known are zone-a, zone-b"),
        ('prefix = "B"', 'prefix = "A"', "service prefix `A` is used more than once"),
        ("interval", "intervall", "unknown field `intervall` at `calling`; did you mean `interval`?"),
        ('prefix = "A"', 'prefix = "a1"', "Expected `str` matching regex"),
        ("Asia/Shanghai", "Asia/Atlantis", "`hall.timezone`: there is no time zone `Asia/Atlantis`"),
        ("[hall]", 'store = "mysql://root@db/hall"\n[hall]', "`store`: `mysql` is no database a hall can be kept in"),
        ("window = 60.0", "window = inf", "`rating.window`: inf is no number to reckon with; write a finite one"),
        ("always = true", 'opens = "09:00", closes = "09:00"', "so it is never open; write `always = true`"),
    ],
)
def test_a_mistake_in_hall_toml_is_named_with_its_place_and_remedy(old: str, new: str, says: str) -> None:
    with pytest.raises(BadSettings) as refused:
        parse(HALL.replace(old, new, 1), HallConfig, name="hall.toml")
    assert says in str(refused.value)


def test_a_machine_that_knows_no_time_zones_is_told_what_to_install(tmp_path: Path) -> None:
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        with pytest.raises(BadSettings, match="apt-get install tzdata"):
            parse(NODE + BOARD, NodeConfig, name="node.toml")
    finally:
        zoneinfo.reset_tzpath()


@pytest.mark.parametrize(("content", "says"), [(b"\xff\xfe", "is not UTF-8 at byte 0"), (None, "there is no such file")])
def test_an_unreadable_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "node.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSettings, match=says):
        read(path, NodeConfig)


@given(st.text(max_size=200))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with suppress(BadSettings):
        parse(text, NodeConfig, name="node.toml")


@given(st.integers(0, len(HALL) - 1), st.integers(0, 40), st.text(max_size=6))
def test_no_damage_to_a_good_file_does_worse_than_being_refused(at: int, length: int, put: str) -> None:
    with suppress(BadSettings):
        parse(HALL[:at] + put + HALL[at + length :], HallConfig, name="hall.toml")


@pytest.mark.parametrize("command", ["node", "check", "controller"])
def test_every_command_that_reads_a_file_says_one_sentence_and_ends_with_2(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[hall]\nid = 3\n")
    assert main([command, str(path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("wire", ["/dev/usb/lp0", "/dev/serial/by-id/usb-x", "tcp://10.0.0.7:9100", "tcp://[fe80::1]:9100"])
def test_every_kind_of_printer_wire_is_taken(wire: str) -> None:
    parse(NODE + KIOSK.format(wire=wire, keys=KEY), NodeConfig, name="node.toml")


@pytest.mark.parametrize("store", ["sqlite://", "sqlite:////var/lib/hall.db", "postgresql+psycopg://hall@db/hall"])
def test_every_kind_of_store_is_taken(store: str) -> None:
    parse(f'store = "{store}"\n' + HALL, HallConfig, name="hall.toml")


def test_hours_may_span_midnight() -> None:
    text = HALL.replace("always = true", 'opens = "20:00", closes = "04:00"', 1)
    parse(text, HallConfig, name="hall.toml")
