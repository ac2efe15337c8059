"""What is fuzzed: each parser of a wire gets any bytes, in any pieces, and is held to what a frame plainly is.

A target takes bytes; the first says in which pieces the others come. It raises `AssertionError` when a frame was found that is
none, when one was missed, or when the frame behind all that is not understood.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from devices.errors import DeviceError
from devices.framing import Frames
from devices.printer_status import Automatic, StatusReader
from devices.printer_talk import PrinterTalk
from devices.printer_transport import PrinterTransport
from devices.scan_lines import GAP, LONGEST, Keys, Lines, Scan
from hardware_sim import ff68, four_key, jtt905
from hardware_sim.escpos_printer import RECEIVE_BUFFER, Printer
from hardware_sim.escpos_text import Encoding
from hardware_sim.scanner import KEYS
from hardware_sim.sign import Sign
from hardware_sim.sign_frames import LONGEST as LONGEST_SIGN
from hardware_sim.sign_frames import READERS, Frame, Reader, Stream
from tests.board.golden import FRAMES
from tests.board.test_sign_frames import right
from tests.keys.test_frames import BEEP, DIALECTS, RATING_SATISFIED, TICKET_037, Dialect, plainly
from tests.kiosk.test_printer_fuzz import Script
from tests.sim.paper import CUT, hanzi, qr, send
from tests.sim.test_escpos_fuzz import CLEAR

LAMP = bytes.fromhex("01 21 33 07")
AUTOMATIC = bytes.fromhex("10 00 00 0F")
UNCHECKED = {"queue", "udp-card"}
"""Dialects of boards without a checksum."""
ENCODINGS: tuple[Encoding, ...] = ("gbk", "gb18030", "utf-8")


@dataclass(frozen=True)
class Target:
    """A parser, and bytes to begin with."""

    fuzz: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def cut(data: bytes) -> tuple[bytes, list[bytes]]:
    """The stream in `data`, whole and in pieces."""
    size, stream = 1 + (data[0] if data else 0) % 40, data[1:]
    return stream, [stream[at : at + size] for at in range(0, len(stream), size)]


def until_understood(frame: bytes, longest: int) -> bytes:
    """`frame` as often as it takes for one of them to begin behind whatever may still be waited for."""
    return frame * (longest // len(frame) + 2)


def stand_in_order(frames: Iterable[bytes], stream: bytes) -> bool:
    """Whether all these frames stand in `stream`, one behind the other."""
    at = 0
    for frame in frames:
        if (found := stream.find(frame, at)) < 0:
            return False
        at = found + len(frame)
    return True


def driver(dialect: Dialect, golden: bytes) -> Callable[[bytes], None]:
    """What a driver hears of callers and raters."""

    def fuzz(data: bytes) -> None:
        stream, pieces = cut(data)
        parser, found = Frames[Any](dialect.look), list[bytes]()
        for piece in pieces:
            found += [frame.encode() for frame in parser.feed(piece)]
        found += [frame.encode() for frame in parser.give_up()]
        assert found == plainly(dialect, stream), "finds what is there and nothing else"
        assert [frame.encode() for frame in parser.feed(golden)] == [golden], "understands the frame behind a silence"
        parser.feed(stream)
        after = parser.feed(until_understood(golden, dialect.longest))
        assert after[-1].encode() == golden, "understands the next frame without a silence"

    return fuzz


def ear(listen: Callable[[], Callable[[bytes], Iterator[bytes]]], golden: bytes, longest: int) -> Callable[[bytes], None]:
    """What a simulated caller or rater hears of its host; `listen` gives what turns bytes into whole frames."""

    def fuzz(data: bytes) -> None:
        stream, pieces = cut(data)
        hear = listen()
        heard = [frame for piece in pieces for frame in hear(piece)]
        assert stand_in_order(heard, stream), "hears what was said and nothing else"
        assert [*hear(until_understood(golden, longest))][-1] == golden, "understands the next frame"

    return fuzz


def hears_ff68() -> Callable[[bytes], Iterator[bytes]]:
    """The ear of an `FF 68` device."""
    place = ff68.Ear()
    return lambda data: (ff68.pack(*frame) for frame in place.hear(data))


def hears_jtt905() -> Callable[[bytes], Iterator[bytes]]:
    """The ear of a rater of JT/T 905."""
    place = jtt905.Ear()
    return lambda data: (jtt905.pack(*frame) for frame in place.hear(data))


def lamp(data: bytes) -> None:
    """The lamp of a simulated four-key caller."""
    stream, pieces = cut(data)
    caller = four_key.Caller(LAMP[1])
    for piece in pieces:
        caller.hear(piece, 0.0)
    said = [code for code in range(0x30, 0x35) if bytes((0x01, LAMP[1], code, 0x07)) in stream]
    assert caller.lamp == "off" or said, "shines as it was told"
    caller.hear(LAMP, 0.0)
    assert caller.lamp == "blink-red", "understands the next frame"


def sign(dialect: str, reader: Reader) -> Callable[[bytes], None]:
    """What a simulated text board takes."""
    golden = FRAMES[dialect]
    frame, datagram = golden.frame, dialect == "udp-card"

    def fuzz(data: bytes) -> None:
        stream, pieces = cut(data)
        taken = list[bytes]()

        def read(rest: bytes) -> Frame | None:
            found = reader(rest)
            if found is not None:
                assert 1 <= found.size <= len(rest), "takes what has come and no more"
                if found.message is not None:
                    taken.append(rest[: found.size])
            return found

        board = Stream(read)
        for piece in [stream] if datagram else pieces:
            board.feed(piece, 0.0)
        board.feed(frame, 1.0)
        assert taken[-1] == frame, "understands the frame behind a silence"
        board.feed(stream, 2.0)
        for _ in range(1 if datagram else LONGEST_SIGN // len(frame) + 2):
            board.feed(frame, 2.0)
        assert taken[-1] == frame, "understands the next frame without a silence"
        assert dialect in UNCHECKED or all(right(dialect, one) for one in taken), "takes no wrong checksum"
        shows(pieces)

    def shows(pieces: list[bytes]) -> None:
        whole = Sign(dialect, golden.address, columns=golden.columns, rows=2)
        for piece in [*pieces, frame]:
            whole.hear(piece, 5.0)
        assert all(len(text) <= LONGEST_SIGN for text in whole.texts())
        whole.seen()

    return fuzz


def status(data: bytes) -> None:
    """What the driver of a printer hears."""
    _, pieces = cut(data)
    reader = StatusReader()
    for piece in pieces:
        list(reader.feed(piece))
    assert isinstance([*reader.feed(AUTOMATIC)][-1], Automatic), "understands a status behind any noise"
    talk = PrinterTalk(cast(PrinterTransport, Script([piece[:8] for piece in pieces])))
    for turn in (talk.ask, lambda: talk.prove(float("inf")), talk.ask):
        try:
            turn()
        except DeviceError:
            return


def paper(data: bytes) -> None:
    """What a simulated printer prints."""
    stream, pieces = cut(data)
    printer = Printer(encoding=ENCODINGS[len(stream) % 3])
    send(printer, stream, len(pieces[0]) if pieces else 1)
    assert printer.room <= RECEIVE_BUFFER
    printer.load_paper()
    send(printer, CLEAR + b"\x1b=\x01\x1b@A012\n" + CUT)
    assert "A012" in printer.pages()[-1].text, "prints the next ticket"


def scans(data: bytes) -> None:
    """What the driver of a scanner on a serial line reads."""
    stream, pieces = cut(data)
    lines, now = Lines(), 0.0
    codes = [found.text for piece in pieces for found in lines.feed(piece, now) if isinstance(found, Scan)]
    assert stand_in_order([code.encode() for code in codes], stream), "reads what was sent"
    assert all(code and code.isprintable() and len(code) <= LONGEST for code in codes)
    assert lines.feed(b"A012\r", now + GAP + 0.01)[-1] == Scan("A012", now + GAP + 0.01), "reads the code behind a silence"


def typed(data: bytes) -> None:
    """What the driver of a scanner that types reads."""
    keys, names = Keys(), (*KEYS, "KEY_CAPSLOCK", "KEY_RIGHTSHIFT", "KEY_F1", "KEY_KP0", "BTN_LEFT", "KEY_KPENTER")
    for byte in data:
        assert len(keys.move(names[(byte >> 1) % len(names)], down=bool(byte & 1))) <= 1


def _bent(frame: bytes) -> bytes:
    """A frame with a wrong bit near its end, and a good one behind it."""
    return bytes((*frame[:-2], frame[-2] ^ 4, frame[-1])) + frame


def _seeds(*frames: bytes) -> tuple[bytes, ...]:
    return tuple(b"\x27" + seed for frame in frames for seed in (frame, frame[: len(frame) // 2] + frame, _bent(frame)))


TARGETS: dict[str, Target] = {
    "driver-ff68": Target(driver(DIALECTS["ff68"], BEEP), _seeds(TICKET_037, BEEP)),
    "driver-jtt905": Target(driver(DIALECTS["jtt905"], RATING_SATISFIED), _seeds(RATING_SATISFIED)),
    "driver-four-key": Target(driver(DIALECTS["four-key"], LAMP), _seeds(LAMP)),
    "driver-printer": Target(status, _seeds(AUTOMATIC, b"\x12\x12\x12\x12", b"\x16\x00")),
    "driver-scanner": Target(scans, _seeds(b"A012\r", b"http://hall/t/0123\r\n", "号票\r".encode())),
    "driver-scanner-keys": Target(typed, _seeds(bytes(range(64)))),
    "sim-ff68": Target(ear(hears_ff68, BEEP, 71), _seeds(TICKET_037, BEEP)),
    "sim-jtt905": Target(ear(hears_jtt905, RATING_SATISFIED, jtt905.LONGEST), _seeds(RATING_SATISFIED)),
    "sim-four-key": Target(lamp, _seeds(LAMP)),
    "sim-printer": Target(paper, _seeds(b"\x1b@" + hanzi("请") + b"A012\n" + CUT, qr(b"x"), b"\x1dv0\x00\x01\x00\x02\x00ab")),
} | {
    f"sim-{dialect}": Target(
        sign(dialect, reader), _seeds(*(golden.frame for golden in FRAMES.values() if golden.dialect == dialect))
    )
    for dialect, reader in READERS.items()
}
