"""What a kiosk says of itself, in words that staff understand, with what to touch."""

import msgspec

from contract.health import Condition
from contract.values import Text


class Saying(msgspec.Struct, frozen=True):
    """One state of a kiosk in words."""

    condition: Condition
    code: str
    what: Text
    touch: Text | None = None


CLOSED = Text(zh="该事项现在不办理", en="This service is closed now")
"""To citizens, of a service whose offer does not say why."""

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


def no_page(port: int) -> Saying:
    """The touch screen's page cannot be served."""
    what = Text(zh=f"触摸屏页面无法启动：端口 {port} 被占用", en=f"the touch screen has no page: port {port} is taken")
    touch = Text(
        zh="重启节点；仍不行则在 node.toml 中换一个端口",
        en="restart the node; if that is no help, name another port in node.toml",
    )
    return Saying("fault", "touch-refused", what, touch)


def broken_template(problem: Exception) -> Saying:
    """A template or the logo cannot be used; tickets and slips go on without it."""
    what = Text(
        zh=f"打印模板有误，暂用原来的模板：{problem}"[:400],
        en=f"a template is broken, the one before it serves: {problem}"[:400],
    )
    touch = Text(
        zh="改正模板文件（用 hallware preview 检查），几秒后生效；改正徽标图片后要重新读取配置",
        en="correct the file (`hallware preview` checks it), which then counts within seconds; for a logo let the device reload",
    )
    return Saying("attention", "template-broken", what, touch)
