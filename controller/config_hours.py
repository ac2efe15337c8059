"""Tables of hall.toml that say what the hall is called and when it is open."""

from datetime import date
from itertools import pairwise

from contract.settings import Settings, TimeOfDay, Weekday, refuse_unknown_zone
from contract.values import Id, Text


class Names(Settings, frozen=True, kw_only=True):
    """A name in Chinese and in English."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """The same as a message carries it."""
        return Text(zh=self.zh, en=self.en)


WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Settings, frozen=True, kw_only=True):
    """Opening hours in the hall's time zone; `always` is for demonstrations and 24 h self-service."""

    opens: TimeOfDay = "09:00"
    closes: TimeOfDay = "17:00"
    """Before `opens` it means the next morning."""
    breaks: tuple[tuple[TimeOfDay, TimeOfDay], ...] = ()
    """Such as `[["12:00", "13:30"]]`, in their order: meanwhile nobody gets a ticket."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    always: bool = False

    def __post_init__(self) -> None:
        if self.always:
            return
        if self.opens == self.closes:
            raise ValueError(f"`hours`: opens and closes at {self.opens}, so it is never open; write `always = true` for all day")
        edges = [self.opens, *(edge for pause in self.breaks for edge in pause), self.closes]
        overnight = sum(later <= earlier for earlier, later in pairwise(edges))
        if overnight > 1 or (overnight == 1 and self.closes > self.opens) or len(set(edges)) < len(edges):
            raise ValueError(
                f"`hours`: {', '.join(edges)} do not follow one another; write breaks in their order, between the hours"
            )


class Calendar(Settings, frozen=True, kw_only=True):
    """Days that are not as their day of the week is: holidays, and days on which they are made up for (调休)."""

    holidays: tuple[date, ...] = ()
    made_up: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if both := set(self.holidays) & set(self.made_up):
            raise ValueError(f"`calendar`: {min(both)} is a holiday and a made-up working day; take it out of one of them")


class HallTable(Settings, frozen=True, kw_only=True):
    """Who the hall is."""

    id: Id
    name: Names
    timezone: str = "Asia/Shanghai"
    hours: Hours = Hours()
    calendar: Calendar = Calendar()
    idle: Names = Names(zh="欢迎光临，请先取号", en="Welcome, please take a ticket")

    def __post_init__(self) -> None:
        refuse_unknown_zone("hall.timezone", self.timezone)
