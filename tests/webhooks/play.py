"""A hall without a broker whose webhooks are carried, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from contract import dispatch
from controller.config import parse_hall
from controller.service import HallService, utc_now
from controller.webhooks.courier import Courier
from tests.controller.halls import text
from tests.controller.play import token
from tests.controller.play import until as until


class Hall:
    """A hall that runs, with what a test does in it."""

    def __init__(self, service: HallService, clock: Callable[[], datetime]) -> None:
        self.service, self._clock = service, clock

    async def ask(self, do: dispatch.Action) -> dispatch.DispatchReply:
        """Ask as dispatch does; it must be done."""
        at = self._clock()
        request = dispatch.DispatchRequest(id=token(), at=at, not_after=at.replace(year=at.year + 1), do=do)
        reply = await self.service.ask(request, "test")
        assert reply.outcome == "done", reply
        return reply

    async def issue(self, service: str = "social", **changes: Any) -> str:
        """The number of a ticket given by hand."""
        return str((await self.ask(dispatch.IssueTicket(service=service, **changes))).number)

    async def serve(self, window: str = "w2") -> str:
        """Call the next one, and be done with it."""
        number = (await self.ask(dispatch.CallNext(window=window))).number
        await self.ask(dispatch.Start(window=window))
        await self.ask(dispatch.Finish(window=window))
        return str(number)

    def tick(self) -> None:
        """Time has passed."""
        self.service.tick()

    def webhook(self, name: str = "city") -> Any:
        """How a webhook stands."""
        return next((view for view in self.service.view().webhooks if view.webhook == name), None)


@asynccontextmanager
async def hall(
    store: str, *tables: str, clock: Callable[[], datetime] = utc_now, whole: str | None = None, carried: bool = True
) -> AsyncIterator[Hall]:
    """A hall with these further tables in its hall.toml, or with a hall.toml of its own."""
    config = parse_hall(whole or text(store) + "\n".join(tables), name="hall.toml")
    service = HallService(config, say=lambda _: None, clock=clock)
    try:
        await service.open()
        works = [service.run(), *(Courier(hook, service, clock).run() for hook in config.webhook if carried)]
        tasks = [asyncio.create_task(work) for work in works]
        for task in tasks:
            task.add_done_callback(service.broken)
        try:
            service.tick()
            yield Hall(service, clock)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await service.close()
    await service.ended()
