"""hall.toml: to whom the hall tells what citizens may want to hear."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta

from contract.settings import Seconds, Settings
from contract.values import Id
from contract.webhooks import EventName

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


class Messages(Settings, frozen=True, kw_only=True):
    """When a citizen is told something."""

    before: Annotated[int, Meta(ge=0, le=100)] = 3
    """`ticket.soon` is said when so many people are left before a ticket, or fewer."""


class Webhook(Settings, frozen=True, kw_only=True):
    """A program that is told by HTTP what happens, and sends it on to people: by SMS, WeChat, pager."""

    id: Id
    url: str
    events: Annotated[tuple[EventName, ...], Meta(min_length=1)]
    secret_file: Path | None = None
    """A file that only its owner can read: `whsec_…`, one a line; each signs, so that a secret can be changed without a gap."""
    secret_env: str | None = None
    """The name of an environment variable with the same."""
    languages: Annotated[tuple[Literal["zh", "en"], ...], Meta(min_length=1)] = ("zh", "en")
    timeout: Annotated[float, Meta(gt=0, le=60)] = 10.0
    """Seconds for one attempt, from the connection to the last byte of the answer."""
    retry: Seconds = 5.0
    """Seconds until the second attempt; each further one comes after twice the time, at most an hour."""
    hours: Annotated[float, Meta(gt=0, le=168)] = 24.0
    """After so long a message is given up, and earlier when it is worth nothing any more."""
    ca: Path | None = None
    """A certificate authority of one's own, beside those that the machine trusts."""
    insecure: bool = False
    """Whether plain http to another machine is wanted all the same."""

    def __post_init__(self) -> None:
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError(f"webhook `{self.id}`: write either `secret_file` or `secret_env`; hall.toml itself holds no secret")
        if self.secret_env is not None and not _VARIABLE.fullmatch(self.secret_env):
            raise ValueError(f"webhook `{self.id}`: `secret_env` is the name of a variable, such as HALLWARE_WEBHOOK_SECRET")
        if what := _unfit(self.url, insecure=self.insecure):
            raise ValueError(f"webhook `{self.id}`: `url` {what}")

    @property
    def host(self) -> str:
        """The receiver, without what of its address might be secret."""
        return urlsplit(self.url).hostname or ""


def _unfit(url: str, *, insecure: bool) -> str | None:
    """What is wrong with a receiver's address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"cannot be read: {error}"
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "is no address of a receiver; write https://host/path"
    if parts.username or parts.password or parts.fragment or not url.isascii() or any(c.isspace() for c in url):
        return "holds a name, a password, a fragment or a strange character; the signature says who sends, nothing else is needed"
    return _unfit_host(parts, insecure=insecure)


def _unfit_host(parts: SplitResult, *, insecure: bool) -> str | None:
    host = parts.hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        local, linked = host == "localhost", False
    else:
        local, linked = address.is_loopback, address.is_link_local or address.is_multicast or address.is_unspecified
    if linked:
        return f"leads to {host}, which is no machine that receives messages"
    if parts.scheme == "http" and not local and not insecure:
        return "is not https; write https://…, or `insecure = true` when everybody on the way may read along"
    return None
