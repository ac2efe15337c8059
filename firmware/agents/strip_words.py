"""What a text board says of itself: that it cannot answer, what is wrong with its wire, and how it is recognised."""

from collections.abc import Callable, Iterable

from contract.values import Text
from devices.lettering import Row
from firmware.agents.board_drill import Step
from firmware.agents.board_turns import Face
from firmware.config import StripConfig

NETWORK = Text(
    zh="检查控制卡的电源和网线，核对 node.toml 中的地址",
    en="check the card's power and its network cable, and its address in node.toml",
)
ADAPTER = Text(
    zh="把串口转换器插回 USB 口，检查它的指示灯；屏会自行恢复",
    en="plug the serial adapter back into USB and look at its lamp; the board comes back by itself",
)
BLOCKED = Text(
    zh="拔下串口转换器再插回；检查到屏的接线",
    en="pull the serial adapter out and put it back; check the cable to the board",
)
RIGHTS = Text(
    zh="把运行用户加入 dialout 组，确认没有其他程序占用，且同一条线上的设备波特率相同",
    en="add the node's user to group `dialout`; no other program may hold the line; devices on one line need one speed",
)


def working(config: StripConfig) -> Text:
    """That all is well, as far as anybody can know."""
    every = f"{config.refresh:g}"
    return Text(
        zh=f"正在显示；此类屏不应答，每 {every} 秒重发一次",
        en=f"showing; such a board cannot answer, so it is refreshed every {every} s",
    )


def fault_of(config: StripConfig, error: str, *, refused: bool, missing: bool) -> tuple[str, Text, Text]:
    """Code, what is wrong, and what to touch."""
    if refused:
        return "wire-refused", Text(zh=f"无法使用显示屏的线路：{error}", en=f"the board's wire cannot be used: {error}"), RIGHTS
    if not config.speaks.bauds:
        return (
            "wire-gone",
            Text(zh=f"网络上找不到显示屏（{config.wire}）", en=f"the board is not on the network: {error}"),
            NETWORK,
        )
    if missing:
        return "wire-gone", Text(zh=f"到显示屏的线断了（{config.wire}）", en=f"the wire to the board is gone: {error}"), ADAPTER
    return (
        "wire-blocked",
        Text(zh=f"到显示屏的线堵住了（{config.wire}）", en=f"the wire to the board takes nothing: {error}"),
        BLOCKED,
    )


def drill_of(config: StripConfig, characters: str) -> tuple[Callable[[], Iterable[Step]], Callable[[int], Iterable[Step]]]:
    """Self-test and identification."""
    full = _everywhere("8" * config.cells, config)
    name = _everywhere(_name(config, characters), config)
    dark = _everywhere("", config)

    def self_test() -> Iterable[Step]:
        yield full, 2.0
        yield dark, 1.0
        yield name, 2.0

    def identify(seconds: int) -> Iterable[Step]:
        for _ in range(0, seconds, 2):
            yield full, 1.0
            yield name, 1.0

    return self_test, identify


def _name(config: StripConfig, characters: str) -> str:
    """The board's id as far as it fits, or its address on a board of digits."""
    if characters == "digits":
        return f"{config.first:03d}"
    return config.id if len(config.id) <= config.cells else f"{config.id[: config.cells - 2]}.."


def _everywhere(text: str, config: StripConfig) -> Face:
    return Face((Row(text),) * config.rows)
