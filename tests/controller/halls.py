"""A small hall for tests: two zones, three services, three windows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from contract.settings import parse
from controller.config import HallConfig
from controller.queue import Rules

NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
EVERY_DAY = 'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
"""For hours of a hall that runs by the real clock: the tests are run on Sundays too."""
ALL_DAY = f'opens = "00:00", closes = "23:59", {EVERY_DAY}'
"""With days and slots of its own, other than `always`."""

HALL = """
store = "{store}"

[hall]
id = "centre"
name = {{ zh = "综合便民服务中心", en = "Citizen Service Centre" }}
hours = {{ {hours} }}

[broker]
port = {port}

[http]
port = 0
public_url = "http://hall.example"

[calling]
{calling}

[lease]
size = 4
start = 800

[[zone]]
id = "east"
name = {{ zh = "东区", en = "East" }}

[[zone]]
id = "west"
name = {{ zh = "西区", en = "West" }}

[[service]]
id = "social"
name = {{ zh = "社会保障", en = "Social security" }}
prefix = "A"
zone = "east"

[[service]]
id = "civil"
name = {{ zh = "民政", en = "Civil affairs" }}
prefix = "B"
zone = "east"
expected = 600

[[service]]
id = "estate"
name = {{ zh = "不动产登记", en = "Real estate" }}
prefix = "C"
zone = "west"
daily_quota = 3

[[window]]
id = "w1"
name = {{ zh = "1号窗口", en = "Window 1" }}
zone = "east"
services = ["social", "civil"]
open = true

[[window]]
id = "w2"
name = {{ zh = "2号窗口", en = "Window 2" }}
zone = "east"
services = ["social"]
open = true

[[window]]
id = "w3"
name = {{ zh = "3号窗口", en = "Window 3" }}
zone = "west"
services = ["estate"]

[[board]]
id = "main"

[[board]]
id = "strip-1"
window = "w1"
lines = 1

[[board]]
id = "west-board"
zones = ["west"]

[[kiosk]]
id = "kiosk-1"

[[kiosk]]
id = "kiosk-2"
services = ["social"]

[[room]]
id = "nursery"
name = {{ zh = "母婴室", en = "Nursery" }}

[[node]]
id = "entrance"
place = "door"

[[node.device]]
id = "kiosk-1"
kind = "kiosk"

[[node.device]]
id = "kiosk-2"
kind = "kiosk"

[[node.device]]
id = "scanner-1"
kind = "scanner"

[[node]]
id = "desk"

[[node.device]]
id = "caller-1"
kind = "caller"
window = "w1"

[[node.device]]
id = "rater-1"
kind = "rater"
window = "w1"

[[node.device]]
id = "strip-1"
kind = "board"

[[node]]
id = "room-node"

[[node.device]]
id = "room-1"
kind = "room"
room = "nursery"
"""


def hall(
    store: str = "sqlite://", *, port: int = 1883, calling: str = "interval = 0", hours: str = "always = true"
) -> HallConfig:
    """The hall as configuration."""
    return parse(text(store, port=port, calling=calling, hours=hours), HallConfig, name="hall.toml")


def text(store: str, *, port: int = 1883, calling: str = "interval = 0", hours: str = "always = true") -> str:
    """The hall as its file."""
    return HALL.format(store=store, port=port, calling=calling, hours=hours)


def hall_of(name: str, store: str, *, port: int = 1883) -> HallConfig:
    """The same hall under another name."""
    return parse(text(store, port=port).replace('id = "centre"', f'id = "{name}"'), HallConfig, name="hall.toml")


def rules(**changes: str) -> Rules:
    """The hall's rules."""
    return Rules.of(hall(**changes))  # type: ignore[arg-type]


def sqlite(folder: Path) -> str:
    """The URL of a store in `folder`."""
    return f"sqlite:///{folder}/hall.db"


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)
