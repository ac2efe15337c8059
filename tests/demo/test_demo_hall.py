"""The demo hall is a whole hall, and every node of it could be wired on a Raspberry Pi as it stands."""

from collections import Counter
from importlib.resources import as_file, files

import pytest

from contract.settings import parse
from controller.config import HallConfig, load
from firmware.config import BoardConfig, CallerConfig, KioskConfig, NodeConfig, RaterConfig, RoomConfig, StripConfig, lines
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files

SPI0, IDENTIFICATION = {7, 8, 9, 10, 11}, {0, 1}


@pytest.fixture(scope="module")
def hall() -> HallConfig:
    with as_file(files("hallware.demo") / "hall.toml") as path:
        return load(path)


@pytest.fixture(scope="module")
def nodes(hall: HallConfig) -> dict[str, NodeConfig]:
    texts = node_files(hall, BrokerAddress(), Folders())
    return {node: parse(text, NodeConfig, name=node) for node, text in texts.items()}


def test_it_has_the_services_windows_and_zones_of_a_service_centre(hall: HallConfig) -> None:
    assert [service.name.zh for service in hall.service] == [
        "社会保障", "民政", "便民服务", "不动产登记", "市场监管", "帮办代办",
    ]  # fmt: skip
    assert (len(hall.window), len(hall.zone)) == (8, 2)
    assert {service for window in hall.window for service in window.services} == {service.id for service in hall.service}


def test_every_window_has_strip_caller_and_rater(hall: HallConfig, nodes: dict[str, NodeConfig]) -> None:
    devices = [device for node in nodes.values() for device in node.device]
    for kind in (BoardConfig, CallerConfig, RaterConfig):
        places = [device.window for device in devices if isinstance(device, kind)]
        assert {window.id for window in hall.window} <= set(places)


def test_every_board_of_the_hall_hangs_on_a_node(hall: HallConfig, nodes: dict[str, NodeConfig]) -> None:
    hung = {device.id for node in nodes.values() for device in node.device if isinstance(device, BoardConfig | StripConfig)}
    assert hung == {board.id for board in hall.board}


def test_kiosk_has_an_ordinary_and_a_priority_key_for_every_service(hall: HallConfig, nodes: dict[str, NodeConfig]) -> None:
    (kiosk,) = (device for device in nodes["entrance"].device if isinstance(device, KioskConfig))
    wanted = Counter((service.id, priority) for service in hall.service for priority in ("ordinary", "priority"))
    assert Counter((key.service, key.priority) for key in kiosk.keys) == wanted


def test_room_has_three_cubicles(nodes: dict[str, NodeConfig]) -> None:
    (room,) = (device for device in nodes["room"].device if isinstance(device, RoomConfig))
    assert len(room.cubicles) == 3


def test_no_node_uses_a_line_that_a_pi_needs_for_something_else(nodes: dict[str, NodeConfig]) -> None:
    for name, node in nodes.items():
        boards = [device for device in node.device if isinstance(device, BoardConfig)]
        taken = IDENTIFICATION | (SPI0 if boards else set())
        assert not taken & {line for device in node.device for line in lines(device)}, name
        assert len({board.wire for board in boards}) == len(boards), name
