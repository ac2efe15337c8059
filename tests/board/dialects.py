"""The dialects of text boards as tests run over them, with what each shows of the same call."""

from datetime import timedelta

import pytest

from contract.commands import Command, Identify, SelfTest
from devices.text_dialects import DIALECTS
from tests.board.station import NOON

CALLED = {"queue": "A012>3", "digits": "012", "digits-colour": "012"}
DESK = {"queue": "Ask desk", "digits": "---", "digits-colour": "---"}
NEXT = {"queue": "A013>3", "digits": "013", "digits-colour": "013"}
SERIALS = sorted(set(DIALECTS) - {"udp-card"})

each_dialect = pytest.mark.parametrize("dialect", DIALECTS)
each_serial = pytest.mark.parametrize("dialect", SERIALS)


def called(dialect: str) -> str:
    return CALLED.get(dialect, "请A012到3号窗口")


def order(do: SelfTest | Identify) -> Command:
    return Command(id="command-1", device="board-1", at=NOON, not_after=NOON + timedelta(seconds=30), do=do)
