"""Kinds of devices: what each is called, and what one looks at first when it fails."""

from contract.values import Text

OTHER = Text(zh="设备", en="Device")
NAMES = {
    "node": Text(zh="节点", en="Node"),
    "board": Text(zh="显示屏", en="Board"),
    "strip": Text(zh="文字屏", en="Text board"),
    "kiosk": Text(zh="取号机", en="Kiosk"),
    "rater": Text(zh="评价器", en="Rater"),
    "caller": Text(zh="叫号器", en="Caller"),
    "room": Text(zh="母婴室传感器", en="Room sensors"),
    "help": Text(zh="求助按钮", en="Help button"),
    "scanner": Text(zh="扫码器", en="Scanner"),
    "announcer": Text(zh="语音播报", en="Announcer"),
}

_PLUG = Text(zh="重新插紧插头", en="Push its plug in")
_KEYS = Text(zh="重新插紧插头；按键不得卡住", en="Push its plug in; no key may be stuck")
FIRST = {
    "board": Text(zh="看屏的电源灯；重新插紧排线", en="Is its power on? Push the ribbon cable in"),
    "strip": Text(zh="看屏的电源灯；重新插紧通讯线", en="Is its power on? Push the data cable in"),
    "kiosk": Text(zh="检查纸卷与上盖；取出卡住的纸", en="Look at paper and cover; take jammed paper out"),
    "rater": _KEYS,
    "caller": _KEYS,
    "help": _KEYS,
    "room": Text(zh="门磁与感应器勿被遮挡", en="Nothing may cover door contact and sensor"),
    "scanner": Text(zh="擦净玻璃；重新插紧插头", en="Wipe its glass; push its plug in"),
    "announcer": Text(zh="检查音箱电源与音量", en="Look at power and volume of the loudspeaker"),
}


def name_of(kind: str) -> Text:
    """What a kind is called."""
    return NAMES.get(kind, OTHER)


def first_of(kind: str) -> Text:
    """What one looks at first."""
    return FIRST.get(kind, _PLUG)
