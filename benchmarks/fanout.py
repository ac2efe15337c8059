"""`python -m benchmarks.fanout`: the least that a server of events can be; on each line of standard input it sends the bytes that
the line asks for to everybody who is connected. It says its port first, and how many are connected after each line."""

import asyncio
import sys


async def main() -> None:
    """Serve until standard input ends."""
    viewers: list[asyncio.StreamWriter] = []

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        viewers.append(writer)

    server = await asyncio.start_server(come, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        call, size = line.split()
        event = b'event: page\ndata: "c-' + call + b'"' + b"x" * int(size) + b"\n\n"
        for viewer in viewers:
            viewer.write(event)
        print(len(viewers), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
