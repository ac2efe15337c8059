"""The page's server against whoever is not its own page: it turns them away, in words and in time, and goes on serving."""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from subprocess import run

import pytest

from broker_config.process import free_port
from firmware.touch import server as serving
from firmware.touch.asked import Answer, Asked, Events, stranger
from firmware.touch.server import LARGEST_BODY, LARGEST_HEAD, MOST_CONNECTIONS, MOST_STREAMS, PageServer
from tests.touch.screens import listens

PORT = 8470
GOOD = {"host": f"127.0.0.1:{PORT}"}
ORDER = {**GOOD, "origin": f"http://127.0.0.1:{PORT}", "content-type": "application/json"}


LARGE = bytes(range(256)) * 16_384
"""More than the buffers between a server and a reader that does not read."""


class Page:
    """A served page that answers `here` and streams `beat` for as long as somebody listens."""

    def __init__(self) -> None:
        self.port = free_port()
        self.counts: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self.server = PageServer(self.port, self.respond, self.count)

    def count(self, what: str) -> None:
        """Count what was turned away."""
        self.counts[what] += 1

    async def respond(self, asked: Asked) -> Answer | Events:
        """The page's own."""
        self.asked.append(asked)
        if asked.path == "/large":
            return Answer(body=LARGE)
        return Events(self.beats()) if asked.path == "/live" else Answer(body=b"here")

    async def beats(self) -> AsyncIterator[bytes]:
        """A stream without an end."""
        while True:
            yield b"data: beat\n\n"
            await asyncio.sleep(0.05)

    def get(self, path: str = "/", host: str = "", **headers: str) -> bytes:
        """A request as it stands on the wire."""
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return f"GET {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{self.port}'}\r\n{more}\r\n".encode()

    async def say(self, sent: bytes, *, within: float = 3.0) -> bytes:
        """All that comes back on one connection, until the server ends it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(sent)
            async with asyncio.timeout(within):
                return await reader.read()
        finally:
            writer.close()

    async def works(self) -> None:
        """The page itself is still served."""
        answer = await self.say(self.get())
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        assert answer.endswith(b"here")


@asynccontextmanager
async def page() -> AsyncIterator[Page]:
    """A page, served."""
    made = Page()
    task = asyncio.create_task(made.server.run())
    async with asyncio.timeout(5):
        while not listens(made.port):  # noqa: ASYNC110 - a socket tells nobody
            await asyncio.sleep(0.01)
    try:
        yield made
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert not listens(made.port)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Asked("GET", "/", GOOD), None),
        (Asked("GET", "/", {"host": f"localhost:{PORT}"}), None),
        (Asked("POST", "/take", ORDER), None),
        (Asked("GET", "/", {**GOOD, "sec-fetch-site": "none"}), None),
        (Asked("GET", "/", {}), 421),
        (Asked("GET", "/", {"host": "evil.example"}), 421),
        (Asked("GET", "/", {"host": f"evil.example:{PORT}"}), 421),
        (Asked("GET", "/", {"host": "127.0.0.1"}), 421),
        (Asked("GET", "/", {"host": f"127.0.0.1:{PORT}.evil.example"}), 421),
        (Asked("GET", "/live", {**GOOD, "origin": "http://evil.example"}), 403),
        (Asked("GET", "/live", {**GOOD, "sec-fetch-site": "cross-site"}), 403),
        (Asked("POST", "/take", {**ORDER, "origin": "null"}), 403),
        (Asked("POST", "/take", {**ORDER, "origin": f"http://localhost:{PORT}"}), 403),
        (Asked("POST", "/take", {key: value for key, value in ORDER.items() if key != "origin"}), 403),
        (Asked("DELETE", "/take", GOOD), 403),
        (Asked("POST", "/take", {**ORDER, "content-type": "text/plain"}), 415),
        (Asked("POST", "/take", {**ORDER, "content-type": "application/x-www-form-urlencoded"}), 415),
    ],
)
def test_only_its_own_page_on_its_own_machine_is_heard(asked: Asked, status: int | None) -> None:
    turned_away = stranger(asked, PORT)
    assert (None if turned_away is None else turned_away.status) == status


async def test_every_answer_bears_the_policy_that_leaves_no_way_out() -> None:
    async with page() as at:
        for sent in (at.get(), at.get(host="evil.example"), b"nonsense\r\n\r\n"):
            head = (await at.say(sent)).decode("latin-1")
            assert "default-src 'none'" in head
            assert "sandbox allow-scripts allow-same-origin;" in head, "no windows, no dialogs, no downloads, no printing"
            assert "frame-ancestors 'none'" in head
            assert "nosniff" in head


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 2 * LARGEST_HEAD + b"\r\n\r\n", b"431"),
        (b"GET /" + b"y" * 2 * LARGEST_HEAD, b"431"),
        (b"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, b"413"),
        (b"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n", b""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", b"421"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", b"400"),
        (b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", b"421"),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"421"),
    ],
)
async def test_what_is_too_large_or_no_request_is_refused_and_costs_nothing(
    sent: bytes, status: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "ASKS_WITHIN", 0.5)
    async with page() as at:
        with suppress(ConnectionResetError):
            answer = await at.say(sent)
            assert answer.startswith(b"HTTP/1.1 " + status if status else b""), answer[:200]
        await at.works()
        assert len(at.asked) == 1


async def test_a_body_in_endless_pieces_is_cut_off() -> None:
    async with page() as at:
        _, writer = await asyncio.open_connection("127.0.0.1", at.port)
        writer.write(b"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(_pour(writer), 5)
        writer.close()
        assert at.counts["bad-request"] == 1
        assert LARGEST_BODY < 4096
        await at.works()


async def _pour(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"100\r\n" + b"x" * 256 + b"\r\n")
        await writer.drain()


async def test_whoever_asks_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "ASKS_WITHIN", 0.3)
    async with page() as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
        began = asyncio.get_running_loop().time()
        with suppress(ConnectionError):
            for byte in b"GET / HTTP/1.1\r\nHost: " + b"a" * 60:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.01)
            async with asyncio.timeout(3):
                assert await reader.read() == b""
        assert asyncio.get_running_loop().time() - began < 2
        writer.close()
        await at.works()


async def test_whoever_takes_slowly_gets_everything_and_whoever_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    async with page() as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port, limit=4096)
        writer.write(at.get("/large"))
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.1)
        assert await reader.read() == LARGE
        writer.close()
    monkeypatch.setattr(serving, "TAKES_WITHIN", 0.2)
    async with page() as at:
        reader, writer = await asyncio.open_connection("127.0.0.1", at.port, limit=4096)
        writer.write(at.get("/large"))
        async with asyncio.timeout(5):
            while at.server.busy or not at.asked:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        writer.close()
        await at.works()


async def test_silent_connections_fill_no_more_than_their_number_and_the_page_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "ASKS_WITHIN", 0.4)
    async with page() as at:
        silent = [await asyncio.open_connection("127.0.0.1", at.port) for _ in range(3 * MOST_CONNECTIONS)]
        async with asyncio.timeout(3):
            while at.counts["refused-connection"] < 2 * MOST_CONNECTIONS:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        async with asyncio.timeout(3):
            await asyncio.gather(*(reader.read() for reader, _ in silent), return_exceptions=True)
        for _, writer in silent:
            writer.close()
        await at.works()


async def test_the_oldest_stream_ends_for_the_newest_and_a_reader_that_takes_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "TAKES_WITHIN", 0.3)
    async with page() as at:
        streams = [await asyncio.open_connection("127.0.0.1", at.port) for _ in range(MOST_STREAMS + 1)]
        for reader, writer in streams:
            writer.write(at.get("/live"))
            await reader.readuntil(b"data: beat")
        async with asyncio.timeout(3):
            await streams[0][0].read()
        reader, _ = streams[-1]
        assert b"beat" in await reader.readuntil(b"beat")
        for _, writer in streams:
            writer.close()
        await at.works()


async def test_any_bytes_are_survived() -> None:
    dice = random.Random(7)
    async with page() as at:
        seeds = [at.get(), at.get("/live", host="evil"), b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"]
        for _ in range(150):
            sent = bytearray(dice.choice(seeds))
            for _ in range(dice.randrange(1, 12)):
                sent[dice.randrange(len(sent))] = dice.randrange(256)
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            writer.write(bytes(sent))
            writer.write_eof()
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.read()
            writer.close()
        await at.works()


def test_a_kiosk_without_a_screen_carries_no_server_and_no_page() -> None:
    code = (
        "import sys; import firmware.agents.kiosk, firmware.node, firmware.config; "
        "found = [name for name in sys.modules if name == 'h11' or name.startswith('firmware.touch')]; "
        "sys.exit(str(found) if found else 0)"
    )
    ran = run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
