"""A supply voltage that dips is counted, logged once, told to staff with what to do, and forgotten a minute later."""

import logging
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess
from contract.topics import NODE_STATUS
from firmware.power import HOLD, TROUBLE, Power
from tests.runtime.stage import Stage, hall, running
from tests.runtime.waiting import until

HWMON = "class/hwmon/hwmon{n}/{file}"
THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="ascii")


class Hwmon:
    """The driver rpi_volt among others."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write(root, HWMON.format(n=0, file="name"), "cpu_thermal\n")
        write(root, HWMON.format(n=1, file="name"), "rpi_volt\n")
        self.dip(low=False)

    def dip(self, *, low: bool) -> None:
        write(self.root, HWMON.format(n=1, file="in0_lcrit_alarm"), f"{int(low)}\n")


class Firmware:
    """The firmware's word alone, in hexadecimal, with bits of the past in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dip(low=False)

    def dip(self, *, low: bool) -> None:
        write(self.root, THROTTLED, "0x50005\n" if low else "0x50000\n")


@pytest.mark.parametrize("kind", [Hwmon, Firmware])
def test_a_dip_is_told_for_a_minute_and_counted_once(tmp_path: Path, kind: type[Hwmon], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    supply = kind(tmp_path)
    power = Power(tmp_path)
    power.look(0)
    assert (power.dips, power.trouble) == (0, None)
    supply.dip(low=True)
    for now in (1.0, 2.0):
        power.look(now)
        assert (power.dips, power.trouble) == (1, TROUBLE)
    supply.dip(low=False)
    for now in (3.0, 2 + HOLD - 0.1):
        power.look(now)
        assert (power.dips, power.trouble) == (1, TROUBLE)
    power.look(2 + HOLD)
    assert (power.dips, power.trouble) == (1, None)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_each_dip_counts(tmp_path: Path) -> None:
    supply, power = Hwmon(tmp_path), Power(tmp_path)
    for second in range(6):
        supply.dip(low=second % 2 == 0)
        power.look(second)
    assert power.dips == 3


@pytest.mark.parametrize("text", ["", "nonsense", "0x", "\xff"])
def test_a_machine_that_does_not_tell_has_no_trouble(tmp_path: Path, text: str) -> None:
    (tmp_path / "devices/platform/soc/soc:firmware").mkdir(parents=True)
    (tmp_path / THROTTLED).write_bytes(text.encode("latin-1"))
    for power in (Power(tmp_path), Power(tmp_path / "nowhere")):
        power.look(0)
        assert (power.dips, power.trouble) == (0, None)


async def test_staff_hear_of_it_within_seconds_in_the_nodes_own_status(broker: MosquittoProcess, tmp_path: Path) -> None:
    supply = Hwmon(tmp_path / "sys")
    async with hall(broker.port) as there, running(broker.port, tmp_path / "data", Stage(), power=Power(tmp_path / "sys")):
        await until(lambda: there.of(NODE_STATUS))
        assert there.of(NODE_STATUS)[-1].trouble is None
        supply.dip(low=True)
        await until(lambda: there.of(NODE_STATUS)[-1].trouble == TROUBLE)
        assert there.of(NODE_STATUS)[-1].counts["low-voltage"] == 1
