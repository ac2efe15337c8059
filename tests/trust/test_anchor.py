"""Whose updates a machine takes is written once, at its enrolment, by the card's fingerprint; nothing changes it later."""

import asyncio
from pathlib import Path

import pytest

from provisioning.enrol import TurnedAway
from provisioning.registrar_client import RegistrarClient
from tests.runtime.waiting import until
from tests.trust.registry import Board, Registry
from tests.trust.stage import NODE


@pytest.fixture
def board(desk: Registry, tmp_path: Path) -> Board:
    board = desk.board()
    board.enrolling.anchor = tmp_path / "updates/ca.crt"
    return board


def anchor(board: Board) -> str:
    assert board.enrolling.anchor is not None
    return board.enrolling.anchor.read_text()


async def test_the_anchor_is_the_ca_that_the_card_named(desk: Registry, board: Board) -> None:
    async with board.asking(desk.card(NODE)) as asking:
        await until(desk.book.waiting)
        desk.book.decide(NODE, approve=True, by="test")
        await asyncio.wait_for(asking, 10)
    assert anchor(board) == desk.hall.files.certificate.read_text()
    assert board.enrolling.anchor is not None
    board.enrolling.anchor.write_text("as it was")
    client = RegistrarClient(board.identity.registrar.host, desk.port, desk.hall.ca.fingerprint)
    assert await asyncio.to_thread(lambda: board.enrolling.renew(client, always=True))
    assert anchor(board) == "as it was", "a renewal goes by the node's own copy, which its program may write to"


async def test_who_is_turned_away_believes_nobody(desk: Registry, board: Board) -> None:
    async with board.asking(desk.card(NODE)) as asking:
        await until(desk.book.waiting)
        desk.book.decide(NODE, approve=False, by="test")
        with pytest.raises(TurnedAway):
            await asyncio.wait_for(asking, 10)
    assert board.enrolling.anchor is not None
    assert not board.enrolling.anchor.exists()
