"""From a blank card to a trusted node: what is asked, who decides, and what the token is good for."""

import asyncio
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from broker_config.process import HOST, free_port
from contract.enrolment import Identity
from controller.config_parts import PlannedNode
from controller.enrolment import Refused
from controller.enrolment_fleet import fleet
from firmware.config import load
from link.link import Link
from provisioning.ca import IDENTITY_LIFE, HallCa, name_of
from provisioning.enrol import TurnedAway
from provisioning.identity import is_due
from provisioning.registrar_client import NotBelieved, NotReached, RegistrarClient, Unwelcome
from tests.broker import HALL
from tests.runtime.waiting import until
from tests.trust.registry import SERIAL, Board, Registry
from tests.trust.stage import NODE, OTHER, now


async def enrolled(desk: Registry, name: str = NODE, board: Board | None = None) -> Board:
    """A machine that was let in."""
    board = board or desk.board(name)
    async with board.asking(desk.card(name)) as asking:
        await until(desk.book.waiting)
        desk.book.decide(name, approve=True, by="test")
        await asyncio.wait_for(asking, 10)
    return board


async def test_a_node_asks_blinks_is_let_in_and_connects(desk: Registry) -> None:
    board = desk.board()
    async with board.asking(desk.card()) as asking:
        await until(desk.book.waiting)
        (waiting,) = desk.book.waiting()
        assert (waiting.name, waiting.serial, waiting.model) == (NODE, SERIAL, "Raspberry Pi 4")
        await until(lambda: board.blinks >= sum(waiting.pattern))
        assert not asking.done()
        desk.book.decide(waiting.id, approve=True, by="web:li")
        await asyncio.wait_for(asking, 10)
    config = load(board.folder / "node.toml")
    assert (config.node.id, config.broker.port, config.broker.password_file) == (NODE, desk.hall.broker.port, None)
    assert (board.folder / "ACT" / "trigger").read_text() == "mmc0"
    address = desk.hall.shown(None)
    mine = type(address)(
        host=HOST, port=address.port, ca=board.identity.ca, certificate=board.identity.certificate, key=board.identity.key
    )
    async with Link(mine, NODE, HALL) as link:
        await link.wait_up(5)
    assert [member.state for member in fleet(desk.config, desk.book, now())] == ["enrolled", "wanted"]


async def test_the_key_is_for_its_owner_alone_and_only_the_request_leaves_the_node(desk: Registry) -> None:
    board = await enrolled(desk)
    assert board.identity.key.stat().st_mode & 0o777 == 0o600
    key = board.identity.key.read_text().splitlines()[1]
    told = b"".join(
        path.read_bytes() for path in desk.hall.folder.rglob("*") if path.is_file() and board.folder not in path.parents
    )
    assert key.encode() not in told


async def test_a_node_that_loses_its_power_while_it_waits_asks_on_with_the_same_key(desk: Registry) -> None:
    card, board = desk.card(), desk.board()
    async with board.asking(card):
        await until(desk.book.waiting)
    (waiting,) = desk.book.waiting()
    desk.book.decide(waiting.id, approve=True, by="test")
    assert fleet(desk.config, desk.book, now())[0].state == "approved"
    async with desk.board().asking(card) as asking:
        await asyncio.wait_for(asking, 10)
    assert len(desk.book.certificates()) == 1


async def test_a_node_that_loses_its_certificate_before_it_lies_on_the_disk_is_given_the_same_one_again(desk: Registry) -> None:
    card, board = desk.card(), desk.board()
    key = board.identity.next_key()
    async with board.asking(card) as asking:
        await until(desk.book.waiting)
        desk.book.decide(NODE, approve=True, by="test")
        await asyncio.wait_for(asking, 10)
    board.identity.key.rename(board.identity.path / "next.key")
    board.identity.certificate.unlink()
    assert board.identity.next_key().private_numbers() == key.private_numbers()
    async with board.asking(card) as asking:
        await asyncio.wait_for(asking, 10)
    assert len(desk.book.certificates()) == 1


async def test_a_person_who_says_no_ends_it(desk: Registry) -> None:
    async with desk.board().asking(desk.card()) as asking:
        await until(desk.book.waiting)
        desk.book.decide(NODE, approve=False, by="test")
        with pytest.raises(TurnedAway, match="A person has refused"):
            await asyncio.wait_for(asking, 10)


async def turned_away(desk: Registry, card: object, board: Board | None = None) -> str:
    """Why the registrar does not even look at it."""
    async with (board or desk.board("another")).asking(card) as asking:  # type: ignore[arg-type]
        with pytest.raises(TurnedAway) as refusal:
            await asyncio.wait_for(asking, 10)
    return str(refusal.value)


