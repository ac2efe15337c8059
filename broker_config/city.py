"""A city watches its halls: each hall's broker bridges what viewers may hear to the city's, one way."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from broker_config.mosquitto import HEADROOM
from contract.codec import MAX_BYTES
from contract.topics import ROOT, Role, heard_by


@dataclass(frozen=True)
class Bridge:
    """A hall's bridge to its city. The certificate is of the city's CA, and its name is the hall's id."""

    hall: str
    host: str
    port: int = 8883
    ca: Path = Path("/etc/hallware/city/ca.crt")
    certificate: Path = Path("/etc/hallware/city/hall.crt")
    key: Path = Path("/etc/hallware/city/hall.key")


def bridge_conf(bridge: Bridge) -> str:
    """The lines that are added to a hall's mosquitto.conf. Nothing ever comes back: the city cannot speak in the hall."""
    lines = [
        "# To the city, one way: what viewers may hear, from the table of topics",
        "connection city",
        f"address {bridge.host}:{bridge.port}",
        f"bridge_cafile {bridge.ca}",
        f"bridge_certfile {bridge.certificate}",
        f"bridge_keyfile {bridge.key}",
        "bridge_tls_version tlsv1.2",
        "bridge_protocol_version mqttv50",
        f"bridge_max_packet_size {MAX_BYTES + HEADROOM}",
        f"remote_clientid {bridge.hall}",
        f"local_clientid city-{bridge.hall}",
        "# While the city is away, messages wait in the hall's broker up to its limits; the oldest picture is in the next one.",
        "cleansession false",
        "notifications false",
        "try_private false",
        "restart_timeout 5 60",
        *_outwards(bridge.hall),
    ]
    return "\n".join(lines) + "\n"


def _outwards(hall: str) -> Iterator[str]:
    for row in heard_by(Role.VIEWER):
        yield f"topic {row.filter(hall=hall)} out {row.qos}"


def city_access_list(watchers: Iterable[str] = ()) -> str:
    """The city's access list: each hall speaks below its own id, and `watchers` hear what viewers may."""
    heard = [f"topic read {row.filter()}" for row in heard_by(Role.VIEWER)]
    parts = [
        "# Access list of a city's broker, made from the table of topics. What no line allows is denied.",
        f"# Every hall: the user name of its bridge is its id.\npattern write {ROOT}/%u/#",
        *("\n".join([f"user {watcher}", f"topic deny {ROOT}/{watcher}/#", *heard]) for watcher in watchers),
    ]
    return "\n\n".join(parts) + "\n"


def emqx_acl(watchers: Iterable[str] = ()) -> str:
    """The same for an EMQX cluster, as its acl.conf. Checked against the table of topics, never run on an EMQX."""
    heard = ", ".join(f'"{row.filter()}"' for row in heard_by(Role.VIEWER))
    lines = [
        "%% Access of a city's EMQX cluster, made from hallware's table of topics; the last line denies all else.",
        *(f'{{deny, {{user, "{watcher}"}}, publish, ["#"]}}.' for watcher in watchers),
        f'{{allow, all, publish, ["{ROOT}/${{username}}/#"]}}.',
        *(f'{{allow, {{user, "{watcher}"}}, subscribe, [{heard}]}}.' for watcher in watchers),
        "{deny, all}.",
    ]
    return "\n".join(lines) + "\n"
