"""The page's words for what hands can do, in Chinese and in English."""

from contract.values import Text


def _t(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


CALLER_KEYS = {
    "next": _t("下一位", "next"),
    "recall": _t("重呼", "recall"),
    "start": _t("开始", "start"),
    "finish": _t("完成", "finish"),
    "no-show": _t("过号", "no-show"),
    "pause": _t("暂停", "pause"),
    "resume": _t("恢复", "resume"),
    "invite": _t("评价", "invite"),
}

LEVELS = {
    5: _t("非常满意", "very good"),
    4: _t("满意", "good"),
    3: _t("基本满意", "fair"),
    2: _t("不满意", "poor"),
    1: _t("非常不满意", "very poor"),
}

FAULTS = {
    "unplug": _t("拔掉线缆", "pull the cable"),
    "plug": _t("插回线缆", "put the cable back"),
    "run_out": _t("纸用完", "use up the paper"),
    "near_end": _t("纸将尽", "paper near its end"),
    "load_paper": _t("换新纸卷", "load a new roll"),
    "open_cover": _t("打开机盖", "open the cover"),
    "close_cover": _t("合上机盖", "close the cover"),
    "power_off": _t("断电", "switch off"),
    "power_on": _t("通电", "switch on"),
    "jam": _t("切刀卡纸", "jam the cutter"),
    "clear_jam": _t("清除卡纸", "clear the jam"),
    "tear": _t("撕下票纸", "tear the paper off"),
    "brown_out": _t("单片欠压：点一块点阵", "brown out a chip: click a block"),
    "kill_column": _t("坏一列", "kill a column"),
    "stick": _t("按键卡住", "stick a key"),
    "release": _t("松开按键", "release the key"),
    "noise": _t("线路噪声", "noise on the wire"),
}
"""Hands of devices that make or heal a fault; those with a needed argument of their own have it chosen on the page."""

PLAIN = frozenset(FAULTS) - {"brown_out", "kill_column", "stick", "release"}
"""Faults that need no further choice."""
