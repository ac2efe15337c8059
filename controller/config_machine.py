"""Tables of hall.toml about the machine: where its pages are, and its certificates."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.settings import Settings, refuse_no_host
from link.address import BrokerAddress

Port = Annotated[int, Meta(ge=0, le=65535)]
"""0 takes a free one, which is for tests."""


class Http(Settings, frozen=True, kw_only=True):
    """Where the controller's pages are served; `public_url` stands in QR codes."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = ""


class Trust(Settings, frozen=True, kw_only=True):
    """Certificates for everybody at the broker; without this table nodes come by name and password."""

    host: Annotated[str, Meta(min_length=1)]
    """This machine as the nodes reach it: a name or an address, of those in its certificate."""
    broker_port: Port = 8883
    enrolment_port: Port = 8884
    ca: Path = Path("/etc/hallware/trust")
    """Folder of the hall's CA."""
    certificate: Path = Path("/etc/hallware/registrar/registrar.crt")
    key: Path = Path("/etc/hallware/registrar/registrar.key")
    loopback: BrokerAddress = BrokerAddress(username="registrar", password_file=Path("/etc/hallware/registrar/broker.password"))
    """The door through which the registrar closes the connections of the revoked."""
    reload: tuple[str, ...] = ()
    """A command that makes the broker read the list of the revoked; none where systemd watches it."""

    def __post_init__(self) -> None:
        refuse_no_host("trust.host", self.host)
