"""A cable carries, falls silent, is cut, refuses, and carries again at the same port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.chaos.cables import HOST, Cable


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(100):
            writer.write(data)
    writer.transport.abort()


@asynccontextmanager
async def cable() -> AsyncIterator[Cable]:
    """A cable to somebody who says everything back."""
    server = await asyncio.start_server(_echo, HOST, 0)
    async with server, Cable(server.sockets[0].getsockname()[1]) as made:
        yield made


@asynccontextmanager
async def end_of(made: Cable) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection through the cable."""
    reader, writer = await asyncio.open_connection(HOST, made.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


async def said_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, word: bytes, within: float = 5.0) -> bytes:
    """What comes back for a word. Raises `TimeoutError`."""
    writer.write(word)
    async with asyncio.timeout(within):
        return await reader.read(100)


async def test_it_carries_both_ways() -> None:
    async with cable() as made, end_of(made) as end:
        assert await said_back(*end, b"hello") == b"hello"


async def test_a_silent_one_delivers_late_what_it_held_back() -> None:
    async with cable() as made, end_of(made) as end:
        assert await said_back(*end, b"one") == b"one"
        made.silence()
        with pytest.raises(TimeoutError):
            await said_back(*end, b"two", within=0.1)
        made.mend()
        async with asyncio.timeout(5.0):
            assert await end[0].read(100) == b"two"


async def test_a_cut_one_ends_and_takes_new_connections() -> None:
    async with cable() as made:
        async with end_of(made) as end:
            await said_back(*end, b"one")
            made.cut()
            async with asyncio.timeout(5.0):
                assert await end[0].read(100) == b""
        async with end_of(made) as end:
            assert await said_back(*end, b"two") == b"two"


async def test_one_that_refuses_takes_none_until_it_accepts() -> None:
    async with cable() as made:
        made.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, made.port)
        await made.accept()
        async with end_of(made) as end:
            assert await said_back(*end, b"again") == b"again"
