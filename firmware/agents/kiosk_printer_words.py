"""What a kiosk says of its printer, in words that staff understand, with what to touch."""

import msgspec
from msgspec.structs import replace

from contract.health import Condition
from contract.values import Text
from devices.errors import DeviceBroken, DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.printer_status import PrinterStatus
from devices.printer_transport import WireBlocked, WrongWire
from firmware.agents.kiosk_words import Saying


class _Row(msgspec.Struct, frozen=True):
    """One trouble; `{name}` is what staff call the printer, `{opening}` how it is opened."""

    code: str
    what: Text
    touch: Text
    condition: Condition = "fault"


_COVER = _Row(
    "cover-open",
    Text(zh="{name}的盖子开着", en="the cover of {name} is open"),
    Text(zh="合上打印机盖子，直到听见咔嗒声", en="close the printer's cover until it clicks"),
)
_PAPER_OUT = _Row(
    "paper-out",
    Text(zh="{name}缺纸", en="paper is out on {name}"),
    Text(zh="{opening}，装入新纸卷，热敏面朝上，再合上机盖", en="{opening}, put in a new roll, print side up, close the cover"),
)
_CUTTER = _Row(
    "cutter-jam",
    Text(zh="{name}切刀卡住", en="the cutter of {name} is jammed"),
    Text(zh="{opening}，取出卡住的纸，合上机盖", en="{opening}, take out the jammed paper, close the cover"),
)
_JAM = _Row(
    "printer-jam",
    Text(zh="{name}卡纸或走纸出错", en="{name} is jammed"),
    Text(zh="{opening}，取出卡住的纸，重新装好纸卷", en="{opening}, take out the jammed paper, put the roll back in"),
)
_BROKEN = _Row(
    "printer-broken",
    Text(zh="{name}报告严重故障", en="{name} reports an error that it cannot get over"),
    Text(zh="关机再开机；仍不行则更换打印机", en="switch the printer off and on; if that does not help, replace it"),
)
_HOT = _Row(
    "printer-hot",
    Text(zh="{name}过热，冷却后自动恢复", en="{name} is too hot; it goes on by itself when it has cooled"),
    Text(zh="请稍候；确认通风口没有被挡住", en="wait; see that nothing covers its vents"),
)
_OFFLINE = _Row(
    "printer-offline",
    Text(zh="{name}处于脱机状态", en="{name} is offline"),
    Text(zh="按打印机上的联机键或走纸键", en="press the printer's online or feed key"),
)
_PAPER_LOW = _Row(
    "paper-low",
    Text(zh="{name}快没纸了", en="paper is low on {name}"),
    Text(zh="准备一卷新纸，方便时更换", en="have a new roll at hand and change it when nobody waits"),
    "attention",
)
_LOST: tuple[tuple[type[DeviceError], _Row], ...] = (
    (
        DeviceRefused,
        _Row(
            "printer-refused",
            Text(zh="不能打开{name}", en="{name} may not be opened"),
            Text(
                zh="把运行用户加入 dialout 和 lp 组，并确认没有其他程序占用",
                en="add the node's user to groups `dialout` and `lp`; no other program may hold the printer",
            ),
        ),
    ),
    (
        DeviceMissing,
        _Row(
            "printer-missing",
            Text(zh="找不到{name}", en="{name} is not there"),
            Text(zh="检查打印机电源和连接线", en="check the printer's power and its cable"),
        ),
    ),
    (
        WireBlocked,
        _Row(
            "printer-blocked",
            Text(zh="{name}不再接收数据", en="{name} takes no more data"),
            Text(
                zh="看打印机是否缺纸、开盖或暂停；关机再开机；核对流控设置",
                en="look for paper, cover and pause key; switch it off and on; check its flow control",
            ),
        ),
    ),
    (
        DeviceTimeout,
        _Row(
            "printer-silent",
            Text(zh="{name}没有应答", en="{name} does not answer"),
            Text(zh="检查打印机是否开机、数据线是否插好", en="see that the printer is switched on and its cable is firmly in"),
        ),
    ),
    (
        WrongWire,
        _Row(
            "printer-wrong",
            Text(zh="node.toml 中{name}的 wire 不是打印机", en="what node.toml names as the wire of {name} is no printer"),
            Text(
                zh="用 ls -l /dev/serial/by-id /dev/usb 查看名称，改正 wire",
                en="see `ls -l /dev/serial/by-id /dev/usb`, and correct `wire`",
            ),
        ),
    ),
    (
        DeviceBroken,
        _Row(
            "printer-noise",
            Text(zh="{name}应答混乱，或接的是别的设备", en="{name} answers nonsense, or another device is in its place"),
            Text(
                zh="检查数据线，并核对 node.toml 中的 wire 和波特率",
                en="check its cable, and `wire` and `baud` in node.toml",
            ),
        ),
    ),
)


def _low(left_mm: int) -> _Row:
    metres = f"{left_mm / 1000:.1f}"
    zh, en = f"{_PAPER_LOW.what.zh}，约剩 {metres} 米", f"{_PAPER_LOW.what.en}, about {metres} m are left"
    return replace(_PAPER_LOW, what=Text(zh=zh, en=en))


class PrinterWords(msgspec.Struct, frozen=True):
    """The words for one printer, by what staff call it and how it is opened."""

    name: Text
    opening: Text

    def printer(self, status: PrinterStatus, left_mm: int | None = None) -> Saying | None:
        """What is wrong with the printer, the thing to touch first coming first; None when nothing is.

        `left_mm` is how much paper is left, where somebody reckons it.
        """
        causes = (
            (status.unrecoverable_error, _BROKEN),
            (status.cover_open, _COVER),
            (status.paper == "out", _PAPER_OUT),
            (status.cutter_error, _CUTTER),
            (status.recoverable_error, _JAM),
            (status.overheated, _HOT),
            (status.offline, _OFFLINE),
            (status.paper == "near-end", _PAPER_LOW if left_mm is None else _low(left_mm)),
        )
        return next((self._say(row) for true, row in causes if true), None)

    def lost(self, error: DeviceError) -> Saying:
        """The printer cannot be spoken to."""
        for kind, row in _LOST:
            if isinstance(error, kind):
                return self._say(row)
        what = Text(zh=f"{self.name.zh}出错：{error}"[:400], en=f"{self.name.en} fails: {error}"[:400])
        return Saying(
            "fault", "printer-lost", what, Text(zh="检查打印机电源和连接线", en="check the printer's power and its cable")
        )

    def _say(self, row: _Row) -> Saying:
        return Saying(row.condition, row.code, self._fill(row.what), self._fill(row.touch))

    def _fill(self, text: Text) -> Text:
        zh = text.zh.replace("{name}", self.name.zh).replace("{opening}", self.opening.zh)
        en = text.en.replace("{name}", self.name.en).replace("{opening}", self.opening.en)
        return Text(zh=zh, en=en)
