"""claim.toml: what a card tells its machine: who it is to be, where to ask, with which token, and whom to believe."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from contract.enrolment import ClaimToken, Identity
from contract.settings import Settings, read
from contract.values import Id

NAME = "claim.toml"
PLACES = (Path("/boot/firmware/hallware") / NAME, Path("/boot/hallware") / NAME, Path("/etc/hallware") / NAME)
"""Where it may lie on a node, in the order in which it is looked for."""


class ClaimFile(Settings, frozen=True, kw_only=True):
    """The whole of claim.toml."""

    hall: Id
    role: Identity = Identity.NODE
    name: Id
    token: ClaimToken
    registrar: Annotated[str, Meta(min_length=1)]
    """Name or address of the registrar, of those in its certificate."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 8884
    ca: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the CA's certificate, in hex: nobody else is believed."""


def load_claim(path: Path) -> ClaimFile:
    """Read claim.toml. Raises `BadSettings`."""
    return read(path, ClaimFile)


def find_claim() -> Path | None:
    """The card's claim.toml, if there is one."""
    return next((path for path in PLACES if path.exists()), None)
