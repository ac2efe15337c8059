"""The navigation: which pages there are to go to, in groups by who uses them, and which of them somebody may see."""

from dataclasses import dataclass

from controller.accounts_roles import Person, Right


@dataclass(frozen=True)
class Entry:
    """A page that one can go to; its word is `nav.{word}`."""

    word: str
    href: str
    right: Right
    covers: str = ""
    """What an address begins with that belongs to this page too."""

    def is_at(self, path: str) -> bool:
        """Whether somebody at `path` is on this page."""
        return path == self.href or bool(self.covers and path.startswith(self.covers))


@dataclass(frozen=True)
class Group:
    """Pages for the same people; its word is `nav-group.{word}`."""

    word: str
    entries: tuple[Entry, ...]

    def is_at(self, path: str) -> bool:
        """Whether somebody at `path` is on one of its pages."""
        return any(entry.is_at(path) for entry in self.entries)


GROUPS = (
    Group("serving", (
        Entry("overview", "/", Right.SEE_HALL),
        Entry("windows", "/windows", Right.SEE_HALL, covers="/window/"),
        Entry("desk", "/desk", Right.ISSUE_TICKET),
        Entry("slips", "/slips", Right.PRINT_SLIP),
    )),
    Group("hall", (
        Entry("notices", "/notices", Right.SEE_HALL),
        Entry("board", "/board", Right.SEE_HALL),
    )),
    Group("voice", (
        Entry("ratings", "/ratings", Right.SEE_RATINGS),
        Entry("cases", "/cases", Right.SEE_RATINGS),
    )),
    Group("upkeep", (
        Entry("devices", "/devices", Right.SEE_DEVICES),
        Entry("round", "/round", Right.SEE_DEVICES),
        Entry("inventory", "/inventory", Right.SEE_DEVICES, covers="/inventory/"),
        Entry("maintenance", "/maintenance", Right.SEE_DEVICES),
        Entry("rooms", "/rooms", Right.SEE_ROOMS, covers="/rooms/"),
        Entry("nodes", "/nodes", Right.MANAGE_NODES),
    )),
    Group("figures", (
        Entry("reports", "/reports", Right.SEE_REPORTS),
    )),
    Group("administration", (
        Entry("settings", "/settings", Right.SEE_SETTINGS),
        Entry("accounts", "/accounts", Right.MANAGE_ACCOUNTS),
        Entry("account", "/account", Right.OWN_ACCOUNT),
    )),
)  # fmt: skip
"""Every page of staff that stands in the navigation. A group of one is a plain link."""


def groups_for(person: Person | None) -> tuple[Group, ...]:
    """What `person` may see of it, without empty groups."""
    if person is None:
        return ()
    found = (Group(group.word, tuple(entry for entry in group.entries if person.may(entry.right))) for group in GROUPS)
    return tuple(group for group in found if group.entries)
