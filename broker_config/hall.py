"""mosquitto.conf of a hall: nodes come with certificates by TLS, programs of the same machine with passwords by loopback.

port 8883, everywhere   client certificate of the hall's CA, not revoked; its name is user name and client id
port 1883, loopback     user name and password: controller, dispatch, registrar
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from broker_config.mosquitto import HEADROOM
from contract.codec import MAX_BYTES

CONNECTIONS = 500
"""At the door for nodes; a hall has fifty, and each that comes back may for a moment be there twice."""
WAITING = 10_000
"""Messages that wait for one client. Nodes keep their facts until the controller has them, so what is dropped comes again."""
MEMORY = 256 * 1024 * 1024
"""Bytes of heap after which the broker refuses messages rather than take the machine down."""


class Form(Enum):
    """Mosquitto changed how passwords and access lists are named; the older words end with 3.0."""

    V2_0 = "2.0"
    V2_1 = "2.1"


@dataclass(frozen=True)
class HallBroker:
    """Where everything of a hall's broker lies, and where it listens."""

    ca: Path = Path("/etc/hallware/trust/ca.crt")
    revoked: Path = Path("/etc/hallware/trust/crl.pem")
    certificate: Path = Path("/etc/hallware/broker/broker.crt")
    key: Path = Path("/etc/hallware/broker/broker.key")
    access_list: Path = Path("/etc/hallware/broker/access")
    passwords: Path = Path("/etc/hallware/broker/passwords")
    folder: Path = Path("/var/lib/mosquitto")
    """Where it keeps retained messages and sessions over a restart."""
    port: int = 8883
    host: str = "0.0.0.0"  # noqa: S104  a client certificate is required there
    loopback_port: int = 1883
    plugins: Path = Path("/usr/lib/mosquitto")
    """Form 2.1: where Mosquitto's own plug-ins lie."""
    pid_file: Path | None = None
    user: str | None = None


def hall_conf(broker: HallBroker, form: Form = Form.V2_0) -> str:
    """The text of mosquitto.conf for this hall."""
    parts = (
        _section(
            f"A hall's broker, made by hallware for Mosquitto {form.value}. Change it with `hallware init`.", _whole(broker)
        ),
        _section("Who may say and hear what, from the table of topics", _access(broker, form)),
        _section("What is kept over a restart. Facts never depend on it: nodes keep them until they are stored", _kept(broker)),
        _section("The log goes to the journal", _log()),
        _section("Nodes: a certificate of the hall's CA, and nothing else", _nodes(broker)),
        _section("Programs of this machine", _programs(broker, form)),
    )
    return "\n\n".join(parts) + "\n"


def _section(head: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {head}", *lines])


def _whole(broker: HallBroker) -> Iterator[str]:
    if broker.user:
        yield f"user {broker.user}"
    if broker.pid_file:
        yield f"pid_file {broker.pid_file}"
    yield "allow_anonymous false"
    yield "# Without it Nagle and delayed acknowledgements hold a call back for up to 40 ms."
    yield "set_tcp_nodelay true"
    yield f"max_packet_size {MAX_BYTES + HEADROOM}"
    yield "# Beyond this Mosquitto drops silently; nodes keep their facts until the controller has them."
    yield f"max_queued_messages {WAITING}"
    yield "max_inflight_messages 100"
    yield f"memory_limit {MEMORY}"
    yield "max_keepalive 120"
    yield "persistent_client_expiration 7d"
    yield "sys_interval 10"


def _access(broker: HallBroker, form: Form) -> Iterator[str]:
    if form is Form.V2_0:
        yield "per_listener_settings false"
        yield f"acl_file {broker.access_list}"
        yield "# Only the door on loopback asks for a password; at the other one the certificate speaks."
        yield f"password_file {broker.passwords}"
    else:
        yield f"global_plugin {broker.plugins / 'mosquitto_acl_file.so'}"
        yield f"plugin_opt_acl_file {broker.access_list}"
        yield f"plugin_load passwords {broker.plugins / 'mosquitto_password_file.so'}"
        yield f"plugin_opt_password_file {broker.passwords}"


def _kept(broker: HallBroker) -> Iterator[str]:
    yield "persistence true"
    yield f"persistence_location {broker.folder}/"
    yield "autosave_interval 300"


def _log() -> Iterator[str]:
    yield "log_dest stderr"
    yield "log_timestamp_format %Y-%m-%dT%H:%M:%S"
    yield from (f"log_type {kind}" for kind in ("error", "warning", "notice", "information"))


def _nodes(broker: HallBroker) -> Iterator[str]:
    yield f"listener {broker.port} {broker.host}"
    yield f"max_connections {CONNECTIONS}"
    yield "tls_version tlsv1.2"
    yield f"cafile {broker.ca}"
    yield f"certfile {broker.certificate}"
    yield f"keyfile {broker.key}"
    yield f"crlfile {broker.revoked}"
    yield "require_certificate true"
    yield "use_identity_as_username true"
    yield "# Whatever client id one asks for, one gets one's own: nobody can push another off the line."
    yield "use_username_as_clientid true"


def _programs(broker: HallBroker, form: Form) -> Iterator[str]:
    yield f"listener {broker.loopback_port} 127.0.0.1"
    yield "max_connections 100"
    if form is Form.V2_1:
        yield "plugin_use passwords"
