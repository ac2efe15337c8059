"""Tasks and consumables that come with Hallware: what makers and halls agree on. A hall's own take their place by their id."""

from controller.config_hours import Names
from controller.config_upkeep import CheckItem, Supply, UpkeepTask


def _steps(*lines: tuple[str, str, str]) -> tuple[CheckItem, ...]:
    return tuple(CheckItem(id=name, name=Names(zh=zh, en=en)) for name, zh, en in lines)


TASKS: tuple[UpkeepTask, ...] = (
    UpkeepTask(
        id="clean-head", name=Names(zh="清洁打印头", en="Clean the print head"), kinds=("kiosk",), days=30, tickets=10_000,
        test=True,
        steps=_steps(
            ("power-off", "关闭取号机电源，等打印头冷却", "Switch the kiosk off and let the head cool down"),
            ("head", "用酒精棉签或清洁卡擦拭打印头", "Wipe the print head with an alcohol swab or a cleaning card"),
            ("roller", "擦净胶辊，清除纸屑", "Wipe the roller and take out scraps of paper"),
            ("cutter", "切纸整齐，无卡纸", "The cutter cuts clean and nothing jams"),
            ("print", "测试页清晰，无白线", "The test page is clear and has no white lines"),
        ),
    ),
    UpkeepTask(
        id="kiosk-week", name=Names(zh="取号机周检", en="Weekly look at the kiosk"), kinds=("kiosk",), weekdays=("mon",),
        steps=_steps(
            ("keys", "逐一按下按键，均有反应", "Every key answers when pressed"),
            ("labels", "按键标识清楚", "The labels of the keys can be read"),
            ("slot", "出纸口无遮挡", "Nothing blocks the paper slot"),
            ("spare", "备用纸卷充足", "Spare rolls are at hand"),
            ("reach", "轮椅可到达，周围无杂物", "A wheelchair can reach it; nothing stands around it"),
        ),
    ),
    UpkeepTask(
        id="board-test", name=Names(zh="显示屏测试画面", en="Test picture of the board"), kinds=("board", "strip"), days=30,
        test=True,
        steps=_steps(
            ("pixels", "测试画面无坏点、坏列", "The test picture has no dead pixels or columns"),
            ("bright", "亮度合适，远处可读", "It is bright enough to be read from afar"),
            ("fixed", "固定牢靠，接线无松动", "It hangs firmly and no wire is loose"),
            ("dust", "清除灰尘", "Dust is taken off"),
        ),
    ),
    UpkeepTask(
        id="test-keys", name=Names(zh="试按按键", en="Press every key"), kinds=("caller", "rater"), days=30,
        steps=_steps(
            ("press", "逐一按下按键，均有反应", "Every key answers when pressed"),
            ("lamps", "指示灯正常", "The lamps light"),
            ("wipe", "擦拭消毒", "It is wiped with disinfectant"),
            ("cable", "线缆无破损", "The cable is whole"),
        ),
    ),
    UpkeepTask(
        id="room-sensors", name=Names(zh="母婴室传感器检查", en="Sensors of the room"), kinds=("room",), days=30,
        steps=_steps(
            ("wipe", "擦拭人体感应器", "The motion sensors are wiped"),
            ("door", "开关门，门磁有反应", "The door contacts answer when the doors move"),
            ("sign", "占用指示灯正常", "The occupied sign follows"),
            ("still", "静坐两分钟，仍显示占用", "Whoever sits still for two minutes is still seen as inside"),
        ),
    ),
    UpkeepTask(
        id="help-test", name=Names(zh="求助按钮测试", en="Try the help buttons"), kinds=("help", "room"), days=7,
        steps=_steps(
            ("press", "按下后调度台立即收到", "Dispatch hears of a press at once"),
            ("lamp", "按钮旁的灯闪烁", "The lamp beside the button blinks"),
            ("answer", "响应后灯停止", "It stops when the call is answered"),
        ),
    ),
    UpkeepTask(
        id="scanner-glass", name=Names(zh="擦拭扫码窗口", en="Wipe the scanner's window"), kinds=("scanner",), days=30,
        steps=_steps(
            ("glass", "擦拭玻璃", "The glass is wiped"),
            ("read", "可读出预约码", "It reads the code of an appointment"),
        ),
    ),
    UpkeepTask(
        id="sound-check", name=Names(zh="语音播报试听", en="Listen to the announcer"), kinds=("announcer",), days=30, test=True,
        steps=_steps(
            ("clear", "各区域均能听清", "It is understood in every zone"),
            ("volume", "音量合适", "It is neither too loud nor too quiet"),
            ("both", "中英文均正常", "Both languages are spoken"),
        ),
    ),
    UpkeepTask(
        id="node-dust", name=Names(zh="节点除尘与检查", en="Dust and look over the node"), kinds=("node",), days=180,
        steps=_steps(
            ("dust", "清除灰尘，通风无遮挡", "It is free of dust and nothing covers its vents"),
            ("power", "电源与接线牢靠", "Power supply and plugs sit firmly"),
            ("time", "时间准确", "Its clock is right"),
            ("label", "标签完好", "Its label can be read"),
        ),
    ),
)  # fmt: skip

PAPER = "paper"
"""The roll of paper, of which kiosks know themselves how much comes out."""

SUPPLIES: tuple[Supply, ...] = (
    Supply(id=PAPER, name=Names(zh="打印纸", en="Paper roll"), kinds=("kiosk",), per="metre", lasts=80.0, warn=0.0),
    Supply(id="cards", name=Names(zh="清洁卡", en="Cleaning cards"), kinds=("kiosk",), per="task", task="clean-head",
           lasts=10.0, warn=2.0),
    Supply(id="cutter", name=Names(zh="切刀", en="Cutter"), kinds=("kiosk",), per="ticket", lasts=1_000_000.0, warn=50_000.0),
    Supply(id="head", name=Names(zh="打印头", en="Print head"), kinds=("kiosk",), per="metre", lasts=100_000.0, warn=5_000.0),
)  # fmt: skip
"""Paper of which `lasts` is replaced by the hall's `roll`; the others are makers' usual figures for printers of this kind."""

ROOM_ITEMS: tuple[CheckItem, ...] = _steps(
    ("table", "护理台清洁、牢固", "Nappy table clean and firm"),
    ("water", "洗手池有水、有热水、有洗手液", "Basin: water, warm water, soap"),
    ("bin", "垃圾桶已清空", "Bin emptied"),
    ("floor", "地面干净、干燥", "Floor clean and dry"),
    ("sockets", "插座有防护盖，无破损", "Sockets covered and whole"),
    ("temperature", "室温适宜，通风良好", "Temperature and air are right"),
    ("light", "灯光正常", "Lights work"),
    ("lock", "门锁、隔帘正常", "Locks and curtains work"),
    ("help", "求助按钮可触及", "The help button can be reached"),
    ("supplies", "纸巾、尿布垫充足", "Tissues and mats are there"),
)
"""What is looked at in a mother-and-baby room."""
