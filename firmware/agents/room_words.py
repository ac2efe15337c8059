"""What a room's state says: how many cubicles are free, and what is wrong with a button or a sensor, with what to touch."""

from contract.values import Text
from firmware.agents.room_sensors import Doubt, Suspect

UNKEPT = Text(zh="使用记录无法保存", en="The log of stays cannot be kept")
RELEASE = Text(zh="请检查该按钮和接线", en="Check the button and its cable")
COVER = Text(zh="请检查传感器是否对着热源或损坏", en="Check whether the sensor faces something warm, or is broken")

TOUCH: dict[Doubt, Text] = {
    "door-never-closed": Text(
        zh="关一次门试试；检查门磁、磁铁（间距小于 10 毫米）和接线",
        en="Close the door once to see; check the contact, its magnet (within 10 mm) and its cable",
    ),
    "door-never-opened": Text(
        zh="先敲门看看里面有没有人；没有人就打开门，检查门磁是否粘住、人体感应是否有电",
        en="Knock and see whether somebody is inside; if nobody is, open the door and check contact and motion sensor",
    ),
    "motion-silent": Text(
        zh="检查人体感应的电源、接线和朝向", en="Check the motion sensor's supply, its cable, and where it looks"
    ),
}


def occupancy(free: int, taken: int) -> Text:
    """How many cubicles are free."""
    return Text(zh=f"空闲 {free} 间，使用中 {taken} 间", en=f"{free} free, {taken} occupied")


def held(what: str, cubicle: str) -> Text:
    """A key or button that nobody lets go."""
    if what == "check":
        return Text(zh="检查保洁键一直处于按下状态", en="The check key is held down all the time")
    return Text(
        zh=f"隔间 {cubicle} 的求助按钮一直处于按下状态", en=f"The help button of cubicle {cubicle} is held down all the time"
    )


def restless(cubicle: str) -> Text:
    """A motion sensor that never rests."""
    return Text(zh=f"隔间 {cubicle} 的人体感应一直有信号", en=f"The motion sensor of cubicle {cubicle} never rests")


def doubtful(cubicle: str, suspect: Suspect) -> Text:
    """A contact or sensor that says what cannot be."""
    zh, en = _span(suspect.seconds)
    match suspect.doubt:
        case "door-never-closed":
            return Text(
                zh=f"隔间 {cubicle} 的门 {zh}没有关过，却一直有人进出",
                en=f"The door of cubicle {cubicle} has not closed for {en}, though people came and went",
            )
        case "door-never-opened":
            return Text(
                zh=f"隔间 {cubicle} 的门已关 {zh}，里面没有任何动静",
                en=f"The door of cubicle {cubicle} has been closed for {en} without any motion",
            )
        case "motion-silent":
            return Text(
                zh=f"隔间 {cubicle} 关门 {suspect.times} 次，人体感应都没有反应",
                en=f"The motion sensor of cubicle {cubicle} saw nobody though the door closed {suspect.times} times",
            )


def _span(seconds: float) -> tuple[str, str]:
    # Whole hours, or whole minutes below two: the words must not change each second.
    if seconds >= 7200:
        return f"{seconds // 3600:.0f} 小时", f"{seconds // 3600:.0f} h"
    return f"{seconds // 60:.0f} 分钟", f"{seconds // 60:.0f} min"
