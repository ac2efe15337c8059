"""What `aplay` and `amixer` do on a simulated machine, as a program: the same arguments, complaints and exit codes.

At its other end is a sound card that is a socket. It runs by itself, on the standard library alone, to start quickly.

    python alsa.py SOCKET aplay -q -D plughw:CARD=Device < sound.wav
    python alsa.py SOCKET amixer -D hw:Device sget PCM
"""

import argparse
import socket
import sys
from collections.abc import Sequence

CHUNK = 4096
UNREACHABLE = "No such file or directory"


def main(arguments: Sequence[str]) -> int:
    """Be one of the two programs."""
    card, program, *rest = arguments
    return {"aplay": aplay, "amixer": amixer}[program](card, rest)


def aplay(card: str, arguments: Sequence[str]) -> int:
    """Play standard input to its end."""
    parser = argparse.ArgumentParser("aplay")
    parser.add_argument("-q", action="store_true")
    parser.add_argument("-D", dest="device", default="default")
    device = parser.parse_args(arguments).device
    try:
        line = _opened(card, f"aplay {device}")
    except OSError as error:
        return _complain(f"aplay: main:831: audio open error: {error.strerror or error}")
    with line:
        try:
            while data := sys.stdin.buffer.read(CHUNK):
                line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            return _complain("aplay: pcm_write:2061: write error: No such device")
        said = _line(line)
    return 0 if said == "ok" else _complain(f"aplay: pcm_write:2061: write error: {said or 'No such device'}")


def amixer(card: str, arguments: Sequence[str]) -> int:
    """Show a control of the mixer."""
    parser = argparse.ArgumentParser("amixer")
    parser.add_argument("-D", dest="device", default="default")
    parser.add_argument("verb", choices=["sget"])
    parser.add_argument("control")
    asked = parser.parse_args(arguments)
    try:
        with _opened(card, f"amixer {asked.device}") as line:
            percent, switch = _line(line).split()
    except (OSError, ValueError):
        return _complain(f"amixer: Mixer attach {asked.device} error: {UNREACHABLE}")
    sys.stdout.write(
        f"Simple mixer control '{asked.control}',0\n  Capabilities: pvolume pvolume-joined pswitch pswitch-joined\n"
        f"  Playback channels: Mono\n  Limits: Playback 0 - 100\n  Mono: Playback {percent} [{percent}%] [{switch}]\n"
    )
    return 0


def _opened(card: str, wanted: str) -> socket.socket:
    """The card, open. Raises `OSError` with what the card's driver says."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(card)
        line.sendall(f"{wanted}\n".encode())
        answer = _line(line)
    except OSError:
        answer = UNREACHABLE
    if answer != "open":
        line.close()
        raise OSError(0, answer or UNREACHABLE)
    return line


def _line(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\n") and (byte := line.recv(1)):
        said += byte
    return said.decode().strip()


def _complain(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
