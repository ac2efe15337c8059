"""The controller over a real broker, at the counter: tickets, calls, boards, restarts, keys, ratings, complaints."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.calling import CallAnswer
from contract.dispatch import DispatchRequest
from contract.events import (
    ComplaintMade,
    KeyPressed,
    RatingGiven,
    StayStarted,
    TicketPrinted,
)
from contract.values import Text
from controller.ports import RunningHall
from tests.controller.play import Client, now, printed, running_hall, today, token, until


async def test_from_ticket_to_rating(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        typed: RunningHall = hall
        assert typed.config.hall.id == "centre"
        grant = await client.request()
        assert (grant.number, grant.ahead, grant.zone_name.en) == ("A001", 0, "East")
        assert (await client.ask(dispatch.CallNext(window="w1"))).code == "nobody-waits"
        await client.report("entrance", "kiosk-1", TicketPrinted(ticket=grant.ticket, number=grant.number))
        await client.acked("entrance", 1)
        reply = await client.ask(dispatch.CallNext(window="w1"))
        call = await client.said(topics.CALL)
        assert (reply.outcome, reply.number, reply.call) == ("done", "A001", call.id)
        assert (call.window, call.zone, call.times, call.window_name.zh) == ("w1", "east", 1, "1号窗口")
        answer = CallAnswer(call=call.id, node="desk", device="strip-1", at=now(), outcome="shown")
        await client.link.say(topics.CALL_ANSWER, answer, node="desk")
        await until(lambda: hall.view().calls[0].answers == (answer,))
        await client.ask(dispatch.Start(window="w1"))
        await client.said(topics.WINDOW_STATE, lambda w: w.stage == "serving" and w.number == "A001", window="w1")
        assert (await client.ask(dispatch.Finish(window="w1"))).number == "A001"
        invite = await client.said(topics.RATING_INVITE, window="w1")
        await client.report("desk", "rater-1", RatingGiven(rating=invite.rating, window="w1", level=5, after=2.5))
        await client.report("desk", "rater-1", RatingGiven(rating=invite.rating, window="w1", level=4, after=4.0, corrected=True))
        await client.report("desk", "rater-1", RatingGiven(rating=invite.rating, window="w1", level=1, after=30.0))
        await client.acked("desk", 3)
        figures = hall.view().ratings
        assert (figures.invited, figures.given, figures.levels) == (1, 1, {"4": 1})
        assert [(row.level, row.number) for row in await hall.ratings(today())] == [(4, "A001")]
        assert hall.view().counts["already-rated"] == 1
        found = await hall.ticket(grant.ticket)
        assert found is not None
        assert found.state == "done"


async def test_boards_show_what_concerns_them_and_versions_grow_over_restarts(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path):
        await client.ask(dispatch.IssueTicket(service="social"))
        await client.ask(dispatch.CallNext(window="w1"))
        for board, numbers in (("main", ["A001"]), ("strip-1", ["A001"])):
            picture = await client.said(topics.BOARD_PICTURE, lambda p: len(p.calls) == 1, board=board)
            assert [line.number for line in picture.calls] == numbers
        assert client.messages(topics.BOARD_PICTURE, board="west-board")[-1].calls == ()
        posted = await client.ask(dispatch.PostNotice(text=Text(zh="西区", en="West"), zones=("west",), urgent=True))
        await client.said(topics.BOARD_PICTURE, lambda p: len(p.notices) == 1, board="west-board")
        assert client.messages(topics.BOARD_PICTURE, board="strip-1")[-1].notices == ()
        versions = [p.version for p in client.messages(topics.BOARD_PICTURE, board="main")]
        assert versions == list(range(1, len(versions) + 1))
    client.heard.clear()
    async with running_hall(broker, tmp_path) as hall:
        picture = await client.said(topics.BOARD_PICTURE, lambda p: p.version > versions[-1], board="main")
        assert [line.number for line in picture.calls] == ["A001"]
        assert hall.view().notice_zones == {posted.notice: ("west",)}
        assert (await client.ask(dispatch.WithdrawNotice(notice=str(posted.notice)))).outcome == "done"
        await client.said(topics.BOARD_PICTURE, lambda p: p.notices == (), board="west-board")


async def test_a_window_strip_shows_its_number_as_long_as_it_concerns_somebody(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path):
        await client.ask(dispatch.IssueTicket(service="social"))
        await client.ask(dispatch.CallNext(window="w1"))
        await client.ask(dispatch.Start(window="w1"))
        serving = await client.said(topics.BOARD_PICTURE, lambda p: len(p.calls) == 1, board="strip-1")
        await client.ask(dispatch.Finish(window="w1"))
        await client.said(topics.BOARD_PICTURE, lambda p: p.version > serving.version and p.calls == (), board="strip-1")
        assert [line.number for line in client.messages(topics.BOARD_PICTURE, board="main")[-1].calls] == ["A001"]


async def test_a_restart_continues_exactly_where_it_stopped(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        for _ in range(3):
            await printed(client)
        await client.ask(dispatch.CallNext(window="w1"))
        await client.report("room-node", "room-1", StayStarted(stay=token(), room="nursery", cubicle="one"))
        await client.acked("room-node", 1)
        before, state = hall.view(), hall._state
    async with running_hall(broker, tmp_path) as hall:
        assert hall._state == state
        assert hall.view().services == before.services
        assert hall.view().rooms == before.rooms
        assert (await client.ask(dispatch.CallNext(window="w2"))).number == "A002"


async def test_the_same_request_is_done_once_also_across_a_restart(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    twice = {"id": token()}
    kiosk: Any = {"id": token()}
    async with running_hall(broker, tmp_path):
        first = await client.ask(dispatch.IssueTicket(service="social"), **twice)
        grant = await client.request(**kiosk)
        assert await client.request(**kiosk) == grant
    async with running_hall(broker, tmp_path) as hall:
        replies = len(client.messages(topics.DISPATCH_REPLY))
        request = DispatchRequest(
            **twice, at=now(), not_after=now() + timedelta(seconds=9), do=dispatch.IssueTicket(service="social")
        )
        await client.link.say(topics.DISPATCH_REQUEST, request, user="dispatch")
        await until(lambda: len(client.messages(topics.DISPATCH_REPLY)) > replies)
        assert client.messages(topics.DISPATCH_REPLY)[-1] == first
        assert await client.request(**kiosk) == grant
        assert await hall.ask(request, "web:li") == first
        assert len(hall._state.queue.tickets) == 2


async def test_what_comes_too_late_is_answered_and_not_done(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        reply = await client.ask(dispatch.IssueTicket(service="social"), not_after=now() - timedelta(seconds=1))
        assert (reply.outcome, reply.code) == ("refused", "late")
        refusal = await client.request(not_after=now() - timedelta(seconds=1))
        assert refusal.code == "late"
        await client.ask(dispatch.IssueTicket(service="social"))
        await client.report("desk", "caller-1", KeyPressed(window="w1", key="next", not_after=now() - timedelta(seconds=1)))
        await client.acked("desk", 1)
        assert hall.view().counts["stale-key"] == 1
        assert hall.view().windows[0].stage == "idle"


async def test_a_callers_keys_work_its_own_window_only(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        await client.ask(dispatch.IssueTicket(service="social"))
        soon = now() + timedelta(seconds=20)
        await client.report("desk", "caller-1", KeyPressed(window="w2", key="next", not_after=soon))
        await client.acked("desk", 1)
        assert hall.view().counts["foreign-device"] == 1
        for key in ("next", "recall", "start", "invite", "finish", "pause", "resume", "no-show"):
            await client.report("desk", "caller-1", KeyPressed(window="w1", key=key, not_after=soon))
        await client.acked("desk", 9)
        assert [call.times for call in reversed(hall.view().calls)] == [1, 2]
        assert (hall.view().windows[0].state, hall.view().windows[0].stage) == ("open", "idle")
        assert hall.view().ratings.invited == 1
        actors = [(row.actor, row.outcome) for row in await hall.audit(today())]
        assert actors[0] == ("key:desk/caller-1", "not-called")
        assert actors[-1] == ("mqtt:dispatch", "ok")


async def test_a_key_that_brings_about_nothing_is_answered_with_the_reason(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:
        soon = now() + timedelta(seconds=20)
        for key in ("next", "cancel", "transfer"):
            await client.report("desk", "caller-1", KeyPressed(window="w1", key=key, not_after=soon))
        await client.acked("desk", 3)
        await until(lambda: len(client.messages(topics.KEY_REFUSED, window="w1")) == 3)
        refusals = client.messages(topics.KEY_REFUSED, window="w1")
        assert [refusal.code for refusal in refusals] == ["nobody-waits", "not-offered", "not-offered"]
        assert refusals[-1].what.zh == "本大厅暂不提供此功能"
        await client.report("desk", "caller-1", KeyPressed(window="w1", key="next", not_after=now() - timedelta(seconds=1)))
        await client.acked("desk", 4)
        assert hall.view().counts["not-offered"] == 2
        assert len(client.messages(topics.KEY_REFUSED, window="w1")) == 3


async def test_keys_set_aside_call_back_and_transfer(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        soon = now() + timedelta(seconds=20)
        given = [(await client.ask(dispatch.IssueTicket(service="social"))).number for _ in range(2)]
        for key in ("next", "park", "next", "start", "finish", "unpark"):
            await client.report("desk", "caller-1", KeyPressed(window="w1", key=key, not_after=soon))
        await client.acked("desk", 6)
        assert [call.number for call in reversed(hall.view().calls)] == [given[0], given[1], given[0]]
        assert client.messages(topics.KEY_REFUSED, window="w1") == []


async def test_aspects_and_a_reason_complete_a_rating_and_correct_nothing(
    broker: MosquittoProcess, client: Client, tmp_path: Path
) -> None:
    async with running_hall(broker, tmp_path) as hall:
        for order in (
            dispatch.IssueTicket(service="social"), dispatch.CallNext(window="w1"), dispatch.Start(window="w1"),
            dispatch.Finish(window="w1"),
        ):  # fmt: skip
            await client.ask(order)
        invite = await client.said(topics.RATING_INVITE, window="w1")
        given = RatingGiven(rating=invite.rating, window="w1", level=2, after=2.5)
        for rating in (given, replace(given, aspects=("attitude",)), replace(given, aspects=("attitude",), reason="slow")):
            await client.report("desk", "rater-1", rating)
        await client.acked("desk", 3)
        (row,) = await hall.ratings(today())
        assert (row.level, row.aspects, row.reason) == (2, ("attitude",), "slow")
        assert hall.view().ratings.levels == {"2": 1}
        assert not [fact for fact in hall.view().counts if fact == "already-rated"]


async def test_a_complaint_stands_until_somebody_sees_to_it(broker: MosquittoProcess, client: Client, tmp_path: Path) -> None:
    async with running_hall(broker, tmp_path) as hall:
        for number in (1, 2):
            await client.report("desk", "rater-1", ComplaintMade(complaint="complaint-1", window="w1"), number=number)
        await client.acked("desk", 2)
        (complaint,) = hall.view().complaints
        assert (complaint.window, complaint.number) == ("w1", None)
    async with running_hall(broker, tmp_path) as hall:
        assert [each.id for each in hall.view().complaints] == ["complaint-1"]
        assert (await client.ask(dispatch.SeeComplaint(complaint="complaint-1"))).outcome == "done"
        assert hall.view().complaints == ()
        assert (await client.ask(dispatch.SeeComplaint(complaint="complaint-1"))).code == "unknown-complaint"