async def test_a_token_is_good_for_one_machine(desk: Registry) -> None:
    card = desk.card()
    async with desk.board("first").asking(card):
        await until(desk.book.waiting)
    assert "used by another machine" in await turned_away(desk, card)
    assert [member.alarm for member in fleet(desk.config, desk.book, now()) if member.name == NODE] == [True]


async def test_a_token_is_good_for_a_day(desk: Registry) -> None:
    card = desk.card()
    desk.clock.skip(hours=24, seconds=1)
    assert "older than a day" in await turned_away(desk, card)


async def test_a_token_is_good_for_its_name_role_and_hall_alone(desk: Registry) -> None:
    token = desk.book.invite(NODE, Identity.NODE, "test")
    for wrong in ({"name": OTHER}, {"role": Identity.CONTROLLER, "name": "controller"}, {"hall": "elsewhere"}):
        assert f"made for node {NODE}" in await turned_away(desk, desk.card(token=token, **wrong))
    assert desk.book.waiting() == []


async def test_a_newer_card_makes_the_older_one_useless(desk: Registry) -> None:
    old = desk.card()
    desk.card()
    assert "perhaps a newer card was made" in await turned_away(desk, old)


async def test_a_request_that_is_not_bound_to_the_token_is_refused(desk: Registry) -> None:
    board, card = desk.board(), desk.card()
    client = RegistrarClient(HOST, desk.port, desk.hall.ca.fingerprint)
    mine = board.enrolling.claim_of(card)
    stolen = desk.board("thief").enrolling.claim_of(card)
    with pytest.raises(Unwelcome, match="do not belong together"):
        await asyncio.to_thread(client.claim, replace(stolen, bound=mine.bound))


async def test_a_node_tells_nothing_to_somebody_who_is_not_its_registrar(desk: Registry) -> None:
    board = desk.board()
    foreign = desk.card(ca=HallCa.make("elsewhere", now()).fingerprint)
    client = RegistrarClient(HOST, desk.port, foreign.ca)
    with pytest.raises(NotBelieved, match="not this hall's registrar"):
        await asyncio.to_thread(client.claim, board.enrolling.claim_of(foreign))
    assert desk.book.events()[0][2] == "invited"


async def test_nobody_there_is_weather(desk: Registry) -> None:
    client = RegistrarClient(HOST, 9, desk.hall.ca.fingerprint)
    with pytest.raises(NotReached, match="refused"):
        await asyncio.to_thread(lambda: client.authority)


async def test_a_card_for_a_node_that_is_not_planned_waits_until_it_is(desk: Registry) -> None:
    async with desk.board().asking(desk.card("unplanned")) as asking:
        await asyncio.sleep(0.15)
        assert not asking.done()
    assert desk.book.waiting() == []


async def test_a_mistake_in_the_plan_of_a_node_is_found_before_anybody_walks_to_it_and_stops_no_other(desk: Registry) -> None:
    good = next(node for node in desk.config.node if node.id == OTHER)
    desk.plan((PlannedNode(id=NODE, device=({"kind": "board", "id": "nowhere"},)), good))
    async with desk.board().asking(desk.card(NODE)) as asking:
        await enrolled(desk, OTHER)
        assert not asking.done()
        assert desk.book.waiting() == []


async def test_a_clock_that_is_years_off_is_set_by_the_registrar(desk: Registry) -> None:
    board = desk.board()
    told: list[datetime] = []
    board.enrolling.clock = lambda: now() - timedelta(days=4000)
    board.enrolling.set_clock = told.append
    async with board.asking(desk.card()):
        await until(lambda: told)
    assert abs(told[0] - now()) < timedelta(seconds=30)


async def test_a_certificate_is_renewed_after_two_thirds_of_its_life_with_a_new_key_and_nobody_is_asked(desk: Registry) -> None:
    board = await enrolled(desk)
    client = RegistrarClient.of_known(HOST, desk.port, board.identity.ca)
    old, key = board.identity.read(), board.identity.key.read_text()
    assert old is not None
    assert not await asyncio.to_thread(board.enrolling.renew, client)
    desk.clock.skip(days=IDENTITY_LIFE.days * 2 / 3)
    assert is_due(old, desk.clock())
    assert await asyncio.to_thread(board.enrolling.renew, client)
    new = board.identity.read()
    assert new is not None
    assert new.not_valid_after_utc - old.not_valid_after_utc > timedelta(days=240)
    assert board.identity.key.read_text() != key
    assert name_of(new) == (NODE, "node")  # whatever its request said
    assert desk.book.waiting() == []


