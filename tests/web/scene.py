"""The hall of the web tests, from a hall.toml, and the program that serves it."""

from contract.settings import parse
from controller.config import HallConfig

HALL_TOML = """
[hall]
id = "centre"
name = { zh = "综合便民服务中心", en = "Civic Service Centre" }
timezone = "UTC"
hours = { always = true }

[[zone]]
id = "a"
name = { zh = "A区 · 社会事务", en = "Zone A · Social affairs" }
[[zone]]
id = "b"
name = { zh = "B区 · 登记", en = "Zone B · Registration" }

[[service]]
id = "social-security"
name = { zh = "社会保障", en = "Social security" }
prefix = "A"
zone = "a"
[[service]]
id = "civil-affairs"
name = { zh = "民政", en = "Civil affairs" }
prefix = "B"
zone = "a"
[[service]]
id = "property"
name = { zh = "不动产登记", en = "Property registration" }
prefix = "C"
zone = "b"
[[service]]
id = "market"
name = { zh = "市场监管", en = "Market regulation" }
prefix = "D"
zone = "b"
[[service]]
id = "convenience"
name = { zh = "便民服务", en = "Citizen services" }
prefix = "E"
zone = "b"

[[window]]
id = "w1"
name = { zh = "1号窗口", en = "Window 1" }
zone = "a"
services = ["social-security"]
open = true
[[window]]
id = "w2"
name = { zh = "2号窗口", en = "Window 2" }
zone = "a"
services = ["social-security", "civil-affairs"]
open = true
[[window]]
id = "w3"
name = { zh = "3号窗口", en = "Window 3" }
zone = "b"
services = ["property"]
open = true
[[window]]
id = "w4"
name = { zh = "4号窗口", en = "Window 4" }
zone = "b"
services = ["market", "convenience"]
open = false

[[board]]
id = "board-main"
[[board]]
id = "board-a"
zones = ["a"]
[[board]]
id = "board-1"
window = "w1"

[[room]]
id = "baby-room"
name = { zh = "一层母婴室", en = "Baby room, ground floor" }
checks = ["08:00", "12:00", "16:00"]

[[node]]
id = "entrance"
place = "入口 Entrance"
[[node.device]]
id = "kiosk-1"
kind = "kiosk"
[[node.device]]
id = "board-main"
kind = "board"
[[node]]
id = "window-1"
place = "1号窗口 Window 1"
[[node.device]]
id = "board-1"
kind = "board"
window = "w1"
[[node.device]]
id = "rater-1"
kind = "rater"
dialect = "keypad"
window = "w1"
[[node.device]]
id = "caller-1"
kind = "caller"
dialect = "keypad"
window = "w1"
[[node]]
id = "room"
place = "母婴室 Baby room"
[[node.device]]
id = "room-1"
kind = "room"
room = "baby-room"
"""


def config() -> HallConfig:
    """The configuration of the tests' hall."""
    return parse(HALL_TOML, HallConfig, name="hall.toml")
