"""The courier of one webhook: takes from the outbox what is due, tries it, and writes down what came of it.

Messages of one stream go one after the other. After a failure the receiver is left in peace for a growing while, at most a
minute, and then tried with a single message; each message besides has a growing while of its own, so that one which the
receiver cannot stand does not hold up the others.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import httpx
from sqlalchemy import Connection

from controller.config_webhooks import Webhook
from controller.store import outbox
from controller.store.errors import StoreError
from controller.store.outbox import Waiting
from controller.view import WebhookView
from controller.webhooks import patience, sending
from controller.webhooks.sending import Answer
from controller.webhooks.signing import BadSecret

log = logging.getLogger("hallware.controller")

AT_ONCE = 4
"""So many streams at most are on their way at a time."""
LOOK = 20.0
"""Seconds after which it looks for what somebody else put into the outbox, such as `hallware webhook retry`."""
SELDOM = timedelta(seconds=1)
COUNTED = timedelta(days=1)
"""So far back goes what staff are shown as delivered and given up."""

R = TypeVar("R")


class Depot(Protocol):
    """Where the messages lie: the running hall."""

    async def in_store(self, what: Callable[[Connection, str], R]) -> R:
        """Do something in one transaction, in its turn. Raises `StoreError`."""
        ...

    def webhook_stands(self, view: WebhookView) -> None:
        """Let everybody who watches know how a webhook stands."""
        ...

    def posted(self) -> Coroutine[Any, Any, object]:
        """Ends when the next message is written."""
        ...


class Courier:
    """Carries one webhook's messages, until cancelled."""

    def __init__(
        self, hook: Webhook, depot: Depot, clock: Callable[[], datetime], chance: Callable[[], float] = random.random
    ) -> None:
        self._hook, self._depot, self._clock, self._chance = hook, depot, clock, chance
        self._first = timedelta(seconds=hook.retry)
        self._sending: set[str] = set()
        """The streams of which an attempt is under way."""
        self._failures = 0
        """Attempts that failed since one succeeded."""
        self._failing_since: datetime | None = None
        self._quiet_until: datetime | None = None
        self._said = ""
        self._store_fails = False
        self._looked = datetime.min.replace(tzinfo=UTC)
        self._done = asyncio.Event()

    async def run(self) -> None:
        """Carry."""
        async with await self._client() as to, asyncio.TaskGroup() as attempts:
            while True:
                await self._turn(to, attempts)

    async def _client(self) -> httpx.AsyncClient:
        while True:
            try:
                return sending.client(self._hook)
            except OSError as error:
                self._failed(Answer(taken=False, said=f"`ca`: {self._hook.ca} cannot be used: {error}"), self._clock())
                await self._look()
                await asyncio.sleep(LOOK)

    async def _turn(self, to: httpx.AsyncClient, attempts: asyncio.TaskGroup) -> None:
        """Begin what is due, then wait for whatever comes first."""
        self._done.clear()
        posted = asyncio.ensure_future(self._depot.posted())
        done = asyncio.ensure_future(self._done.wait())
        try:
            pause = await self._begin(to, attempts)
            await asyncio.wait([posted, done], timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            posted.cancel()
            done.cancel()
            await asyncio.gather(posted, done, return_exceptions=True)

    async def _begin(self, to: httpx.AsyncClient, attempts: asyncio.TaskGroup) -> float:
        """Start attempts as far as there is room; gives the seconds until it should be looked again."""
        now, hook, busy = self._clock(), self._hook.id, list(self._sending)
        try:
            late = await self._depot.in_store(lambda c, hall: outbox.expire(c, hall, hook, now, busy))
            if late:
                log.warning("webhook %s: %d messages were given up, nobody took them in time", hook, late)
            quiet = self._quiet(now)
            room = 0 if quiet else (1 if self._failures else AT_ONCE) - len(busy)
            if room > 0:
                for waiting in await self._depot.in_store(lambda c, hall: outbox.due(c, hall, hook, now, busy, room)):
                    self._sending.add(waiting.stream)
                    attempts.create_task(self._deliver(to, waiting), name=f"webhook {hook}")
        except StoreError as error:
            self._store_is(error)
            return LOOK
        self._store_is(None)
        following = await self._look()
        if quiet:
            return min(quiet, LOOK)
        return LOOK if following is None or self._sending else min(max((following - now).total_seconds(), 0.01), LOOK)

    async def _look(self) -> datetime | None:
        """Show how the messages stand, once a second at most while there is work; says when the next one is due."""
        now = self._clock()
        if self._sending and now - self._looked < SELDOM:
            return None
        self._looked = now
        try:
            standing = await self._depot.in_store(lambda c, hall: outbox.standing(c, hall, self._hook.id, now - COUNTED))
        except StoreError as error:
            self._store_is(error)
            return None
        self._depot.webhook_stands(WebhookView(
            webhook=self._hook.id, host=self._hook.host, waiting=standing.waiting, oldest=standing.oldest,
            delivered=standing.delivered, given_up=standing.given_up, failing_since=self._failing_since, said=self._said,
        ))  # fmt: skip
        return standing.next

    def _quiet(self, now: datetime) -> float:
        """Seconds for which the receiver is still left in peace."""
        return 0.0 if self._quiet_until is None else max((self._quiet_until - now).total_seconds(), 0.0)

    async def _deliver(self, to: httpx.AsyncClient, waiting: Waiting) -> None:
        try:
            answer = await self._answer(to, waiting)
            await self._write_down(waiting, answer)
            self._store_is(None)
        except StoreError as error:
            self._store_is(error)  # the receiver hears it once more, under the same name
        finally:
            self._sending.remove(waiting.stream)
            self._done.set()

    async def _answer(self, to: httpx.AsyncClient, waiting: Waiting) -> Answer:
        try:
            return await sending.send(to, self._hook, waiting.message, waiting.body, self._clock())
        except BadSecret as problem:
            return Answer(taken=False, said=str(problem))

    async def _write_down(self, waiting: Waiting, answer: Answer) -> None:
        now, number = self._clock(), waiting.number
        if answer.taken:
            await self._depot.in_store(lambda c, hall: outbox.delivered(c, hall, number, now, answer.said))
            await self._well()
            return
        self._failed(answer, now)
        if answer.gone:
            await self._depot.in_store(lambda c, hall: outbox.gone(c, hall, number, now, answer.said))
            return
        own = patience.wait(waiting.attempts + 1, self._first, self._chance())
        again = now + max(own, answer.leave_alone or own)
        await self._depot.in_store(lambda c, hall: outbox.failed(c, hall, number, answer.said, again))

    def _failed(self, answer: Answer, now: datetime) -> None:
        if self._failing_since is None:
            self._failing_since = now
            log.warning("webhook %s: %s; messages wait and are tried again", self._hook.id, answer.said)
        self._failures += 1
        self._said = answer.said
        pause = patience.wait(self._failures, self._first, self._chance(), patience.LONGEST_PAUSE)
        self._quiet_until = now + max(pause, answer.leave_alone or pause)

    async def _well(self) -> None:
        """The receiver takes messages. After an outage all that waits is due at once."""
        if self._failures > 1:
            now = self._clock()
            await self._depot.in_store(lambda c, hall: outbox.hasten(c, hall, self._hook.id, now))
        if self._failing_since is not None:
            log.info("webhook %s: takes messages again", self._hook.id)
        self._failures, self._failing_since, self._quiet_until, self._said = 0, None, None, ""

    def _store_is(self, error: StoreError | None) -> None:
        if error is not None and not self._store_fails:
            log.warning("webhook %s: nothing is sent until the store works again: %s", self._hook.id, error)
        self._store_fails = error is not None