async def test_a_spare_from_the_shelf_whose_certificate_has_ended_needs_a_person_and_no_new_card(
    desk: Registry,
) -> None:
    board = await enrolled(desk)
    desk.clock.skip(days=IDENTITY_LIFE.days + 30)
    client = RegistrarClient.of_known(HOST, desk.port, board.identity.ca)
    renewing = asyncio.create_task(asyncio.to_thread(board.enrolling.renew, client))
    await until(desk.book.waiting)
    assert not renewing.done()
    desk.book.decide(NODE, approve=True, by="test")
    assert await asyncio.wait_for(renewing, 10)


async def test_a_spare_whose_clock_stood_still_on_the_shelf_asks_all_the_same(desk: Registry) -> None:
    board = await enrolled(desk)
    told: list[datetime] = []
    board.enrolling.clock, board.enrolling.set_clock = now, told.append  # the board's, which stays where it was
    desk.clock.skip(days=IDENTITY_LIFE.days + 30)
    client = RegistrarClient.of_known(HOST, desk.port, board.identity.ca)
    renewing = asyncio.create_task(asyncio.to_thread(board.enrolling.renew, client))
    await until(desk.book.waiting)
    assert abs(told[0] - desk.clock()) < timedelta(seconds=30)
    desk.book.decide(NODE, approve=True, by="test")
    assert await asyncio.wait_for(renewing, 10)


async def test_a_registrar_whose_clock_is_behind_sets_no_clock_back(desk: Registry) -> None:
    board = await enrolled(desk)
    told: list[datetime] = []
    board.enrolling.clock, board.enrolling.set_clock = now, told.append
    desk.clock.skip(days=-400)
    client = RegistrarClient.of_known(HOST, desk.port, board.identity.ca)
    assert not await asyncio.to_thread(board.enrolling.renew, client)
    assert told == []


async def test_without_the_registrar_it_is_not_known_whether_it_is_time(desk: Registry) -> None:
    board = await enrolled(desk)
    nobody = RegistrarClient.of_known(HOST, free_port(), board.identity.ca)
    with pytest.raises(NotReached, match="not known without the hall's clock"):
        await asyncio.to_thread(board.enrolling.renew, nobody)


async def test_a_revoked_certificate_renews_nothing(desk: Registry) -> None:
    board = await enrolled(desk)
    desk.book.revoke(NODE, "test")
    client = RegistrarClient.of_known(HOST, desk.port, board.identity.ca)
    with pytest.raises(TurnedAway, match="was revoked"):
        await asyncio.to_thread(lambda: board.enrolling.renew(client, always=True))


async def test_revoking_ends_the_connection_within_seconds(desk: Registry, caplog: pytest.LogCaptureFixture) -> None:
    board = await enrolled(desk)
    address = load(board.folder / "node.toml").broker
    mine = type(address)(
        host=HOST, port=address.port, ca=board.identity.ca, certificate=board.identity.certificate, key=board.identity.key
    )
    async with Link(mine, NODE, HALL) as link:
        await link.wait_up(5)
        desk.book.revoke(NODE, "test", "stolen")
        await until(lambda: not link.up.value)
        await until(lambda: "this machine's certificate was revoked" in caplog.text, within=20)


async def test_a_swap_shuts_the_old_machine_out_and_lets_a_new_one_take_its_place(desk: Registry) -> None:
    old = await enrolled(desk, board=desk.board("old"))
    token = desk.book.swap(NODE, Identity.NODE, "test")
    new = desk.board("new")
    async with new.asking(desk.card(token=token)) as asking:
        await until(desk.book.waiting)
        desk.book.decide(NODE, approve=True, by="test")
        await asyncio.wait_for(asking, 10)
    states = {row.serial: row.revoked is not None for row in desk.book.certificates()}
    was, is_ = old.identity.read(), new.identity.read()
    assert was is not None
    assert is_ is not None
    assert (states[f"{was.serial_number:x}"], states[f"{is_.serial_number:x}"]) == (True, False)


async def test_a_request_that_nobody_decides_on_lapses(desk: Registry) -> None:
    async with desk.board().asking(desk.card()) as asking:
        await until(desk.book.waiting)
        desk.clock.skip(days=8)
        with pytest.raises(TurnedAway):
            await asyncio.wait_for(asking, 10)
    with pytest.raises(Refused):
        desk.book.decide(NODE, approve=True, by="test")
