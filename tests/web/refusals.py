"""Why the hall says no, for programs and for people."""

from contract.values import Text

NOBODY = ("nobody-waits", Text(zh="没有人等候。", en="Nobody waits."))
WRONG_STAGE = ("wrong-stage", Text(zh="这个窗口现在不能这样做。", en="This window cannot do that now."))
NOT_OPEN = ("not-open", Text(zh="窗口没有开放。", en="The window is not open."))
NOT_WAITING = ("not-waiting", Text(zh="这个号不在等候。", en="That ticket does not wait."))
TOO_LATE = ("late", Text(zh="请求到得太晚。", en="The request came too late."))
NO_DEVICE = ("unknown-device", Text(zh="没有这台设备。", en="There is no such device."))
NO_COMPLAINT = ("unknown-complaint", Text(zh="没有这条反映。", en="There is no such complaint."))
COMPLAINED = ("complained-already", Text(zh="已收到您的反映。", en="Your complaint was received already."))
NO_HELP = ("unknown-help", Text(zh="没有这个求助。", en="Nobody asked for that help."))
NOT_MISSED = ("not-missed", Text(zh="这个号没有过号。", en="That ticket was not missed."))
NO_NOTICE = ("unknown-notice", Text(zh="没有这条公告。", en="There is no such notice."))
NO_RATING = ("unknown-rating", Text(zh="没有可评价的服务。", en="There is nothing to rate."))
RATED = ("already-rated", Text(zh="本次服务已评价。", en="This service has been rated."))

Refusal = tuple[str, Text]


class Refuses(Exception):
    """The hall says no."""
