"""What an announcer says of itself: which trouble with sound card, voices or recordings means what, and what to touch."""

from collections.abc import Collection

import msgspec

from contract.health import Condition
from contract.values import Text
from devices.errors import DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout, ProgramMissing


class Said(msgspec.Struct, frozen=True):
    """A device's state in words."""

    condition: Condition
    code: str
    what: Text
    touch: Text | None = None


READY = Said("ready", "ok", Text(zh="语音播报正常", en="The announcer is ready"))
MUTED = Said(
    "attention",
    "speaker-muted",
    Text(zh="声卡已静音，无人听见叫号", en="The sound card is muted; nobody hears the calls"),
    Text(zh="在该节点运行 alsamixer，按 M 取消静音并调高音量", en="Run alsamixer on this node: M unmutes, arrow up is louder"),
)

_TROUBLES: tuple[tuple[type[DeviceError], Said], ...] = (
    (
        DeviceMissing,
        Said(
            "fault",
            "speaker-missing",
            Text(zh="找不到声卡", en="The sound card is missing"),
            Text(
                zh="将 USB 声卡插回；仍找不到，用 aplay -L 核对名称",
                en="Plug the USB sound card back in; if it is in, compare its name with `aplay -L`",
            ),
        ),
    ),
    (
        DeviceRefused,
        Said(
            "fault",
            "speaker-busy",
            Text(zh="声卡被其他程序占用", en="Another program holds the sound card"),
            Text(
                zh="请技术人员用 fuser -v /dev/snd/* 查看并关闭该程序",
                en="Have a technician find and end it: fuser -v /dev/snd/*",
            ),
        ),
    ),
    (
        DeviceTimeout,
        Said(
            "fault",
            "speaker-stuck",
            Text(zh="声卡没有反应，播不出声音", en="The sound card is stuck and plays nothing"),
            Text(zh="拔下 USB 声卡，等三秒再插回", en="Unplug the USB sound card, wait three seconds, plug it in again"),
        ),
    ),
    (
        ProgramMissing,
        Said(
            "fault",
            "program-missing",
            Text(zh="缺少语音或播放程序", en="A program for speech or sound is not installed"),
            Text(
                zh="请技术人员安装：sudo apt-get install espeak-ng alsa-utils",
                en="Have a technician install it: sudo apt-get install espeak-ng alsa-utils",
            ),
        ),
    ),
)
_OTHER = Said(
    "fault",
    "speaker-broken",
    Text(zh="语音播报出错", en="The announcer fails"),
    Text(zh="请技术人员查看该节点的日志", en="Have a technician read this node's log"),
)


def of_trouble(trouble: DeviceError) -> Said:
    """What is wrong, by what the driver raised."""
    return next((said for kind, said in _TROUBLES if isinstance(trouble, kind)), _OTHER)


def of_missing(clips: Collection[str]) -> Said:
    """Recordings that are missing."""
    named = ", ".join(sorted(clips)[:5]) + (" …" if len(clips) > 5 else "")
    return Said(
        "attention",
        "clips-missing",
        Text(zh=f"缺少录音，已用合成语音代替：{named}", en=f"Recordings are missing and spoken by espeak-ng instead: {named}"),
        Text(zh="录好后存为 16 位 WAV，放入录音文件夹", en="Record them as 16-bit WAV files into the folder of clips"),
    )
