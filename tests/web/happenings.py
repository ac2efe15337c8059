"""What else happens on a busy morning: devices and their troubles, the mother-and-baby room, notices, help, complaints."""

from datetime import timedelta

from contract import dispatch
from contract.enrolment import Claim, Identity, bound
from contract.events import ComplaintMade, HelpAsked, RoomChecked, StayEnded, StayLong, StayStarted
from contract.health import DeviceState, NodeStatus
from contract.topics import DEVICE_STATE, NODE_STATUS
from contract.upkeep import CheckRoom, FillSupply, OpenJob, RecordUpkeep
from contract.values import Text
from controller.enrolment_store import CertificateRow
from tests.web.busy import BusyHall


async def everything(busy: BusyHall) -> None:
    """All of it at once."""
    devices(busy)
    room(busy)
    await notices(busy)
    newcomers(busy)
    await people(busy)
    lost(busy)
    trouble(busy)
    await upkeep(busy)
    await busy.settled()


WELL = Text(zh="一切正常", en="All is well")
TROUBLES = {
    "kiosk-1": (
        "attention", "paper-low", Text(zh="纸快用完了，约剩 12 米", en="The paper is near its end, about 12 m are left"),
        Text(zh="打开取号机右侧灰色盖板，换上新纸卷，打印面朝上",
             en="Open the grey cover on the right of the kiosk and put in a new roll, print side up"),
    ),
    "text-2": (
        "fault", "silent", Text(zh="显示屏没有回答", en="The sign does not answer"),
        Text(zh="检查显示屏的电源和 RS-485 插头", en="Check the sign's power and its RS-485 plug"),
    ),
}  # fmt: skip
"""Device to condition, code, what, touch."""


def devices(busy: BusyHall) -> None:
    """Every node and device says how it is; a kiosk wants paper, a sign is silent, one node is lost."""
    began = busy.now - timedelta(hours=2)
    for node in busy.morning.config.node:
        names = tuple(str(device["id"]) for device in node.device)
        status = NodeStatus(node=node.id, session=f"session-{node.id}", state="online", at=began, version="0.1.0", devices=names)
        busy.morning.hear(NODE_STATUS, node.id, status)
        for device in node.device:
            condition, code, what, touch = TROUBLES.get(str(device["id"]), ("ready", "ok", WELL, None))
            state = DeviceState(
                device=str(device["id"]), kind=str(device["kind"]), condition=condition, code=code, what=what, touch=touch,  # type: ignore[arg-type]
                since=began if condition == "ready" else busy.now - timedelta(minutes=9),
            )  # fmt: skip
            busy.morning.hear(DEVICE_STATE, node.id, state, device=state.device)


def lost(busy: BusyHall) -> None:
    """The last node of the plan that stands at windows loses its power."""
    node = next(node for node in reversed(busy.morning.config.node) if any("window" in device for device in node.device))
    gone = NodeStatus(node=node.id, session=f"session-{node.id}", state="lost", at=busy.now - timedelta(hours=2), version="0.1.0")
    busy.morning.hear(NODE_STATUS, node.id, gone)


def room(busy: BusyHall) -> None:
    """Three stays are over, one lasts, one lasts long; the room was checked."""
    for minute, cubicle, lasted in ((5, "cubicle-1", 640.0), (21, "cubicle-2", 905.0), (38, "cubicle-1", 780.0)):
        stay = f"stay-over-{minute:02}"
        busy.morning.report("room", "baby-room", StayStarted(stay=stay, room="baby-room", cubicle=cubicle))
        busy.morning.report("room", "baby-room", StayEnded(stay=stay, room="baby-room", cubicle=cubicle, lasted=lasted))
    busy.morning.report("room", "baby-room", RoomChecked(room="baby-room"))
    busy.morning.report("room", "baby-room", StayStarted(stay="stay-now-1", room="baby-room", cubicle="cubicle-1"))
    busy.morning.report("room", "baby-room", StayStarted(stay="stay-now-2", room="baby-room", cubicle="cubicle-2"))
    busy.morning.report("room", "baby-room", StayLong(stay="stay-now-2", room="baby-room", cubicle="cubicle-2", lasted=2760.0))


