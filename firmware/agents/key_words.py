"""What callers and raters say when their cable, their line or one of their keys is not well."""

from contract.values import Text
from devices.errors import DeviceError, DeviceMissing
from firmware.station import Station

NOISE = frozenset({"noise", "bad-checksum", "bad-length", "bad-frame", "cut-frame", "collision"})
"""Counts of what a line should not carry."""

_RIGHTS = Text(zh="请技术人员查看该节点的日志", en="Have a technician read this node's log")
_RELEASE = Text(zh="松开该按键；若仍卡住，请检查按键和接线", en="Free the key; if it stays stuck, check the key and its cable")
_WIRES = Text(
    zh="检查屏蔽线、A/B 线、接地和终端电阻；看两台设备地址是否相同",
    en="Check the shield, wires A and B, ground and terminating resistor, and that no two devices have one address",
)


class KeyWords:
    """The words of one device: `zh` and `en` name it, `keypad` says that it hangs on USB itself and not on a serial line."""

    def __init__(self, zh: str, en: str, *, keypad: bool) -> None:
        self._zh, self._en, self._keypad = zh, en, keypad

    @property
    def ready(self) -> Text:
        """All is well."""
        return Text(zh=f"{self._zh}正常", en=f"The {self._en} is ready")

    def gone(self, station: Station, error: DeviceError) -> None:
        """It cannot be opened, or was unplugged."""
        what = "keypad" if self._keypad else "line"
        if not isinstance(error, DeviceMissing):
            said = Text(zh=f"{self._zh}无法打开", en=f"The {self._en} cannot be opened")
            station.state("fault", f"{what}-refused", said, _RIGHTS)
        elif self._keypad:
            touch = Text(zh=f"将{self._zh}插回 USB 口", en=f"Plug the {self._en} back into its USB socket")
            station.state("fault", "keypad-unplugged", Text(zh=f"{self._zh}未连接", en=f"The {self._en} is unplugged"), touch)
        else:
            said = Text(zh=f"{self._zh}的串口线未连接", en=f"The {self._en}'s serial line is unplugged")
            touch = Text(zh="将 USB 转串口插回，并检查插头", en="Plug the USB serial adapter back in and check its plugs")
            station.state("fault", "line-unplugged", said, touch)

    def blocked(self, station: Station) -> None:
        """The line takes nothing."""
        what = Text(zh=f"{self._zh}的串口线发不出数据", en=f"The {self._en}'s serial line takes no data")
        touch = Text(
            zh="拔下 USB 转串口再插回；检查线路是否短路", en="Unplug the serial adapter and plug it in again; look for a short"
        )
        station.state("fault", "line-blocked", what, touch)

    def silent(self, station: Station) -> None:
        """It does not answer."""
        what = Text(zh=f"{self._zh}没有应答", en=f"The {self._en} does not answer")
        touch = Text(
            zh=f"检查{self._zh}的电源、A/B 线和地址", en=f"Check the {self._en}'s power, its wires A and B, and its address"
        )
        station.state("fault", "silent", what, touch)

    def stuck(self, station: Station, key: Text) -> None:
        """A key is held all the time."""
        what = Text(
            zh=f"{self._zh}的“{key.zh}”键一直处于按下状态", en=f"The {self._en}'s key “{key.en}” is held down all the time"
        )
        station.state("attention", "key-stuck", what, _RELEASE)

    def noisy(self, station: Station) -> None:
        """Much comes in that is no frame."""
        what = Text(zh=f"{self._zh}的线路有干扰", en=f"There is noise on the {self._en}'s line")
        station.state("attention", "line-noisy", what, _WIRES)

    def chatters(self, station: Station) -> None:
        """A key goes off over and over."""
        what = Text(zh=f"{self._zh}有按键反复触发", en=f"A key of the {self._en} goes off over and over")
        touch = Text(zh="若无人连按，请检查或更换该按键", en="If nobody drums on it, check the key or replace it")
        station.state("attention", "key-chatters", what, touch)
