"""mosquitto.conf: one listener of a hall's broker, as text for Mosquitto 2.0."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from contract.codec import MAX_BYTES

HEADROOM = 4 * 1024
"""What a packet may have beside its payload: topic, properties, headers."""


class Persistence(Enum):
    """What the broker keeps over its own restart. Facts never depend on it: nodes keep them until the controller has them."""

    NONE = "none"
    """Retained messages are gone with the broker; who says them says them again on reconnecting."""
    DEFAULT = "default"
    """Mosquitto's own: saved every half hour and at a clean end."""
    SAFE = "safe"
    """Saved right after every change: costs four fifths of the throughput."""


@dataclass(frozen=True)
class Listener:
    """Where the broker listens, who gets in and what it keeps."""

    port: int
    host: str = "127.0.0.1"
    password_file: Path | None = None
    """Without it everybody gets in: only for a listener on loopback."""
    access_list: Path | None = None
    persistence: Persistence = Persistence.NONE
    folder: Path | None = None
    """Where what it keeps lies."""
    user: str | None = None
    """The account that Mosquitto changes to when it is started by root."""

    def __post_init__(self) -> None:
        if self.password_file is None and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(f"a broker that lets everybody in must not listen on {self.host}; give it a password file")
        if self.persistence is not Persistence.NONE and self.folder is None:
            raise ValueError("a broker that keeps something needs a folder to keep it in")


def mosquitto_conf(listener: Listener) -> str:
    """The text of mosquitto.conf."""
    lines = [
        "per_listener_settings false",
        *([f"user {listener.user}"] if listener.user else []),
        f"listener {listener.port} {listener.host}",
        *_doors(listener),
        "# Without it Nagle and delayed acknowledgements hold a call back for up to 40 ms.",
        "set_tcp_nodelay true",
        f"max_packet_size {MAX_BYTES + HEADROOM}",
        "# Beyond this Mosquitto drops silently; nodes keep their facts until the controller has them.",
        "max_queued_messages 10000",
        "max_inflight_messages 100",
        "max_keepalive 120",
        *_keeping(listener),
        "log_dest stderr",
        "log_timestamp_format %Y-%m-%dT%H:%M:%S",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_type information",
    ]
    return "\n".join(lines) + "\n"


def _doors(listener: Listener) -> list[str]:
    doors = ["allow_anonymous " + ("true" if listener.password_file is None else "false")]
    if listener.password_file is not None:
        doors.append(f"password_file {listener.password_file}")
    if listener.access_list is not None:
        doors.append(f"acl_file {listener.access_list}")
    return doors


def _keeping(listener: Listener) -> list[str]:
    match listener.persistence:
        case Persistence.NONE:
            return ["persistence false"]
        case Persistence.DEFAULT:
            return ["persistence true", f"persistence_location {listener.folder}/"]
        case Persistence.SAFE:
            return [
                "persistence true",
                f"persistence_location {listener.folder}/",
                "autosave_on_changes true",
                "autosave_interval 1",
            ]
