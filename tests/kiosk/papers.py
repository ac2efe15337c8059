"""Receipts that the tests print, and the bytes and words that they must become."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from contract.values import Text, WaitRange
from devices.receipt import Slip, Ticket

AT = datetime(2026, 11, 20, 10, 32, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
HALL = Text(zh="综合便民服务中心", en="Integrated Public Service Centre")

TICKET = Ticket(
    hall=HALL,
    service=Text(zh="社会保障", en="Social security"),
    number="A012",
    zone=Text(zh="A区", en="zone A"),
    at=AT,
    ahead=5,
    wait=WaitRange(low=10, high=20),
    rules=Text(
        zh="过号后请到服务台，三个号之后重新叫号。", en="Missed your call? Tell the desk; you are called after three more."
    ),
    qr="https://hall.example/t/0123456789abcdef",
)
OFFLINE = replace(TICKET, ahead=None, wait=None)
PRIORITY = replace(TICKET, priority=True)
REPRINT = replace(TICKET, reprint=True)

TICKET_TEXT = """\
综合便民服务中心
Integrated Public Service Centre
------------------------------------------------
社会保障
Social security
A012
您前面还有 5 人
5 people ahead of you
预计等候 10-20 分钟
Estimated wait 10-20 min
请到A区等候
Please wait in zone A
------------------------------------------------
过号后请到服务台，三个号之后重新叫号。
Missed your call? Tell the desk; you are called
after three more.
------------------------------------------------
2026-11-20 10:32:05
"""

SLIP = Slip(
    hall=HALL,
    title=Text(zh="受理凭证", en="Receipt of application"),
    slip="slip0001",
    at=AT,
    lines=("事项：社会保障卡补办", "Bring the original within 5 working days."),
)
