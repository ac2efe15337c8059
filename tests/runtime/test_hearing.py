"""Ears: messages one after the other, or each in the moment it comes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from contract.calling import Call
from contract.codec import encode
from contract.topics import CALL
from contract.values import Text
from link.hearing import Ear, Hearing

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def said(number: int) -> bytes:
    name = Text(zh="1号窗口", en="Window 1")
    return encode(
        Call(
            id=f"call-{number:06d}", at=NOON, not_after=NOON + timedelta(seconds=20), ticket="ticket-1", number="A001",
            window="w1", window_name=name, zone="z1", times=number,
        )
    )  # fmt: skip


class Hall:
    """One ear and what comes to it."""

    def __init__(self) -> None:
        self.hearing = Hearing(lambda: 0.0)
        self.ear = Ear(CALL, {"hall": "centre"}, self.hearing.remove, lambda: None)
        self.hearing.add(self.ear)
        self.taken: list[int] = []

    def comes(self, number: int) -> None:
        self.hearing.deliver("hall/v1/centre/call", said(number), retained=False)


async def test_each_is_taken_before_the_loop_turns_and_what_came_earlier_first_of_all() -> None:
    hall = Hall()
    hall.comes(1)
    taking = asyncio.create_task(hall.ear.each(lambda heard: hall.taken.append(heard.message.times)))
    await asyncio.sleep(0)
    hall.comes(2)
    assert hall.taken == [1, 2]
    hall.ear.close()
    await taking


async def test_what_taking_raises_is_its_takers_and_nobody_elses() -> None:
    hall = Hall()
    other: Ear[Call] = Ear(CALL, {"hall": "centre"}, hall.hearing.remove, lambda: None)
    hall.hearing.add(other)

    def fails(heard: object) -> None:
        raise RuntimeError("a bug")

    taking = asyncio.create_task(hall.ear.each(fails))
    await asyncio.sleep(0)
    hall.comes(1)
    with pytest.raises(RuntimeError, match="a bug"):
        await taking
    assert (await anext(other)).message.times == 1


async def test_an_ear_that_is_closed_takes_nothing() -> None:
    hall = Hall()
    hall.ear.close()
    await hall.ear.each(lambda heard: hall.taken.append(heard.message.times))
    assert hall.taken == []
