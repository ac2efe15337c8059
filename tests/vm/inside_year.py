"""A hall and its node through more than a year, run inside a machine whose idle time leaps; tells what it saw as JSON lines.

Usage, as root in the machine: inside_year.py HALLWARE-PROGRAM. All is real: Mosquitto, registrar, certificates, the renewal's
systemd timer. Between the looks only the timer runs, for a node that beats once a second would make a year as long as it is.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ETC, DAY = Path("/etc/hallware"), 86400
HALL, IDENTITY = ETC / "hall.toml", ETC / "identity"
PROGRAM = sys.argv[1]
BEGAN = time.time()


def say(what: str, **more: object) -> None:
    print(json.dumps({"day": round((time.time() - BEGAN) / DAY, 2), "what": what} | more), flush=True)


def run(*words: str, check: bool = True) -> str:
    ran = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and ran.returncode:
        say("failed", words=" ".join(words), said=ran.stdout[-2000:], status=ran.returncode)
        sys.exit(1)
    return ran.stdout


def until(what: str, true: Callable[[], object], within: float = 600.0) -> None:
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            say("failed", words=what, said=run("journalctl", "-n", "40", "--no-pager", "-o", "cat"))
            sys.exit(1)
        time.sleep(0.5)


def certificate() -> dict[str, str]:
    """Serial number and days of the node's certificate."""
    said = run("openssl", "x509", "-in", str(IDENTITY / "node.crt"), "-noout", "-serial", "-startdate", "-enddate")
    return dict(line.split("=", 1) for line in said.splitlines())


def make_hall() -> None:
    say("begins")
    run(PROGRAM, "init", "--yes")
    say("a hall is made")
    plan = (Path(__file__).parent / "plan.toml").read_text(encoding="utf-8")
    text = HALL.read_text(encoding="utf-8")
    HALL.write_text(text[: text.index("# Zones 区域")] + plan, encoding="utf-8")
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", "hallware-broker-reload.path", "hallware-renew.timer")
    hall_up()


def hall_up() -> None:
    run("systemctl", "start", "mosquitto", "hallware-broker-reload.path", "hallware-registrar")
    until(
        "the registrar listens",
        lambda: "registrar of hall" in run("journalctl", "-u", "hallware-registrar", "--no-pager", "-n", "30"),
    )


def hall_down() -> None:
    run("systemctl", "stop", "hallware-node", "hallware-registrar", "hallware-broker-reload.path", "mosquitto")


def enrol() -> None:
    Path("/card").mkdir()
    run(PROGRAM, "provision", "card", "machine", "--into", "/card")
    shutil.copy("/card/hallware/claim.toml", ETC / "claim.toml")
    run("systemctl", "start", "--no-block", "hallware-enrol")
    until("it waits", lambda: "WAITS" in run(PROGRAM, "nodes", str(HALL), "list"))
    run(PROGRAM, "nodes", str(HALL), "approve", "machine")
    until("it has its certificate", lambda: (IDENTITY / "node.crt").exists())


def connects(what: str) -> None:
    """The node starts and is let in by the broker, with what certificate it has."""
    run("systemctl", "start", "hallware-node")
    until("the node is let in", lambda: "broker there" in run("systemctl", "show", "-P", "StatusText", "hallware-node"))
    run("systemctl", "stop", "hallware-node")
    say(what, **certificate())


def let_in(folder: Path) -> bool:
    """Whether the broker takes the certificate in a folder."""
    said = run("timeout", "20", "openssl", "s_client", "-connect", "127.0.0.1:8883", "-CAfile", str(folder / "ca.crt"), "-cert",
               str(folder / "node.crt"), "-key", str(folder / "node.key"), "-quiet", "-no_ign_eof", check=False)  # fmt: skip
    return "alert" not in said


def leap_to(day: float) -> None:
    time.sleep(max(0.0, BEGAN + day * DAY - time.time()))


def next_look() -> float:
    """Seconds until the timer looks at the certificate again."""
    unit = "/org/freedesktop/systemd1/unit/hallware_2drenew_2etimer"
    said = run(
        "busctl", "get-property", "org.freedesktop.systemd1", unit, "org.freedesktop.systemd1.Timer", "NextElapseUSecMonotonic"
    )
    return int(said.split()[1]) / 1e6 - time.monotonic()


def due() -> float:
    """When two thirds of the certificate's life are over, in seconds since 1970."""
    begins, ends = (datetime.strptime(certificate()[key], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC).timestamp()
                    for key in ("notBefore", "notAfter"))  # fmt: skip
    return begins + (ends - begins) * 2 / 3


def leap_until_a_look_that_is_due() -> None:
    """Just before it, so that the registrar need not run for days."""
    while time.time() + next_look() < due():
        time.sleep(next_look() + 60)
    time.sleep(max(0.0, next_look() - 60))


def main() -> None:
    make_hall()
    enrol()
    connects("enrolled")
    shutil.copytree(IDENTITY, "/first-identity")
    run("systemctl", "start", "hallware-renew.timer")
    hall_down()
    leap_until_a_look_that_is_due()
    looks = len(Path("/run/looks").read_text().splitlines())
    say("just before two thirds", looks=looks, **certificate())
    hall_up()
    connects("connects just before two thirds")
    time.sleep(next_look() + 120)
    say("two thirds are over", **certificate())
    connects("connects with the new one")
    hall_down()
    leap_to(366)
    hall_up()
    connects("connects after a year")
    say("the first certificate", let_in=let_in(Path("/first-identity")), ends=datetime.fromtimestamp(BEGAN, UTC).isoformat())
    say("the present certificate", let_in=let_in(IDENTITY))
    hall_down()
    say("done")


main()
