"""More than a year of certificate life passes under full systemd in a machine whose idle time leaps."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hardware_sim.machine.machine import Machine, Plan
from hardware_sim.machine.recipe import Built

pytestmark = [pytest.mark.vm, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
PACKAGES = Path(sys.executable).parents[1] / "lib" / "python3.11" / "site-packages"
PROGRAM = f"""\
#!/bin/sh
export PYTHONPATH={ROOT}:{PACKAGES} PYTHONDONTWRITEBYTECODE=1
exec python3 -m hallware.main "$@"
"""
SET_UP = f"""\
set -e
for folder in {ROOT} {PACKAGES}; do mkdir -p $folder; mountpoint -q $folder || mount -t hostfs -o $folder none $folder; done
ip link set eth0 down || true
systemctl stop systemd-timesyncd cloud-init.target || true
cp -r {ROOT}/provisioning/os/. /
rm /etc/systemd/system.conf.d/hallware-watchdog.conf  # it would be fed every seven seconds of the year
mkdir -p /etc/systemd/system/hallware-renew.service.d
printf "[Service]\\nExecStartPre=/bin/sh -c 'echo look >> /run/looks'\\n" \
  > /etc/systemd/system/hallware-renew.service.d/count.conf
systemd-sysusers
for group in spi gpio i2c input lp dialout audio; do getent group $group >/dev/null || groupadd --system $group; done
systemd-tmpfiles --create hallware.conf
mkdir -p /opt/hallware/current/bin
cat > /opt/hallware/current/bin/hallware <<'END'
{PROGRAM}END
chmod 755 /opt/hallware/current/bin/hallware
systemctl daemon-reload
systemctl daemon-reexec
"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def told(kernel_and_disk: Built, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, dict[str, Any]]]:
    """What was seen in that year, by what it was."""
    folder = tmp_path_factory.mktemp("year")
    words = ("time-travel=inf-cpu", "cloud-init=disabled")
    plan = Plan(kernel_and_disk, folder / "disk", log=folder / "console.log", words=words, memory=768)
    lines: list[dict[str, Any]] = []
    async with Machine(plan) as machine:
        await machine.greeted()
        await machine.run(SET_UP, within=300)
        await machine.follow(
            f"python3 {ROOT}/tests/vm/inside_year.py /opt/hallware/current/bin/hallware",
            lambda line: lines.append(json.loads(line)),
        )
    print(*lines, sep="\n")
    assert lines
    assert lines[-1]["what"] == "done", lines
    yield {line["what"]: line for line in lines}


async def test_the_certificate_is_not_renewed_before_two_thirds_of_its_life(told: dict[str, dict[str, Any]]) -> None:
    before = told["just before two thirds"]
    assert 240 < before["day"] < 244
    assert before["serial"] == told["enrolled"]["serial"]
    assert told["connects just before two thirds"]["serial"] == told["enrolled"]["serial"]


async def test_the_timer_had_looked_every_day_until_then(told: dict[str, dict[str, Any]]) -> None:
    assert int(told["just before two thirds"]["looks"]) >= 240


async def test_it_is_renewed_at_the_first_look_after_two_thirds(told: dict[str, dict[str, Any]]) -> None:
    renewed = told["two thirds are over"]
    assert renewed["serial"] != told["enrolled"]["serial"]
    assert 242 < renewed["day"] < 245
    assert told["connects with the new one"]["serial"] == renewed["serial"]


async def test_after_a_year_the_node_still_gets_in_and_its_first_certificate_does_not(told: dict[str, dict[str, Any]]) -> None:
    assert told["connects after a year"]["day"] >= 366
    assert told["connects after a year"]["serial"] == told["two thirds are over"]["serial"]
    assert told["the present certificate"]["let_in"] is True
    assert told["the first certificate"]["let_in"] is False
