"""What systemd is to do for Mosquitto beside Debian's own unit: guard its database, and allow files for a whole hall."""

from pathlib import Path

PROGRAM = Path("/opt/hallware/bin/hallware")


def service_lines(program: Path = PROGRAM) -> str:
    """Lines of the unit's `[Service]`; `program` is where `hallware` is installed."""
    return f"""\
# Lets Mosquitto start when its database is broken. The minus: should the guard itself fail, Mosquitto tries all the same.
ExecStartPre=-{program} broker-guard
# Each node is an open file; systemd's own limit is 1024, above which nobody gets in.
LimitNOFILE=16384
"""


DROP_IN = f"""\
# Goes to /etc/systemd/system/mosquitto.service.d/hallware.conf on the broker's machine.
[Service]
{service_lines()}"""
