"""The systemd units of the machine that runs a hall: controller, registrar, broker, and who watches the list of the revoked."""

from dataclasses import dataclass
from pathlib import Path

from broker_config.unit import service_lines

HARDENED = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
CapabilityBoundingSet=
UMask=0077
"""
"""What every service of ours gives up."""


@dataclass(frozen=True)
class Machine:
    """Where everything lies on the hall's machine."""

    etc: Path = Path("/etc/hallware")
    data: Path = Path("/var/lib/hallware")
    program: Path = Path("/opt/hallware/bin/hallware")
    mosquitto: Path = Path("/usr/sbin/mosquitto")


def units(machine: Machine) -> dict[str, str]:
    """The text of every unit, by its path below /etc/systemd/system."""
    return {
        "hallware-controller.service": _controller(machine),
        "hallware-registrar.service": _registrar(machine),
        "hallware-broker-reload.path": _watch(machine),
        "hallware-broker-reload.service": _RELOAD,
        "mosquitto.service.d/hallware.conf": _broker(machine),
    }


SYSUSERS = 'u hallware - "Hallware" /var/lib/hallware\n'
"""The account of controller and registrar, for systemd-sysusers."""


def _controller(machine: Machine) -> str:
    return f"""\
[Unit]
Description=Hallware controller (叫号控制器)
After=network-online.target mosquitto.service postgresql.service
Wants=network-online.target mosquitto.service

[Service]
ExecStart={machine.program} controller {machine.etc}/hall.toml
User=hallware
Group=hallware
Restart=always
RestartSec=2
ReadWritePaths={machine.data}
# Whoever breaks into the pages finds no key of the CA.
InaccessiblePaths={machine.etc}/trust/private {machine.etc}/registrar
{HARDENED}
[Install]
WantedBy=multi-user.target
"""


def _registrar(machine: Machine) -> str:
    return f"""\
[Unit]
Description=Hallware registrar (节点登记)
After=network-online.target
Wants=network-online.target

[Service]
ExecStart={machine.program} registrar {machine.etc}/hall.toml
User=hallware
Group=hallware
Restart=always
RestartSec=5
ReadWritePaths={machine.data} {machine.etc}/trust
{HARDENED}
[Install]
WantedBy=multi-user.target
"""


def _broker(machine: Machine) -> str:
    return f"""\
# The hall's broker runs on its own configuration; Debian's stays as it is.
[Service]
{service_lines(machine.program)}ExecStart=
ExecStart={machine.mosquitto} -c {machine.etc}/broker/mosquitto.conf
Restart=always
RestartSec=2
MemoryMax=512M
"""


def _watch(machine: Machine) -> str:
    return f"""\
[Unit]
Description=Hallware: the list of revoked certificates has changed

[Path]
PathChanged={machine.etc}/trust/crl.pem

[Install]
WantedBy=multi-user.target
"""


_RELOAD = """\
[Unit]
Description=Hallware: the broker reads the list of revoked certificates
# Six within ten seconds, and systemd would watch the list no more: nobody could be shut out, and after a year nobody got in.
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/systemctl reload mosquitto.service
"""
