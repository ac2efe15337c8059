"""A whole hall in one machine, under systemd: one clock is everybody's, and may leap."""

import sysconfig
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hardware_sim.machine.machine import Machine
from tests.vm.host_folder import seen
from tests.vm.node import STATUS, until_said
from tests.vm.wheelhouse import refuse_other_python

ROOT = Path(__file__).parents[2]
HALL, NODE, SPARE = "centre", "machine", "spare"
PROGRAM = "/opt/hallware/bin/hallware"
IDENTITY = "/etc/hallware/identity"
PYTHON = "PYTHONPATH=/opt/checkout:/opt/packages PYTHONDONTWRITEBYTECODE=1 python3"
INSTALL = f"""\
set -e
mkdir -p /opt/hallware/bin /opt/hallware/current/bin
{seen(ROOT, "/opt/checkout")}
{seen(sysconfig.get_path("purelib"), "/opt/packages")}
printf '#!/bin/sh\\nexport {PYTHON.replace(" python3", "")}\\nexec python3 -m hallware.main "$@"\\n' > {PROGRAM}
chmod 755 {PROGRAM}
cp {PROGRAM} /opt/hallware/current/bin/
systemctl stop systemd-timesyncd  # the clock is ours
cp -r /opt/checkout/provisioning/os/. /
systemd-sysusers
for group in spi gpio i2c input lp dialout audio; do getent group $group >/dev/null || groupadd --system $group; done
systemd-tmpfiles --create hallware.conf
udevadm control --reload
udevadm trigger
mkdir -p /etc/systemd/system/hallware-renew.service.d  # twenty days pass in a second: systemd would refuse the sixth look
printf '[Unit]\\nStartLimitIntervalSec=0\\n' > /etc/systemd/system/hallware-renew.service.d/leaps.conf
"""
"""As the checkout is, without wheels: they are tried at the first boot from a card."""
INIT = f"""\
set -e
printf 'id = "{HALL}"\\nname = {{ zh = "市民中心", en = "Centre" }}\\nhost = "127.0.0.1"\\n' > /root/answers.toml
{PROGRAM} init --answers /root/answers.toml
sed -i '/^# Zones 区域/,$d; s/^hours = {{ opens.*/hours = {{ always = true }}/' /etc/hallware/hall.toml
cat /opt/checkout/tests/vm/small_hall.toml >> /etc/hallware/hall.toml
systemctl daemon-reload
systemctl enable --now mosquitto hallware-broker-reload.path hallware-registrar hallware-controller
"""
"""As `hallware init` says it at its end."""
START = "hallware-enrol.service hallware-node.service hallware-renew.timer"
"""What the card's first-boot.sh starts, before there is a certificate."""
FAR_END = f"systemd-run --unit machine-far-end env {PYTHON} -m hardware_sim.machine.far_end"
READ_PRESSES = (
    "import sqlite3; store = sqlite3.connect('/var/lib/hallware/hall.db'); "
    "print(*store.execute('select count(*) from node_events where body like ?', ['%key-pressed%']).fetchone())"
)
PRESSES = f'python3 -c "{READ_PRESSES}"'
SLOW = 300.0
"""Seconds for what takes a few on a machine that nobody else uses."""


@dataclass(frozen=True)
class Certificate:
    """What one reads of a node's certificate and key."""

    serial: str
    key: str
    """The digest of the key's file."""
    ends: datetime


@dataclass
class SmallHall:
    """The machine, and when its year began."""

    machine: Machine
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def set_up(self) -> None:
        """Install, set up the hall, start it, and hang a keypad on the node."""
        refuse_other_python()
        await self.machine.run(INSTALL, within=SLOW)
        await self.machine.run(INIT, within=SLOW)
        await until_said(self.machine, "ss -Hltn 'sport = 8884' | wc -l", "1", within=SLOW)
        await self.machine.run(FAR_END)
        await until_said(self.machine, "ls /run/far-end.sock", "/run/far-end.sock", within=SLOW)

    async def hallware(self, *words: str) -> str:
        """What a command of ours says in the machine."""
        return await self.machine.run(" ".join((PROGRAM, *words)), within=SLOW)

    async def claim(self, node: str) -> str:
        """The token of a new card; gives where it lies."""
        await self.machine.run(f"mkdir /card-{node}")
        await self.hallware("provision", "card", node, "--into", f"/card-{node}")
        return f"/card-{node}/hallware/claim.toml"

    async def approve(self, node: str) -> None:
        """As staff do, once the node is seen waiting."""
        waits = f"{PROGRAM} nodes /etc/hallware/hall.toml list | grep -c '^{node} .*WAITS'"
        await until_said(self.machine, waits, "1", within=SLOW)
        await self.hallware("nodes", "/etc/hallware/hall.toml", "approve", node)

    async def connects(self) -> None:
        """The node's program starts anew and is let in."""
        await self.machine.run("systemctl restart hallware-node", within=SLOW)
        await self.connected()

    async def connected(self) -> None:
        """Come back when the node is in and well."""
        await until_said(self.machine, STATUS, "1 of 1 devices well, broker there, 0 events waiting", within=SLOW)

    async def certificate(self, folder: str = IDENTITY) -> Certificate:
        """What a node has."""
        said = await self.machine.run(
            f"openssl x509 -in {folder}/node.crt -noout -serial -enddate; sha256sum < {folder}/node.key"
        )
        serial, ends, key = said.splitlines()
        when = datetime.strptime(ends.partition("=")[2], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)
        return Certificate(serial.partition("=")[2], key.split()[0], when)

    async def knock(self, folder: str) -> str:
        """What the broker says to an identity."""
        said = await self.machine.run(f"cd /; {PYTHON} -m tests.vm.inside_knock {folder} {HALL} 8883", within=SLOW)
        return said.strip()

    async def day(self) -> float:
        """Days since the year began, by the machine's clock."""
        now = float(await self.machine.run("date +%s"))
        return (now - self.began.timestamp()) / 86400

    async def leap_to(self, day: float) -> None:
        """Set the clock ahead; come back when what looks once a day has looked, and the broker has read the new list."""
        there = int((self.began + timedelta(days=day)).timestamp())
        await self.machine.run(f"date -s @{there}")
        for unit in ("hallware-renew", "hallware-broker-reload"):
            ended = f"systemctl show --timestamp=unix -P InactiveEnterTimestamp {unit} | tr -d @"
            await until_said(self.machine, f"test $({ended}) -ge {there} && echo has looked", "has looked", within=SLOW)

    async def press(self) -> None:
        """A key at the window; come back when it stands in the controller's store."""
        before = int(await self.machine.run(PRESSES, within=SLOW))
        await self.machine.move("usb-keypad", "press", key="KP0")
        await until_said(self.machine, f"test $({PRESSES}) -gt {before} && echo more", "more", within=SLOW)
