"""The page's words for keys, levels and faults, in Chinese and in English."""

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
    "tear": _t("撕下票纸", "tear the paper off"),
    "near_end": _t("纸将尽", "paper near its end"),
    "run_out": _t("纸用完", "use up the paper"),
    "load_paper": _t("换新纸卷", "load a new roll"),
    "open_cover": _t("打开机盖", "open the cover"),
    "close_cover": _t("合上机盖", "close the cover"),
    "power_off": _t("打印机断电", "switch the printer off"),
    "power_on": _t("打印机通电", "switch the printer on"),
    "jam": _t("卡纸", "jam the paper"),
    "jam_cutter": _t("切刀卡住", "jam the cutter"),
    "overheat": _t("打印头过热", "overheat the head"),
    "clear_jam": _t("排除故障", "clear the trouble"),
    "slow_down": _t("打印变慢", "print slowly"),
    "speed_up": _t("恢复速度", "print at full speed"),
    "silence": _t("不再应答", "stop answering"),
    "answer": _t("恢复应答", "answer again"),
    "noise": _t("线路噪声", "noise on the wire"),
    "brown_out": _t("芯片欠压…点一块点阵", "brown out a chip… click a block"),
    "kill_column": _t("坏一列…点一列", "kill a column… click it"),
    "mend_columns": _t("修好坏列", "mend the columns"),
    "hold": _t("卡住一键…点一个键", "stick a key… click it"),
    "hammer": _t("连按一百次…点一个键", "press a key 100 times… click it"),
    "release": _t("松开一键…点一个键", "release a key… click it"),
    "unplug": _t("拔掉线缆", "pull the cable"),
    "plug": _t("插回线缆", "put the cable back"),
}
"""Hands that make or heal a fault."""

AIMED = {"brown_out": "chip", "kill_column": "x", "hold": "key", "hammer": "key", "release": "key"}
"""Faults that are aimed at a part of the device, with the name of what is aimed at."""
