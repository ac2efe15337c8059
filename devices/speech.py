"""Speech: texts become sounds, by espeak-ng or from recorded clips; both are a `Voice`."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from devices.errors import DeviceBroken
from devices.programs import run
from devices.sound import RATE, BadSound, Sound, joined, read_wav, silence

WITHIN = 15.0
"""Seconds that espeak-ng may take for one text; it needs some hundredths."""
PAUSE = 0.03
"""Seconds between two clips."""
LONGEST_CLIP = 4_000_000
"""Bytes; some ninety seconds."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class Piece(msgspec.Struct, frozen=True):
    """A part of what is said: its text, and what a recording of it is called."""

    clip: str
    text: str


class Voice(Protocol):
    """Something that speaks."""

    async def speak(self, pieces: Sequence[Piece]) -> Sound:
        """What it sounds like. Raises `ProgramMissing`, `DeviceBroken`, `DeviceTimeout`."""
        ...

    @property
    def missing(self) -> frozenset[str]:
        """Recordings that were asked for and are not there, or not what can be played; not one that has been put there since."""
        ...

    def take_missed(self) -> int:
        """How often since this was last asked a recording was missing and the text was spoken by espeak-ng instead."""
        ...


class Espeak:
    """espeak-ng with one of its voices (`espeak-ng --voices`) at so many words a minute."""

    missing: frozenset[str] = frozenset()

    def __init__(self, voice: str, speed: int, *, program: str = "espeak-ng") -> None:
        self._command = (program, "--stdout", "--stdin", "-v", voice, "-s", str(speed))
        self._voice = voice

    async def speak(self, pieces: Sequence[Piece]) -> Sound:
        """All pieces as one sentence."""
        text = " ".join(piece.text for piece in pieces)
        ended = await run(self._command, text.encode(), within=WITHIN, package="espeak-ng")
        start = ended.out.find(b"data") + 8
        if not (ended.code or ended.complaint or ended.out):
            return Sound()  # nothing in it can be spoken
        # An unknown voice is only complained of: espeak-ng then speaks with another one.
        if ended.code or start < 8 or "does not exist" in ended.complaint:
            raise DeviceBroken(f"espeak-ng: {ended.complaint or 'says nothing'}; is there a voice `{self._voice}`?")
        if int.from_bytes(ended.out[24:28], "little") != RATE:
            raise DeviceBroken(f"espeak-ng: the voice `{self._voice}` does not speak at {RATE} Hz; choose another one")
        pcm = ended.out[start:]
        return Sound(pcm[: len(pcm) // 2 * 2])

    def take_missed(self) -> int:
        """Never: there are no recordings."""
        return 0


class Recorded:
    """Recorded clips in a folder, `NAME.wav` each; a piece without one is spoken by `instead`."""

    def __init__(self, folder: Path, instead: Voice) -> None:
        self._folder, self._instead = folder, instead
        self._wanting: dict[str, str] = {}
        self._known: dict[str, tuple[int, Sound]] = {}
        self._missed = 0

    @property
    def missing(self) -> frozenset[str]:
        """Names of recordings that are still not there."""
        self._wanting = {name: why for name, why in self._wanting.items() if why or not self._file(name).is_file()}
        return frozenset(self._wanting)

    def take_missed(self) -> int:
        """How often since this was last asked a recording was missing."""
        missed, self._missed = self._missed, 0
        return missed

    async def speak(self, pieces: Sequence[Piece]) -> Sound:
        """Each piece from its recording."""
        sounds: list[Sound] = []
        for piece in pieces:
            # In a thread: a card that reads slowly, or a long recording at another rate, must hold up nobody else on the node.
            clip = await asyncio.to_thread(self._clip, piece.clip)
            sounds += [clip or await self._instead.speak([piece]), silence(PAUSE)]
        return joined(sounds)

    def _clip(self, name: str) -> Sound | None:
        try:
            if not _NAME.fullmatch(name):
                raise FileNotFoundError(name)
            sound = self._read(name)
        except (OSError, BadSound) as error:
            self._missed += 1
            self._wanting[name] = "" if isinstance(error, FileNotFoundError) else str(error)
            return None
        self._wanting.pop(name, None)
        return sound

    def _read(self, name: str) -> Sound:
        """A recording, read again when its file has changed."""
        changed = self._file(name).stat().st_mtime_ns
        known = self._known.get(name)
        if known is None or known[0] != changed:
            with self._file(name).open("rb") as file:
                known = self._known[name] = (changed, read_wav(file.read(LONGEST_CLIP)))
        return known[1]

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.wav"
