"""The plan in hall.toml becomes node.toml files that nodes accept, and a wrong plan is refused with node and key."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.settings import BadSettings, convert, parse
from controller.config import HallConfig
from firmware.config import BoardConfig, NodeConfig, load
from link.address import BrokerAddress
from provisioning.plan import Folders, node_files, write_node_files

FOLDERS = Folders(data="/srv/{node}", password="/run/{node}.password")
BROKER = BrokerAddress(host="10.0.0.2", port=1884, ca=Path("/etc/ca.pem"))


def hall(*devices: dict[str, Any]) -> HallConfig:
    name = {"zh": "名", "en": "name"}
    return convert(
        {
            "hall": {"id": "centre", "name": {"zh": '"大厅"', "en": "Hall \\ 1"}, "timezone": "Europe/Berlin"},
            "zone": [{"id": "zone-a", "name": name}],
            "service": [{"id": "tax", "name": name, "prefix": "A", "zone": "zone-a"}],
            "window": [{"id": "window-1", "name": name, "zone": "zone-a", "services": ["tax"]}],
            "board": [{"id": "strip-1", "window": "window-1"}],
            "kiosk": [{"id": "kiosk-1"}],
            "room": [{"id": "room-1", "name": name}],
            "node": [{"id": "node-1", "place": "入口", "device": list(devices)}],
        },
        HallConfig,
        name="hall.toml",
    )


STRIP = {"kind": "board", "id": "strip-1", "layout": "window", "window": "window-1", "width": 64}
KIOSK = {"kind": "kiosk", "id": "kiosk-1", "printer": {"wire": "tcp://printer:9100"}, "keys": [{"line": 4, "service": "tax"}]}


def refusal(*devices: dict[str, Any]) -> str:
    with pytest.raises(BadSettings) as caught:
        node_files(hall(*devices), BROKER, FOLDERS)
    return str(caught.value)


def test_node_knows_its_hall_its_broker_and_its_own_password() -> None:
    config = parse(node_files(hall(STRIP, KIOSK), BROKER, FOLDERS)["node-1"], NodeConfig, name="node.toml")
    assert (config.node.id, config.node.hall, config.node.timezone) == ("node-1", "centre", "Europe/Berlin")
    assert (config.node.hall_name.zh, config.node.hall_name.en) == ('"大厅"', "Hall \\ 1")
    assert config.node.data == Path("/srv/node-1")
    assert config.broker == msgspec.structs.replace(BROKER, username="node-1", password_file=Path("/run/node-1.password"))
    assert [device.id for device in config.device] == ["strip-1", "kiosk-1"]


def test_what_the_plan_leaves_out_is_left_to_the_node() -> None:
    text = node_files(hall(STRIP), BROKER, FOLDERS)["node-1"]
    assert set(tomllib.loads(text)["device"][0]) == set(STRIP)
    (board,) = parse(text, NodeConfig, name="node.toml").device
    assert isinstance(board, BoardConfig)
    assert board.height == 16


def test_files_are_written_one_per_node(tmp_path: Path) -> None:
    paths = write_node_files(node_files(hall(STRIP), BROKER, FOLDERS), tmp_path / "nodes")
    assert paths == {"node-1": tmp_path / "nodes" / "node-1.toml"}
    assert load(paths["node-1"]).device[0].id == "strip-1"


def test_unknown_key_is_named_with_its_node() -> None:
    assert "node `node-1`: unknown field `widht`" in refusal(STRIP | {"widht": 64})
    assert "did you mean `width`?" in refusal(STRIP | {"widht": 64})


def test_value_out_of_range_is_named_with_node_and_key() -> None:
    assert refusal(STRIP | {"width": 65}).startswith("hall.toml: node `node-1`: `device[0].width`")


def test_node_without_devices_is_refused() -> None:
    assert refusal().startswith("hall.toml: node `node-1`: `device`")


def test_line_used_twice_is_refused() -> None:
    keys = [{"line": 4, "service": "tax"}, {"line": 4, "service": "tax", "priority": "priority"}]
    assert "node `node-1`: GPIO line `4` is used more than once" in refusal(KIOSK | {"keys": keys})


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (STRIP | {"id": "strip-2"}, "device `strip-2`: `id`: there is no board `strip-2`; known are strip-1"),
        (STRIP | {"window": "window-9"}, "device `strip-1`: `window`: there is no window `window-9`"),
        (KIOSK | {"keys": [{"line": 4, "service": "fax"}]}, "device `kiosk-1`: `keys[0].service`: there is no service `fax`"),
        (KIOSK | {"touch": {"help": "attic"}}, "device `kiosk-1`: `touch.help`: there is no window, zone or room `attic`"),
        (KIOSK | {"touch": {"scanner": "strip-1"}}, "device `kiosk-1`: `touch.scanner`: there is no scanner `strip-1`"),
        ({"kind": "caller", "id": "c", "window": "w", "wire": "x"}, "device `c`: `window`: there is no window `w`"),
        (
            {"kind": "room", "id": "r", "room": "attic", "cubicles": [{"id": "c", "door": 4, "motion": 5}]},
            "device `r`: `room`: there is no room `attic`",
        ),
    ],
)
def test_device_of_something_the_hall_does_not_have_is_refused(device: dict[str, Any], words: str) -> None:
    assert f"hall.toml: node `node-1`: {words}" in refusal(device)


def test_device_id_belongs_to_one_node() -> None:
    plan = hall(STRIP)
    twice = msgspec.structs.replace(plan, node=(*plan.node, msgspec.structs.replace(plan.node[0], id="node-2")))
    with pytest.raises(BadSettings, match="node `node-2`: device `strip-1`: node `node-1` has a device of that id too"):
        node_files(twice, BROKER, FOLDERS)
