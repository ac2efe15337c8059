"""The broker's access list, made from the contract's table: what no line allows is denied."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from contract.topics import HOME_STATE, HOME_STATUS, ROOT, Role, Topic, heard_by, said_by

CONTROLLER = "controller"
"""The controller's user name at the broker."""


REGISTRAR = "registrar"
"""The user name of whoever closes the connections of the revoked; it may say and hear nothing."""


def access_list(
    hall: str,
    *,
    dispatchers: Iterable[str] = (),
    viewers: Iterable[str] = (),
    silent: Iterable[str] = (),
    monitors: Iterable[str] = (),
    homes: Mapping[str, str] = MappingProxyType({}),
    controller: str = CONTROLLER,
) -> str:
    """The text of Mosquitto's `acl_file` for one hall.

    Nodes need no line of their own: patterns let every user say and hear what stands under its own name, and hear what
    the whole hall hears. (Mosquitto warns of a pattern without `%u`; it means what it says.) Dispatchers and viewers are
    named, and denied the patterns, so that none of them can pass for a node. Who is `silent` may be connected, no more;
    `monitors` hear the broker's own figures. `homes` are building controls by name, each with its discovery prefix: what is
    kept for them is all that they hear.
    """
    parts = [
        f"# Access list of hall {hall}, made from the table of topics. What no line allows is denied.",
        _section("Every node: its own topics, and what the whole hall hears.", _patterns(hall)),
        _section(f"user {controller}", _controller(hall, controller, homes.values()), comment=False),
        *(_person(hall, user, Role.DISPATCH) for user in dispatchers),
        *(_person(hall, user, Role.VIEWER) for user in viewers),
        *(_section(f"user {user}", _home(hall, user, prefix), comment=False) for user, prefix in homes.items()),
        *(_section(f"user {user}", ["topic deny #"], comment=False) for user in silent),
        *(_section(f"user {user}", ["topic deny #", "topic read $SYS/#"], comment=False) for user in monitors),
    ]
    return "\n\n".join(parts) + "\n"


def _section(head: str, lines: Iterable[str], *, comment: bool = True) -> str:
    return "\n".join([f"# {head}" if comment else head, *lines])


def _patterns(hall: str) -> Iterator[str]:
    for row in said_by(Role.NODE):
        yield f"pattern write {_own(row, hall, '%u')}"
    for row in heard_by(Role.NODE):
        yield f"pattern read {row.filter(hall=hall) if row.overheard else _own(row, hall, '%u')}"


def _controller(hall: str, user: str, prefixes: Iterable[str]) -> Iterator[str]:
    yield from _topics(hall, user, Role.CONTROLLER)
    for prefix in dict.fromkeys(prefixes):
        yield f"topic readwrite {prefix}/device/+/config"


def _home(hall: str, user: str, prefix: str) -> Iterator[str]:
    """What nodes hear all together is denied by name: a denial of everything would go before what is allowed."""
    yield _no_node(hall, user)
    yield from (f"topic deny {row.filter(hall=hall)}" for row in heard_by(Role.NODE) if row.owner is None or row.overheard)
    yield from (f"topic read {row.filter(hall=hall)}" for row in (HOME_STATUS, HOME_STATE))
    yield f"topic read {prefix}/#"
    yield f"topic write {prefix}/status"


def _topics(hall: str, user: str, role: Role) -> Iterator[str]:
    yield _no_node(hall, user)
    for row in said_by(role):
        yield f"topic write {row.filter(hall=hall)}"
    for row in heard_by(role):
        yield f"topic read {row.filter(hall=hall)}"


def _person(hall: str, user: str, role: Role) -> str:
    lines = [_no_node(hall, user)]
    lines += [f"topic write {_own(row, hall, user)}" for row in said_by(role)]
    lines += [f"topic read {_heard(row, hall, user, role)}" for row in heard_by(role)]
    return _section(f"user {user}", lines, comment=False)


def _no_node(hall: str, user: str) -> str:
    """The patterns are for everybody, so whoever is no node is denied what a node of that name might say."""
    return f"topic deny {ROOT}/{hall}/node/{user}/#"


def _heard(row: Topic[Any], hall: str, user: str, role: Role) -> str:
    """A dispatcher hears its own replies; what nodes and other dispatchers say is heard as a whole."""
    return _own(row, hall, user) if role is Role.DISPATCH and row.owner == "user" else row.filter(hall=hall)


def _own(row: Topic[Any], hall: str, user: str) -> str:
    """The row's filter with its owner's level filled in by `user`."""
    return row.filter(hall=hall, **({row.owner: user} if row.owner else {}))
