"""Whether a hall is at rest: everybody there, nothing wrong, nobody waiting, as the next scenario wants to find it."""

import asyncio
from collections.abc import Iterator

from hardware_sim.hall import Hall

LOOK_EVERY = 0.05


def restless(hall: Hall) -> Iterator[str]:
    """What is not at rest, one thing at a time."""
    if hall.controller is None or hall.controller.state != "online":
        yield "the controller is away"
    for node in hall.places:
        status = hall.statuses.get(node)
        if status is None or status.state != "online" or node not in hall.connected:
            yield f"node {node} is away"
    for device in hall.devices:
        state = hall.states.get(device)
        if state is None or state.condition not in ("ready", "busy") or state.code == "starting":
            yield f"{device} is {state.code if state else 'silent'}"
    yield from busy(hall)


def busy(hall: Hall) -> Iterator[str]:
    """What is under way: events to be sent, people waiting or at a window."""
    for status in hall.statuses.values():
        if status.waiting:
            yield f"node {status.node} has {status.waiting} events to send"
    for window in hall.windows.values():
        if window.state == "open" and window.stage != "idle":
            yield f"{window.window} has {window.number}"
    waiting = {one.service: one.waiting for offer in hall.offers.values() for one in offer.services}
    yield from (f"{count} wait for {service}" for service, count in waiting.items() if count)


async def rest(hall: Hall, within: float) -> list[str]:
    """Wait for rest; what is still restless in the end."""
    end = asyncio.get_running_loop().time() + within
    while left := list(restless(hall)):
        if asyncio.get_running_loop().time() > end:
            return left
        await asyncio.sleep(LOOK_EVERY)
    return []
