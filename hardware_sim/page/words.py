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
    "park": _t("挂起", "park"),
    "unpark": _t("呼叫挂起", "unpark"),
    "transfer": _t("转移", "transfer"),
    "cancel": _t("取消", "cancel"),
}

RATER_KEYS = {
    "attitude": _t("服务态度", "attitude"),
    "quality": _t("服务质量", "quality"),
    "efficiency": _t("办事效率", "efficiency"),
    "environment": _t("服务环境", "environment"),
    "complaint": _t("办不成事", "complaint"),
}

LEVELS = {
    5: _t("非常满意", "very good"),
    4: _t("满意", "good"),
    3: _t("基本满意", "fair"),
    2: _t("不满意", "poor"),
    1: _t("非常不满意", "very poor"),
}

KINDS = {
    "board": _t("显示屏", "board"),
    "strip": _t("条屏", "strip"),
    "kiosk": _t("取号机", "ticket kiosk"),
    "printer": _t("打印机", "printer"),
    "rater": _t("评价器", "rater"),
    "caller": _t("叫号器", "caller"),
    "room": _t("母婴室", "mother-and-baby room"),
    "help": _t("求助按钮", "help button"),
    "scanner": _t("扫码器", "scanner"),
    "announcer": _t("语音播报", "announcer"),
}

HANDS = {
    "press": _t("按键", "press a key"),
    "tear": _t("撕下票纸", "tear the paper off"),
    "near_end": _t("纸将尽", "paper near its end"),
    "run_out": _t("纸用完", "paper out"),
    "load_paper": _t("换新纸卷", "load a new roll"),
    "open_cover": _t("打开机盖", "cover open"),
    "close_cover": _t("合上机盖", "close the cover"),
    "power_off": _t("断电", "switched off"),
    "power_on": _t("通电", "switch on"),
    "power_cut": _t("瞬间断电", "power dips for a moment"),
    "jam": _t("卡纸", "paper jam"),
    "jam_cutter": _t("切刀卡住", "cutter jam"),
    "overheat": _t("打印头过热", "head too hot"),
    "clear_jam": _t("排除故障", "clear the trouble"),
    "fail": _t("不可恢复错误", "error that only a restart clears"),
    "take_offline": _t("脱机", "offline"),
    "put_online": _t("联机", "put online"),
    "slow_down": _t("速度变慢", "slow"),
    "speed_up": _t("恢复速度", "full speed"),
    "slow": _t("线路变慢", "slow wire"),
    "full_speed": _t("恢复速度", "full speed"),
    "silence": _t("不应答", "silent"),
    "answer": _t("恢复应答", "answer again"),
    "refuse": _t("拒绝打开", "refuses to open"),
    "noise": _t("线路噪声", "noise on the wire"),
    "lose": _t("丢失数帧", "lose frames"),
    "truncate": _t("截断", "cut off ends"),
    "corrupt": _t("校验错误", "wrong bits"),
    "garble": _t("数据出错", "wrong bits towards it"),
    "block": _t("线路堵塞", "blocked"),
    "unblock": _t("疏通线路", "unblock"),
    "brown_out": _t("芯片欠压", "brown out a chip"),
    "kill_column": _t("坏一列", "dead column"),
    "kill_segment": _t("坏一笔画", "dead segment"),
    "mend_columns": _t("修好坏列", "mend the columns"),
    "mend": _t("修好", "mend"),
    "hold": _t("键卡住", "stuck key"),
    "hammer": _t("连按", "hammer a key"),
    "bounce": _t("触点抖动", "worn contact"),
    "chatter": _t("接触不良", "loose contact"),
    "collide": _t("总线冲突", "collision on the bus"),
    "release": _t("松开", "let go"),
    "stick": _t("按钮卡住", "stuck button"),
    "free": _t("按钮弹起", "free the button"),
    "cut": _t("线缆断开", "cable cut"),
    "stick_door": _t("门磁卡住", "door contact stuck"),
    "blind_motion": _t("人体感应失明", "motion sensor blind"),
    "stick_motion": _t("人体感应常亮", "motion sensor never rests"),
    "mend_sensors": _t("修好传感器", "mend the sensors"),
    "unplug": _t("线缆拔出", "cable pulled"),
    "plug": _t("插回线缆", "put the cable back"),
    "close_door": _t("关门", "close the door"),
    "open_door": _t("开门", "open the door"),
    "move": _t("走动", "move about"),
    "still": _t("静止", "be still"),
    "help": _t("求助", "call for help"),
    "check": _t("巡查清洁", "check and clean"),
    "scan": _t("扫码", "scan a code"),
    "scan_twice": _t("重复扫码", "the same code again"),
    "scan_cut": _t("只发半个码", "half a code"),
    "garble_code": _t("编码错误", "not UTF-8"),
    "occupy": _t("声卡被占用", "sound card held"),
    "vacate": _t("释放声卡", "let go of the card"),
    "mute": _t("静音", "muted"),
    "unmute": _t("取消静音", "unmute"),
}
"""Hands of the devices; a hand that is not here goes by its own name."""

TAKEN = {
    "key": _t("键", "key"),
    "cubicle": _t("隔间", "cubicle"),
    "chip": _t("芯片", "chip"),
    "into": _t("变为", "into"),
    "x": _t("列", "column"),
    "segment": _t("笔画", "segment"),
    "after": _t("毫米后", "after mm"),
    "count": _t("字节数", "bytes"),
    "frames": _t("帧数", "frames"),
    "times": _t("次数", "times"),
    "seconds": _t("秒", "seconds"),
    "bytes_per_second": _t("字节每秒", "bytes a second"),
    "code": _t("码", "code"),
    "text": _t("文字", "text"),
}
"""What hands take."""

USE = frozenset({"press", "tear", "close_door", "open_door", "move", "still", "help", "check", "scan"})
"""Hands of people who use a device, not of faults."""

AIMED = {
    "brown_out": "chip",
    "kill_column": "x",
    "kill_segment": "segment",
    "hold": "key",
    "hammer": "key",
    "bounce": "key",
    "collide": "key",
}
"""Hands that a click on the device can aim, with the name of what is aimed at."""
