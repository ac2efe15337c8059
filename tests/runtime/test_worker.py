"""The worker keeps order, keeps deadlines and survives devices that never answer."""

import asyncio
import threading
import time

import pytest

from devices.errors import DeviceBroken, DeviceTimeout
from firmware.worker import Worker


async def test_results_and_errors_come_back() -> None:
    async with Worker("board-1") as worker:
        assert await worker.run(divmod, 7, 2, deadline=1) == (3, 1)
        with pytest.raises(DeviceBroken, match="nonsense"):
            await worker.run(_break, deadline=1)


def _break() -> None:
    raise DeviceBroken("nonsense")


async def test_calls_run_in_the_order_they_were_made_and_in_one_thread() -> None:
    seen: list[tuple[int, int]] = []
    async with Worker("board-1") as worker:
        calls = [worker.run(lambda i=i: seen.append((i, threading.get_ident())), deadline=5) for i in range(50)]
        await asyncio.gather(*calls)
    assert [i for i, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()


async def test_a_call_that_misses_its_deadline_loses_its_thread_and_the_next_one_runs() -> None:
    let_go = threading.Event()
    async with Worker("printer-1") as worker:
        with pytest.raises(DeviceTimeout, match=r"printer-1: .*wait took longer than 0.05 s"):
            await worker.run(let_go.wait, deadline=0.05)
        assert worker.abandoned == 1
        assert await worker.run(lambda: "fresh", deadline=1) == "fresh"
        let_go.set()


async def test_a_caller_in_the_queue_may_give_up_without_costing_the_running_call_its_thread() -> None:
    let_go = threading.Event()
    async with Worker("printer-1") as worker:
        first = asyncio.create_task(worker.run(let_go.wait, deadline=5))
        await asyncio.sleep(0)
        with pytest.raises(DeviceTimeout):
            await worker.run(lambda: "never", deadline=0.05)
        let_go.set()
        assert await first
        assert worker.abandoned == 0


async def test_a_cancelled_call_runs_to_its_end_before_the_next_one_starts() -> None:
    let_go, order = threading.Event(), list[str]()

    def slow() -> None:
        let_go.wait()
        order.append("first")

    async with Worker("printer-1") as worker:
        first = asyncio.create_task(worker.run(slow, deadline=5))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        second = asyncio.create_task(worker.run(lambda: order.append("second"), deadline=5))
        await asyncio.sleep(0)
        let_go.set()
        await second
    assert order == ["first", "second"]


async def test_a_time_out_of_the_function_itself_is_not_taken_for_the_deadline() -> None:
    def socket_timeout() -> None:
        raise TimeoutError("socket")

    async with Worker("printer-1") as worker:
        with pytest.raises(TimeoutError, match="socket") as caught:
            await worker.run(socket_timeout, deadline=1)
        assert not isinstance(caught.value, DeviceTimeout)


async def test_a_closed_worker_takes_no_calls_and_its_thread_ends() -> None:
    worker = Worker("gone-soon")
    await worker.run(time.monotonic, deadline=1)
    thread = next(t for t in threading.enumerate() if t.name == "gone-soon")
    worker.close()
    worker.close()
    thread.join(2)
    assert not thread.is_alive()
    with pytest.raises(RuntimeError, match="closed"):
        await worker.run(time.monotonic, deadline=1)
