"""The demo hall in the middle of a busy morning, from a seed: real queue, store, accounts and pages; its clock stands still."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from litestar import Litestar
from msgspec.structs import replace

from contract.calling import BoardPicture, Call, CallAnswer, PictureShown
from contract.commands import Command, CommandAnswer, PrintSlip
from contract.dispatch import DispatchReply
from contract.settings import parse
from contract.topics import CALL_ANSWER, COMMAND_ANSWER, PICTURE_SHOWN
from contract.values import Text
from controller.accounts import Accounts
from controller.accounts_roles import Role
from controller.config import HallConfig
from controller.config_hours import Hours, Names
from controller.config_parts import Appointments, Duty, Staff
from controller.config_rules import StandingNotices
from controller.enrolment import EnrolmentBook
from controller.plan import Plan
from controller.web.app import create_app
from controller.web.live import Live
from controller.web.office import PlanFile
from controller.web.serve import listen, serving
from hallware.press import Press
from hallware.rehearsal.crowd import Habits
from hallware.rehearsal.day import Day
from link.hearing import Heard
from link.letter import Letter

MONDAY = date(2026, 5, 4)
UNTIL = timedelta(hours=1, minutes=41)
"""Since the doors opened: 10:41."""
BEAT = timedelta(milliseconds=50)
"""So soon pages know what time it is, when it is set forward."""
SEED = 7
PLAN = PlanFile(Path("/etc/hallware/hall.toml"), (files("hallware.demo") / "hall.toml").read_text(encoding="utf-8"))
PASSWORD = "paper and ink 7"
PEOPLE = (
    ("王建国", "Wang Jianguo"), ("李秀英", "Li Xiuying"), ("张伟", "Zhang Wei"), ("刘芳", "Liu Fang"), ("陈静", "Chen Jing"),
    ("杨洋", "Yang Yang"), ("赵敏", "Zhao Min"), ("黄磊", "Huang Lei"), ("周涛", "Zhou Tao"), ("吴倩", "Wu Qian"),
    ("徐丽", "Xu Li"), ("孙鹏", "Sun Peng"), ("马超", "Ma Chao"), ("朱琳", "Zhu Lin"), ("胡军", "Hu Jun"), ("郭艳", "Guo Yan"),
)  # fmt: skip


def busy_config(store: str) -> HallConfig:
    """The demo hall with opening hours, staff in two shifts, appointments, and notices of its own."""
    demo = parse((files("hallware.demo") / "hall.toml").read_text(encoding="utf-8"), HallConfig, name="hall.toml")
    places = [f"{window.id}-{shift}" for window in demo.window for shift in ("a", "b")]
    return replace(
        demo,
        store=store,
        http=replace(demo.http, public_url="http://hall.example"),
        hall=replace(demo.hall, hours=Hours(opens="09:00", closes="17:00")),
        service=tuple(
            replace(service, appointments=Appointments(places=3, early=60.0)) if service.prefix in "AD" else service
            for service in demo.service
        ),
        staff=tuple(Staff(id=place, name=Names(zh=zh, en=en)) for place, (zh, en) in zip(places, PEOPLE, strict=True)),
        notices=StandingNotices(hours=True, duty=True, figures=True),
        duty=(Duty(name=Names(zh="张主任", en="Director Zhang"), phone="010-5550 0101", days=("mon", "wed", "fri")),),
    )


class Morning(Day):
    """A rehearsal whose boards show what they are told, and whose announcers speak."""

    def __init__(self, store: str, tickets: int, seed: int = SEED) -> None:
        super().__init__(busy_config(store), MONDAY, tickets, seed, Habits())
        self._plan = Plan.of(self.config)
        self.dark: frozenset[str] = frozenset()
        """Boards that show nothing any more."""
        self.without_paper: frozenset[str] = frozenset()
        """Kiosks whose printer is not ready."""
        self.printed: list[Command] = []
        """What kiosks were told to print."""

    def hear(self, topic: Any, node: str, message: Any, **levels: str) -> None:
        """A node says something."""
        self.service.hear(topic, Heard(message, {"hall": self.config.hall.id, "node": node, **levels}, retained=False))

    def _heard(self, letters: Sequence[Letter]) -> None:
        super()._heard(letters)
        for letter in letters:
            match letter.message:
                case BoardPicture(board=board, version=version) if node := self._shows(board):
                    shown = PictureShown(device=board, version=version, since=self.agenda.now)
                    self.hear(PICTURE_SHOWN, node, shown, device=board)
                case Call() as call:
                    self._answer(call)
                case Command(do=PrintSlip()) as command:
                    self._print(command)

    def _print(self, command: Command) -> None:
        """The kiosk takes the command and answers for its printer."""
        if command.device in self.without_paper:
            outcome, what = "failed", Text(zh="未打印，打印机没有就绪", en="not printed, the printer is not ready")
        else:
            outcome, what = "done", Text(zh="已打印", en="printed")
        self.printed.append(command)
        answer = CommandAnswer(id=command.id, device=command.device, at=self.agenda.now, outcome=outcome, what=what)  # type: ignore[arg-type]
        self.hear(COMMAND_ANSWER, self._plan.node_of(command.device) or "", answer)

    def _shows(self, board: str) -> str | None:
        return None if board in self.dark else self._plan.node_of(board)

    def _answer(self, call: Call) -> None:
        for board in self.config.board:
            concerned = board.window == call.window or (board.window is None and (not board.zones or call.zone in board.zones))
            if concerned and (node := self._shows(board.id)):
                answer = CallAnswer(call=call.id, node=node, device=board.id, at=self.agenda.now, outcome="shown")
                self.hear(CALL_ANSWER, node, answer)


@dataclass
class BusyHall:
    """The hall and the hands of its people."""

    morning: Morning
    accounts: Accounts
    book: EnrolmentBook
    app: Litestar
    address: str = ""
    tickets: dict[str, str] = field(default_factory=dict)
    """What became of it, to a ticket of which that is so."""

    @property
    def hall(self) -> Any:
        """The running service."""
        return self.morning.service

    @property
    def now(self) -> datetime:
        """The hall's time."""
        return self.morning.agenda.now

    def pass_by(self, **amount: float) -> None:
        """Time goes by, without anybody of the crowd doing anything."""
        self.morning.agenda.now += timedelta(**amount)

    async def ask(self, do: Any) -> DispatchReply:
        """Ask what staff may ask."""
        return await self.morning.ask(do)

    async def settled(self) -> None:
        """Everything that was reported has been dealt with."""
        self.hall.tick()
        for _ in range(4):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def busy_hall(store: str, *, tickets: int = 330, seed: int = SEED) -> AsyncIterator[BusyHall]:
    """The hall at 10:41, with an account for each role (`one-window` and so on) and its pages at an address."""
    morning = Morning(store, tickets, seed)
    service = morning.service
    await service.open()
    owner = asyncio.create_task(service.run())
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    try:
        with Accounts.open(store, morning.config.hall.id, hasher=quick, clock=lambda: morning.agenda.now) as accounts:
            _furnish_accounts(accounts)
            morning.begin()
            await morning.agenda.play(morning.openings[0].opens + UNTIL)
            book = EnrolmentBook.open(store, morning.config.hall.id, lambda: morning.agenda.now)
            live = Live(service, pace=timedelta(milliseconds=5), beat=BEAT)
            app = create_app(
                service, accounts, live=live, clock=lambda: morning.agenda.now, book=book, press=Press(morning.config), plan=PLAN
            )
            busy = BusyHall(morning, accounts, book, app)
            async with serving(app, listen("127.0.0.1", 0)) as busy.address:
                yield busy
    finally:
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        await service.close()


def _furnish_accounts(accounts: Accounts) -> None:
    accounts.ensure_administrator()
    accounts.set_password("admin", PASSWORD)
    for role in Role:
        accounts.add_user(f"one-{role.value}", role, by="admin")
