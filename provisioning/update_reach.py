"""How the hall's machine reaches its nodes by ssh: a small file, and what is known of them without it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from contract.settings import Settings, read
from contract.values import Id

Port = Annotated[int, Meta(ge=1, le=65535)]


class OneNode(Settings, frozen=True, kw_only=True):
    """A node that is reached otherwise than the rest."""

    host: str | None = None
    port: Port | None = None
    user: str | None = None
    key: Path | None = None
    root: Path = Path("/")
    """Where its tree begins; another one only for a node that is simulated."""


class Hosts(Settings, frozen=True, kw_only=True):
    """hosts.toml: what all nodes have in common, and what one has alone."""

    user: str = "hall"
    """The account of the boot card, which may do everything by sudo."""
    key: Path | None = None
    """The private key to one of the card's `ssh_keys`; else ssh's own keys and agent are tried."""
    port: Port = 22
    known_hosts: Path | None = None
    node: dict[Id, OneNode] = {}


class NodeReach(msgspec.Struct, frozen=True, kw_only=True):
    """One node, everything decided."""

    host: str
    port: int
    user: str
    key: Path | None
    known_hosts: Path | None
    root: Path


def read_hosts(path: Path | None) -> Hosts:
    """The file, if one is named. Raises `BadSettings`."""
    return Hosts() if path is None else read(path, Hosts)


def reached(nodes: Iterable[str], hosts: Hosts, addresses: Mapping[str, str]) -> dict[str, NodeReach]:
    """How each node is reached: by the file, by the address from which it enrolled, or by its name."""
    return {name: _reach(name, hosts.node.get(name, OneNode()), hosts, addresses) for name in nodes}


def _reach(name: str, one: OneNode, hosts: Hosts, addresses: Mapping[str, str]) -> NodeReach:
    return NodeReach(
        host=one.host or addresses.get(name) or name, port=one.port or hosts.port, user=one.user or hosts.user,
        key=one.key or hosts.key, known_hosts=hosts.known_hosts, root=one.root,
    )  # fmt: skip
