"""A shared serial line: turns, gaps, what is said when it is blocked or gone, and the simulated line at its other end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from devices.errors import DeviceMissing, DeviceRefused, DeviceTimeout
from devices.serial_bus import Buses, LineSettings
from hardware_sim.serial_line import SerialLine
from tests.runtime.waiting import until

FAST = LineSettings(115200)
WIRE = "/dev/serial/by-id/usb-adapter"


class Ear:
    """A far end that hears, and answers each byte `?` with its name."""

    def __init__(self, name: bytes = b"!") -> None:
        self.name, self.heard, self.chunks = name, b"", list[tuple[float, bytes]]()

    def hear(self, data: bytes, now: float) -> bytes:
        """Keep what came and when."""
        self.heard += data
        self.chunks.append((now, data))
        return self.name * data.count(b"?")

    def work(self, now: float) -> tuple[bytes, float | None]:
        """Nothing by itself."""
        return b"", None


@pytest.fixture
async def ear() -> Ear:
    """What hangs on the line."""
    return Ear()


@pytest.fixture
async def line(ear: Ear) -> AsyncIterator[SerialLine]:
    """A line with one far end."""
    made = SerialLine(ear)
    made.open()
    yield made
    made.close()


@pytest.fixture
def buses(line: SerialLine) -> Buses:
    """The node's end of it."""

    def address(wire: str) -> str:
        if line.address is None:
            raise DeviceMissing(f"{wire}: nothing is there")
        return line.address

    return Buses(address)


async def test_frames_of_several_devices_go_out_whole_and_keep_the_gap(buses: Buses, ear: Ear) -> None:
    settings = LineSettings(115200, gap=0.03)
    async with buses.join(WIRE, settings) as one, buses.join(WIRE, FAST) as other:
        assert one is other
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for frame in (b"<aaaa>", b"<bbbb>", b"<cccc>"):
                group.create_task(one.send(frame))
        assert time.monotonic() - began >= 2 * 0.03
        await until(lambda: len(ear.heard) == 18)
        assert sorted(ear.heard[i : i + 6] for i in (0, 6, 12)) == [b"<aaaa>", b"<bbbb>", b"<cccc>"]
        assert one.sent == 18


async def test_every_device_hears_everything(buses: Buses) -> None:
    async with buses.join(WIRE, FAST) as bus:
        ears = [bus.received(), bus.received()]
        await bus.send(b"?")
        async with asyncio.timeout(5):
            assert [await anext(each) for each in ears] == [b"!", b"!"]


async def test_a_pulled_cable_is_told_to_readers_and_writers_and_joining_again_heals(
    buses: Buses, line: SerialLine, ear: Ear
) -> None:
    async with buses.join(WIRE, FAST) as bus:
        chunks = bus.received()
        line.unplug()
        with pytest.raises(DeviceMissing, match="unplugged"):
            async with asyncio.timeout(5):
                await anext(chunks)
        with pytest.raises(DeviceMissing, match="check the adapter"):
            await bus.send(b"x")
        with pytest.raises(DeviceMissing):
            async with buses.join(WIRE, FAST):
                pass
        line.plug()
        async with buses.join(WIRE, FAST) as again:
            await again.send(b"back")
            await until(lambda: ear.heard.endswith(b"back"))


async def test_a_blocked_line_is_a_timeout_and_goes_on_when_it_is_free(buses: Buses, line: SerialLine, ear: Ear) -> None:
    async with buses.join(WIRE, FAST) as bus:
        line.block()
        with pytest.raises(DeviceTimeout, match="did not take 4 bytes"):
            await bus.send(b"lost", within=0.05)
        line.unblock()
        await bus.send(b"free")
        await until(lambda: ear.heard.endswith(b"free"))


async def test_another_speed_on_the_same_line_is_refused_in_words(buses: Buses) -> None:
    async with buses.join(WIRE, FAST):
        with pytest.raises(DeviceRefused, match="115200 baud, not 9600; give them the same speed"):
            async with buses.join(WIRE, LineSettings(9600)):
                pass


async def test_a_line_that_another_program_holds_is_refused(buses: Buses) -> None:
    other = Buses(buses._address)
    async with buses.join(WIRE, FAST):
        with pytest.raises(DeviceRefused, match="another program holds it"):
            async with other.join(WIRE, FAST):
                pass


async def test_the_line_is_free_when_the_last_device_has_left(buses: Buses) -> None:
    async with buses.join(WIRE, FAST):
        pass
    other = Buses(buses._address)
    async with other.join(WIRE, LineSettings(9600)) as bus:
        assert bus.baud == 9600


@pytest.mark.parametrize(
    ("hand", "arrives"),
    [("truncate", lambda data: data == b"!!"), ("corrupt", lambda data: len(data) == 4 and data != b"!!!!")],
)
async def test_answers_arrive_as_the_fault_says(
    buses: Buses, line: SerialLine, hand: str, arrives: Callable[[bytes], bool]
) -> None:
    async with buses.join(WIRE, FAST) as bus:
        chunks = bus.received()
        getattr(line, hand)(1)
        assert line.faults == [hand]
        await bus.send(b"????")
        async with asyncio.timeout(5):
            assert arrives(await anext(chunks))
            assert line.faults == []
            await bus.send(b"????")
            assert await anext(chunks) == b"!!!!"


async def test_a_silent_line_answers_nothing_until_it_answers_again(buses: Buses, line: SerialLine, ear: Ear) -> None:
    async with buses.join(WIRE, FAST) as bus:
        chunks = bus.received()
        line.silence()
        await bus.send(b"?")
        await until(lambda: ear.heard == b"?")
        line.answer()
        await bus.send(b"??")
        async with asyncio.timeout(5):
            assert await anext(chunks) == b"!!"


async def test_a_slow_line_takes_its_time(buses: Buses, line: SerialLine, ear: Ear) -> None:
    async with buses.join(WIRE, FAST) as bus:
        line.slow(500)
        await bus.send(b"x" * 100)
        await until(lambda: len(ear.heard) == 100)
        assert ear.chunks[-1][0] - ear.chunks[0][0] >= 0.1


async def test_a_garbled_line_changes_what_the_far_end_hears(buses: Buses, line: SerialLine, ear: Ear) -> None:
    async with buses.join(WIRE, FAST) as bus:
        line.garble()
        await bus.send(b"abcd")
        await until(lambda: len(ear.heard) == 4)
        assert ear.heard != b"abcd"


async def test_noise_arrives(buses: Buses, line: SerialLine) -> None:
    async with buses.join(WIRE, FAST) as bus:
        chunks = bus.received()
        line.noise(32)
        async with asyncio.timeout(5):
            assert len(await anext(chunks)) == 32
