"""The page's server: HTTP/1.1 on loopback, with a bound on everything that somebody could have too much of.

h11 knows the protocol and does no I/O; here are the socket, the deadlines and the bounds. Every answer but a stream of events
closes its connection: one browser on the same machine loses nothing by it, and a connection then has one state less.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus

import h11

from firmware.touch.asked import GOES_ALONG, Answer, Asked, Events, refused, stranger

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MOST_CONNECTIONS = 16
MOST_STREAMS = 4
"""The oldest stream ends for a new one: the page that is looked at is the newest."""
LARGEST_HEAD, LARGEST_BODY = 8192, 2048
"""Bytes."""
ASKS_WITHIN = 5.0
"""Seconds for a whole request."""
TAKES_WITHIN = 10.0
"""Seconds in which an answer has to be taken."""
CHUNK = 4096

Respond = Callable[[Asked], Awaitable[Answer | Events]]


class TooLarge(Exception):
    """A body of more bytes than anybody needs."""


class PageServer:
    """Serves one page to this machine."""

    def __init__(self, port: int, respond: Respond, count: Callable[[str], None]) -> None:
        """`respond` gets what is no stranger's; `count` is told of what was turned away."""
        self._port, self._respond, self._count = port, respond, count
        self._talks: set[asyncio.Task[None]] = set()
        self._streams: deque[asyncio.Task[None]] = deque()

    @property
    def busy(self) -> int:
        """How many connections there are."""
        return len(self._talks)

    async def run(self) -> None:
        """Serve until cancelled. Raises `OSError` when the port is taken."""
        server = await asyncio.start_server(self._meet, HOST, self._port, backlog=MOST_CONNECTIONS, limit=CHUNK)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= MOST_CONNECTIONS:
            self._count("refused-connection")
            writer.transport.abort()
            return
        talk = asyncio.create_task(self._talk(reader, writer), name="page")
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which ends with its answer. Whatever the other side does is weather."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        try:
            answer = await self._answer(connection, reader)
            if isinstance(answer, Events):
                await self._stream(connection, reader, writer, answer)
            else:
                await _send(connection, writer, answer)
            await _end(writer)
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            log.debug("page: %s: %s", type(error).__name__, error)
        finally:
            writer.transport.abort()

    async def _answer(self, connection: h11.Connection, reader: asyncio.StreamReader) -> Answer | Events:
        try:
            async with asyncio.timeout(ASKS_WITHIN):
                asked = await _heard(connection, reader)
        except h11.RemoteProtocolError as error:
            self._count("bad-request")
            return refused(HTTPStatus(error.error_status_hint))
        except TooLarge:
            self._count("bad-request")
            return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if (turned_away := stranger(asked, self._port)) is not None:
            self._count("refused-stranger")
            return turned_away
        return await self._respond(asked)

    async def _stream(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Events
    ) -> None:
        """Events until the browser goes, or too many look."""
        sending = asyncio.create_task(_send_events(connection, writer, answer.events), name="events")
        self._streams.append(sending)
        if len(self._streams) > MOST_STREAMS:
            self._streams.popleft().cancel()
        leaving = asyncio.create_task(_left(reader), name="leaving")
        try:
            done, _ = await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            with suppress(ValueError):
                self._streams.remove(sending)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if sending in done and not sending.cancelled() and (error := sending.exception()) is not None:
            raise error


async def _heard(connection: h11.Connection, reader: asyncio.StreamReader) -> Asked:
    """A whole request. Raises `h11.RemoteProtocolError`, `TooLarge`."""
    request, body = None, b""
    while True:
        event = connection.next_event()
        match event:
            case h11.Request():
                request = event
            case h11.Data(data=data):
                body += data
                if len(body) > LARGEST_BODY:
                    raise TooLarge
            case h11.EndOfMessage() if request is not None:
                headers = {bytes(name).decode("latin-1"): bytes(value).decode("latin-1") for name, value in request.headers}
                return Asked(request.method.decode("latin-1"), request.target.decode("latin-1"), headers, bytes(body))
            case h11.ConnectionClosed():
                raise ConnectionResetError("it went away")
            case _:
                connection.receive_data(await reader.read(CHUNK))


async def _send(connection: h11.Connection, writer: asyncio.StreamWriter, answer: Answer) -> None:
    head = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), "Connection": "close"}
    _begin(connection, writer, answer.status, head | dict(answer.headers))
    if answer.body:
        writer.write(connection.send(h11.Data(data=answer.body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await _taken(writer)


async def _send_events(connection: h11.Connection, writer: asyncio.StreamWriter, events: AsyncIterator[bytes]) -> None:
    _begin(connection, writer, HTTPStatus.OK, {"Content-Type": "text/event-stream; charset=utf-8", "Connection": "close"})
    async for event in events:
        writer.write(connection.send(h11.Data(data=event)) or b"")
        await _taken(writer)


def _begin(connection: h11.Connection, writer: asyncio.StreamWriter, status: HTTPStatus, head: dict[str, str]) -> None:
    headers = [(name.encode(), value.encode()) for name, value in (head | GOES_ALONG).items()]
    response = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
    if connection.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        raise ConnectionResetError("nothing can be said any more")
    writer.write(connection.send(response))


async def _taken(writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(TAKES_WITHIN):
        await writer.drain()


async def _end(writer: asyncio.StreamWriter) -> None:
    """Close the connection once everything was taken."""
    writer.close()
    async with asyncio.timeout(TAKES_WITHIN):
        await writer.wait_closed()


async def _left(reader: asyncio.StreamReader) -> None:
    """Ends when the other side has gone; what it says meanwhile is dropped."""
    while await reader.read(CHUNK):
        pass
