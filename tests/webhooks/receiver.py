"""A receiver of webhooks on loopback, with all the manners that receivers have, down to bytes that are no HTTP."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()

Manner = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Got:
    """One request, verified by the library that receivers use."""

    id: str
    at: float
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def type(self) -> str:
        """The event."""
        return str(self.body["type"])


@dataclass
class Receiver:
    """`manners` are used up one for each request; the last one stays."""

    manners: list[Manner]
    secret: str = SECRET
    got: list[Got] = field(default_factory=list)
    taken: list[Got] = field(default_factory=list)
    """Those that were answered with success."""
    port: int = 0
    busy: int = 0
    most_busy: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            while request := await _read(reader):
                headers, body = request
                verified = Webhook(self.secret).verify(body, headers)
                got = Got(headers["webhook-id"], asyncio.get_running_loop().time(), verified, headers)
                self.got.append(got)
                manner = self.manners.pop(0) if len(self.manners) > 1 else self.manners[0]
                if manner is takes:
                    self.taken.append(got)
                await manner(writer)
                if manner is not takes:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.busy -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes] | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return headers, await reader.readexactly(int(headers["content-length"]))


@asynccontextmanager
async def receiving(*manners: Manner, port: int = 0, secret: str = SECRET) -> AsyncIterator[Receiver]:
    """A receiver with these manners, or one that takes everything."""
    receiver = Receiver(list(manners) or [takes], secret)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


async def takes(writer: asyncio.StreamWriter) -> None:
    """204, as it should be."""
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()


def says(code: int, *headers: str, body: bytes = b"") -> Manner:
    """An answer that is no success."""
    head = "\r\n".join([f"HTTP/1.1 {code} Whatever", f"content-length: {len(body)}", "connection: close", *headers, "", ""])

    async def manner(writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)
        await writer.drain()

    return manner


async def hangs(writer: asyncio.StreamWriter) -> None:
    """No answer at all."""
    await asyncio.sleep(3600)


async def drips(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that no single wait is long."""
    writer.write(b"HTTP/1.1 500 Slow\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def closes(writer: asyncio.StreamWriter) -> None:
    """The connection ends without a word."""


async def babbles(writer: asyncio.StreamWriter) -> None:
    """Bytes that are no HTTP."""
    writer.write(secrets.token_bytes(4000))
    await writer.drain()


async def floods(writer: asyncio.StreamWriter) -> None:
    """An answer without an end."""
    writer.write(b"HTTP/1.1 500 Much\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"y" * 0x10000 + b"\r\n")
        await writer.drain()


def table(
    url: str, secret: Path, *, name: str = "city", events: Sequence[str] = ("ticket.soon", "ticket.called"), **more: Any
) -> str:
    """A `[[webhook]]` of hall.toml, quick to try again; writes its secret."""
    secret.write_text(SECRET, encoding="ascii")
    secret.chmod(0o600)
    settings = {"retry": 0.05, "timeout": 0.6, **more}
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    fixed = [f'id = "{name}"', f'url = "{url}"', f"events = {json.dumps(list(events))}", f'secret_file = "{secret}"']
    return "\n".join(["", "[[webhook]]", *fixed, *lines, ""])