async def upkeep(busy: BusyHall) -> None:
    """A kiosk was cleaned and its paper runs low, the room was checked, a lamp wants to be put right."""
    note = "切纸不齐，已通知厂家"
    await busy.ask(RecordUpkeep(device="kiosk-1", task="clean-head", wrong=("cutter",), note=note))
    await busy.ask(FillSupply(device="kiosk-1", supply="paper", amount=12.0))
    await busy.ask(CheckRoom(room="baby-room", wrong=("supplies",)))
    await busy.ask(OpenJob(place="baby-room", note="灯不亮"))


async def notices(busy: BusyHall) -> None:
    """One stands everywhere and before others, one in a zone until noon, one is planned for every working day."""
    noon = busy.now.replace(minute=0) + timedelta(hours=2)
    last = Text(zh="今日 16:30 停止取号", en="No tickets are given after 16:30 today")
    form = Text(zh="不动产登记请先在自助机打印申请表", en="Property registration: please print the form at the machine first")
    lunch = Text(zh="即将午休，窗口 13:00 恢复办理", en="Lunch break soon; windows open again at 13:00")
    await busy.ask(dispatch.PostNotice(text=last, important=True, until=noon + timedelta(hours=5)))
    await busy.ask(dispatch.PostNotice(text=form, zones=("zone-b",), until=noon))
    await busy.ask(dispatch.PostNotice(text=lunch, times=dispatch.NoticeTimes(starts="11:45", ends="12:00")))


def trouble(busy: BusyHall) -> None:
    """Somebody asks for help in the room, and somebody complains at a window."""
    busy.morning.report("room", "baby-room", HelpAsked(place="baby-room", cubicle="cubicle-2"))
    busy.morning.report(*busy.morning.rater("window-2"), ComplaintMade(complaint="complaint-1", window="window-2"))


async def urgent(busy: BusyHall) -> str:
    """An urgent notice takes over the boards; gives its id."""
    text = Text(zh="请听从工作人员指引，从最近的出口有序离开", en="Please follow the staff and leave calmly by the nearest exit")
    return (await busy.ask(dispatch.PostNotice(text=text, urgent=True))).notice or ""


def newcomers(busy: BusyHall) -> None:
    """A new machine waits for approval; two others have their certificates."""
    node, *others = [node.id for node in busy.morning.config.node]
    key = "a" * 64
    token = busy.book.invite(node, Identity.NODE, "admin")
    claim = Claim(
        token=token, bound=bound(token, "csr"), hall=busy.morning.config.hall.id, role=Identity.NODE, name=node, request="csr",
        serial="10000000abcdef01", model="Raspberry Pi 4 Model B Rev 1.5",
    )  # fmt: skip
    busy.book.claim(claim, key, "192.0.2.21")
    for serial, name in enumerate(others[:2]):
        ends = busy.now + timedelta(days=365 if serial else 20)
        busy.book.granted(
            CertificateRow(serial=f"1{serial}", name=name, role=Identity.NODE, key=key, pem="", begins=busy.now, ends=ends),
            None,
            "admin",
        )


async def people(busy: BusyHall) -> None:
    """A ticket of each kind, for its page; window 1 has just called, somebody stands aside at window 2."""
    for state in ("waiting", "called", "serving", "done", "no-show", "parked"):
        await _ticket(busy, state)


async def _ticket(busy: BusyHall, state: str) -> None:
    window = {"called": "window-1", "serving": "window-2", "done": "window-3", "no-show": "window-4", "parked": "window-2"}.get(
        state
    )
    service = {"window-3": "convenience", "window-4": "convenience"}.get(window or "", "social-security")
    given = await busy.ask(dispatch.IssueTicket(service=service))
    assert given.ticket is not None
    assert given.number is not None
    busy.tickets[state] = given.ticket
    if window is None:
        return
    await busy.ask(dispatch.Finish(window=window))
    called = await busy.ask(dispatch.CallChosen(window=window, number=given.number))
    assert called.outcome == "done", called
    if state == "no-show":
        for _ in range(2):
            busy.pass_by(seconds=16)
            await busy.ask(dispatch.Recall(window=window))
        busy.pass_by(seconds=16)
        await busy.ask(dispatch.NoShow(window=window))
    elif state != "called":
        await busy.ask(dispatch.Start(window=window))
        if state == "done":
            await busy.ask(dispatch.Finish(window=window))
        if state == "parked":
            await busy.ask(dispatch.Park(window=window))
