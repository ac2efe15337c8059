"""What the touch screen says to citizens when something is not as they wish, and where they go then."""

from collections.abc import Callable, Mapping

from contract.values import Text

HALL = Text(zh="政务服务大厅", en="Public Service Hall")
STARTING = Text(zh="取号机正在启动，请稍候", en="The kiosk is starting, please wait a moment")
BUSY = Text(zh="正在打印，请稍候", en="A ticket is being printed, please wait")
NOT_OFFERED = Text(zh="本机不办理此项", en="This kiosk does not offer that")


def _sends(zh: str, en: str) -> Callable[[Text], Text]:
    """Words that send people to `{desk}`, which each kiosk names for itself."""
    return lambda desk: Text(zh=zh.format(desk=desk.zh), en=en.format(desk=desk.en))


_OUT: Mapping[str, tuple[str, str]] = {
    "paper-out": ("取号机缺纸", "The kiosk is out of paper"),
    "cover-open": ("打印机盖未合上", "The printer's cover is open"),
    "cutter-jam": ("打印机卡纸", "The printer is jammed"),
    "printer-jam": ("打印机卡纸", "The printer is jammed"),
    "printer-hot": ("打印机过热，正在冷却", "The printer is cooling down"),
}
_BROKEN = ("打印机暂时不能使用", "The printer cannot be used at the moment")


def printer_out(code: str, desk: Text) -> Text:
    """The printer is in the way; `code` is its state's."""
    if code == "starting":
        return STARTING
    zh, en = _OUT.get(code, _BROKEN)
    return _sends(f"{zh}，请到{{desk}}取号", f"{en}. Please take a ticket at {{desk}}")(desk)


out_of_order = _sends("取号机暂停使用，请到{desk}", "The kiosk is out of order. Please go to {desk}")
"""The kiosk cannot keep what it does."""
lost = _sends(
    "取号机暂停使用。若号票已打印，号码有效；否则请到{desk}",
    "The kiosk is out of order. A ticket that has come out is valid; without one please go to {desk}",
)
"""The disk did not take the ticket; in the worst case that was known after it had come out."""
no_number = _sends("暂时无法取号，请到{desk}", "No ticket can be given now. Please go to {desk}")
"""The controller is away and no number of the kiosk's own is left."""
not_printed = _sends(
    "号票没有打印出来，此次取号无效，请到{desk}", "The ticket was not printed and does not count. Please go to {desk}"
)
"""Nothing came out, and the number is nobody's."""
unsure = _sends(
    "号票可能没有打印完整。打印机恢复后会自动补打，请稍候，或到{desk}",
    "The ticket may be incomplete. It is printed again as soon as the printer can; please wait, or go to {desk}",
)
"""It may have come out; it is printed again as soon as the printer can, for a while."""
no_check_in = _sends("暂时无法签到，请到{desk}", "You cannot be checked in here now. Please go to {desk}")
"""The controller does not answer."""
no_paper = _sends(
    "已签到，但没有打印出来。请记住号码，或到{desk}",
    "You are checked in, but nothing was printed. Please remember your number, or ask at {desk}",
)
"""The check-in counts, and its slip did not come out."""
no_help = _sends("求助未能发出，请直接到{desk}", "Your call could not be sent. Please go to {desk}")
"""The call for help could not be kept."""
