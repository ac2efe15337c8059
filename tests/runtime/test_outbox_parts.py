"""The outbox's file is a list whose numbers never come back; its window never leaves a gap."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.outbox_file import OutboxFile
from firmware.outbox_store import Draft, OutboxStore, StoreDamaged, StoreFull
from firmware.outbox_window import Window


def test_a_store_is_damaged_full_or_neither(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"x" * 10_000)
    with pytest.raises(StoreDamaged):
        OutboxStore(path)
    path.unlink()
    store = OutboxStore(path, megabytes=0.05)
    with pytest.raises(StoreFull):
        store.append([Draft("d", "at", "b", 1.0, b"x" * 1000)] * 1000, 0)
    assert store.append([Draft("d", "at", "b", 1.0, b"x")], 0) == 1, "a failed append leaves nothing behind"
    store.close()


def held_open(path: Path) -> list[str]:
    """What this process holds open of a file and those beside it."""
    found: list[str] = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # of this look itself
            found.append(str(entry.readlink()))
    return [target for target in found if target.startswith(str(path))]


async def test_a_file_that_opens_when_nobody_waits_for_it_any_more_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    file = OutboxFile(path, 1.0, lambda: datetime.now(UTC), lambda store, replaced: None)
    opening = asyncio.create_task(file.open())
    await asyncio.sleep(0)
    opening.cancel()
    await asyncio.wait({opening})
    await file.close()
    assert opening.cancelled()
    assert path.exists()
    assert held_open(path) == []


@given(
    script=st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(1, 5)),
            st.tuples(st.just("forget"), st.integers(0, 40)),
            st.tuples(st.just("reopen"), st.just(0)),
            st.tuples(st.just("renew"), st.just(0)),
        ),
        max_size=25,
    )
)
@settings(max_examples=60, deadline=None)
def test_the_store_is_a_list_whose_numbers_never_come_back(
    script: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("store") / "outbox.db"
    store, model, made = OutboxStore(path), dict[int, bytes](), 0
    for what, amount in script:
        match what:
            case "append":
                drafts = [Draft("d", "at", "b", 1.0, str(made + i).encode()) for i in range(amount)]
                first = store.append(drafts, 0)
                model |= {first + i: draft.fact for i, draft in enumerate(drafts)}
                made += amount
            case "forget":
                store.forget(amount)
                model = {number: content for number, content in model.items() if number > amount}
            case "reopen":
                last = store.last
                store.close()
                store = OutboxStore(path)
                assert store.last == last
            case "renew":
                epoch = store.epoch
                store.renew()
                assert store.epoch != epoch
                model = dict(enumerate(model.values(), 1))
        assert {row.number: row.draft.fact for row in store.read(0, 1000)} == model
        assert store.last >= max(model, default=0)
    store.close()


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_the_window_never_leaves_a_gap_and_never_runs_too_far_ahead(data: st.DataObject) -> None:
    window, newest, now, sent = Window(0, size=8), 0, 0.0, set[int]()
    for _ in range(data.draw(st.integers(0, 60))):
        now += data.draw(st.floats(0, 5))
        match data.draw(st.sampled_from(["new", "send", "ack", "gap", "begin", "late"])):
            case "new":
                newest += data.draw(st.integers(1, 10))
            case "send":
                room = window.room(newest)
                sent |= set(room)
                if room:
                    assert room[0] == window.next
                    window.sent(room[-1], now)
            case "ack" | "gap" as kind:
                stored = data.draw(st.integers(0, max(sent, default=0)))
                window.acked(stored, now, resend=kind == "gap")
            case "begin":
                window.begin(now)
            case "late":
                window.overdue(now)
        assert window.stored < window.next <= window.stored + window.size + 1
        assert sent >= set(range(window.stored + 1, window.next))


def test_a_storm_of_complaints_about_one_gap_is_one_resending() -> None:
    window = Window(0)
    window.sent(10, 0.0)
    for _ in range(10):
        window.acked(3, 0.1, resend=True)
    assert window.next == 4
    window.sent(10, 0.1)
    window.acked(3, 0.2, resend=True)
    assert window.next == 11
    window.acked(3, 1.0, resend=True)
    assert window.next == 4


def test_patience_doubles_while_nobody_answers_and_is_short_again_afterwards() -> None:
    window, now, waits = Window(0), 0.0, []
    for _ in range(6):
        window.sent(5, now)
        due = window.due()
        assert due is not None
        waits.append(due - now)
        now = due
        assert window.overdue(now)
    assert waits == [3, 6, 12, 24, 48, 60]
    window.acked(2, now)
    window.sent(5, now)
    assert window.due() == now + 3
