"""What a kiosk says of itself, in words that staff understand, with what to touch."""

from dataclasses import dataclass

from contract.health import Condition
from contract.values import Text
from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.printer_status import PrinterStatus


@dataclass(frozen=True, slots=True)
class Saying:
    """One state of a kiosk in words."""

    condition: Condition
    code: str
    what: Text
    touch: Text | None = None


READY = Saying("ready", "ok", Text(zh="取号机工作正常", en="the kiosk gives tickets"))
STARTING = Saying("busy", "starting", Text(zh="取号机正在启动", en="the kiosk is starting"))
NO_OFFER = Saying(
    "attention",
    "no-offer",
    Text(zh="控制器没有给这台取号机任何事项", en="the controller has nothing for this kiosk to offer"),
    Text(zh="在 hall.toml 中登记这台取号机", en="register the kiosk in hall.toml"),
)
ON_LEASE = Saying(
    "attention",
    "on-lease",
    Text(zh="联系不上控制器，正用备用号段发号", en="the controller is out of reach; tickets come from the kiosk's own numbers"),
    Text(zh="检查网络和控制器；暂时无需处理取号机", en="check the network and the controller; leave the kiosk as it is"),
)
NO_NUMBERS = Saying(
    "fault",
    "no-numbers",
    Text(
        zh="联系不上控制器，备用号段也没有号了", en="the controller is out of reach and the kiosk has no numbers of its own left"
    ),
    Text(zh="检查网络和控制器；请在服务台人工发号", en="check the network and the controller; give numbers by hand at the desk"),
)
DISK_FULL = Saying(
    "fault",
    "disk-full",
    Text(zh="节点存储已满，无法登记取号", en="the node's disk is full, tickets cannot be recorded"),
    Text(zh="清理节点存储或更换存储卡", en="make room on the node or change its card"),
)


def stuck(services: str) -> Saying:
    """A key that has been down for long."""
    what = Text(zh=f"取号键一直被按下：{services}", en=f"a key has been held down for long: {services}")
    return Saying("attention", "key-stuck", what, Text(zh="检查该按键是否卡住", en="see whether the key is jammed"))


_COVER = Saying(
    "fault",
    "cover-open",
    Text(zh="取号打印机的盖子开着", en="the cover of the ticket printer is open"),
    Text(zh="合上打印机盖子，直到听见咔嗒声", en="close the printer's cover until it clicks"),
)
_PAPER_OUT = Saying(
    "fault",
    "paper-out",
    Text(zh="取号打印机缺纸", en="paper is out on the ticket printer"),
    Text(
        zh="打开机盖，装入新纸卷，热敏面朝上，再合上机盖", en="open the cover, put in a new roll, print side up, close the cover"
    ),
)
_CUTTER = Saying(
    "fault",
    "cutter-jam",
    Text(zh="取号打印机切刀卡住", en="the cutter of the ticket printer is jammed"),
    Text(zh="打开机盖，取出卡住的纸，合上机盖", en="open the cover, take out the jammed paper, close the cover"),
)
_JAM = Saying(
    "fault",
    "printer-jam",
    Text(zh="取号打印机卡纸或走纸出错", en="the ticket printer is jammed"),
    Text(zh="打开机盖，取出卡住的纸，重新装好纸卷", en="open the cover, take out the jammed paper, put the roll back in"),
)
_BROKEN = Saying(
    "fault",
    "printer-broken",
    Text(zh="取号打印机报告严重故障", en="the ticket printer reports an error that it cannot get over"),
    Text(zh="关机再开机；仍不行则更换打印机", en="switch the printer off and on; if that does not help, replace it"),
)
_HOT = Saying(
    "fault",
    "printer-hot",
    Text(zh="取号打印机过热，冷却后自动恢复", en="the ticket printer is too hot; it goes on by itself when it has cooled"),
    Text(zh="请稍候；确认通风口没有被挡住", en="wait; see that nothing covers its vents"),
)
_OFFLINE = Saying(
    "fault",
    "printer-offline",
    Text(zh="取号打印机处于脱机状态", en="the ticket printer is offline"),
    Text(zh="按打印机上的联机键或走纸键", en="press the printer's online or feed key"),
)
_PAPER_LOW = Saying(
    "attention",
    "paper-low",
    Text(zh="取号打印机快没纸了", en="paper is low on the ticket printer"),
    Text(zh="准备一卷新纸，方便时更换", en="have a new roll at hand and change it when nobody waits"),
)


def printer(status: PrinterStatus) -> Saying | None:
    """What is wrong with the printer, the thing to touch first coming first; None when nothing is."""
    causes = (
        (status.unrecoverable_error, _BROKEN),
        (status.cover_open, _COVER),
        (status.paper == "out", _PAPER_OUT),
        (status.cutter_error, _CUTTER),
        (status.recoverable_error, _JAM),
        (status.overheated, _HOT),
        (status.offline, _OFFLINE),
        (status.paper == "near-end", _PAPER_LOW),
    )
    return next((saying for true, saying in causes if true), None)


_LOST: tuple[tuple[type[DeviceError], str, Text, Text], ...] = (
    (
        DeviceRefused,
        "printer-refused",
        Text(zh="不能打开取号打印机", en="the ticket printer may not be opened"),
        Text(
            zh="把运行用户加入 dialout 和 lp 组，并确认没有其他程序占用",
            en="add the node's user to groups `dialout` and `lp`; no other program may hold the printer",
        ),
    ),
    (
        DeviceMissing,
        "printer-missing",
        Text(zh="找不到取号打印机", en="the ticket printer is not there"),
        Text(zh="检查打印机电源和连接线", en="check the printer's power and its cable"),
    ),
    (
        DeviceTimeout,
        "printer-silent",
        Text(zh="取号打印机没有应答", en="the ticket printer does not answer"),
        Text(zh="检查打印机是否开机、数据线是否插好", en="see that the printer is switched on and its cable is firmly in"),
    ),
    (
        DeviceBroken,
        "printer-noise",
        Text(zh="取号打印机应答混乱", en="the ticket printer answers nonsense"),
        Text(zh="检查数据线，并核对 node.toml 中的波特率", en="check its cable, and `baud` in node.toml"),
    ),
)  # fmt: skip


def lost(error: DeviceError) -> Saying:
    """The printer cannot be spoken to."""
    for kind, code, what, touch in _LOST:
        if isinstance(error, kind):
            return Saying("fault", code, what, touch)
    return Saying(
        "fault", "printer-lost", Text(zh=f"取号打印机出错：{error}", en=f"the ticket printer fails: {error}"), _LOST[1][3]
    )
