"""Sounds: 16-bit mono samples as a value, with what an announcer needs of them: a chime, volume, reading and writing WAV."""

import io
import math
import struct
import sys
import wave
from array import array
from collections.abc import Iterable
from functools import cache

import msgspec

RATE = 22050
"""Samples a second of every sound here; espeak-ng's own rate."""
LOUDEST = 32767
CHIME = ((659.3, 0.45), (523.3, 0.75))
"""Ding, dong: hertz and seconds of each stroke."""


class BadSound(ValueError):
    """A file that is no sound which can be spoken; the text says what is wrong with it."""


class Sound(msgspec.Struct, frozen=True):
    """Signed 16-bit little-endian samples of one channel, `RATE` a second."""

    pcm: bytes = b""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / 2 / RATE

    @property
    def peak(self) -> float:
        """The loudest sample, from 0 to 1."""
        samples = _samples(self.pcm)
        return max(max(samples), -min(samples)) / LOUDEST if samples else 0.0

    def at(self, percent: int) -> "Sound":
        """The same, at so many per cent of its volume."""
        if percent == 100:
            return self
        gain = percent / 100
        return _sound(array("h", (max(-LOUDEST, min(LOUDEST, int(sample * gain))) for sample in _samples(self.pcm))))


def silence(seconds: float) -> Sound:
    """Nothing, for so long."""
    return Sound(bytes(2 * int(seconds * RATE)))


def joined(sounds: Iterable[Sound]) -> Sound:
    """One after the other."""
    return Sound(b"".join(sound.pcm for sound in sounds))


@cache
def chime() -> Sound:
    """What makes people look up before somebody speaks."""
    return joined(_stroke(hertz, seconds) for hertz, seconds in CHIME)


def _stroke(hertz: float, seconds: float) -> Sound:
    """A struck bar: it begins at once and dies away."""
    samples = (
        0.5 * LOUDEST * math.exp(-4 * t / seconds) * min(1.0, t / 0.004) * math.sin(2 * math.pi * hertz * t)
        for t in (n / RATE for n in range(int(seconds * RATE)))
    )
    return _sound(array("h", (int(sample) for sample in samples)))


def read_wav(data: bytes) -> Sound:
    """A WAV file of 16 bits, one or two channels, any rate. Raises `BadSound`."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            pcm = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, RuntimeError, struct.error) as error:
        raise BadSound(f"no WAV file: {error}") from error
    if width != 2 or channels not in (1, 2) or not 4000 <= rate <= 192000:
        raise BadSound(f"{8 * width} bits, {channels} channels, {rate} Hz; save it as 16 bits, 22050 Hz, one channel")
    samples = _samples(pcm[: len(pcm) - len(pcm) % (2 * channels)])
    if channels == 2:
        samples = array("h", ((left + right) // 2 for left, right in zip(samples[::2], samples[1::2], strict=True)))
    return _sound(_at_our_rate(samples, rate))


def _at_our_rate(samples: "array[int]", rate: int) -> "array[int]":
    if rate == RATE or not samples:
        return samples
    step, last = rate / RATE, len(samples) - 1
    places = (n * step for n in range(int(len(samples) / step)))
    return array("h", (_between(samples, place, last) for place in places))


def _between(samples: "array[int]", place: float, last: int) -> int:
    index = min(int(place), last)
    share = place - index
    return int(samples[index] * (1 - share) + samples[min(index + 1, last)] * share)


def wav(sound: Sound, text: str = "") -> bytes:
    """A WAV file, with what it says as its title, so that whoever records it can tell; players pass over it."""
    title = text.encode()[:400]
    title += b"\0" * (1 + (len(title) + 1) % 2)
    info = b"INFO" + b"INAM" + struct.pack("<I", len(title)) + title
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    parts = ((b"fmt ", form), (b"LIST", info), (b"data", sound.pcm))
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(part)) + part for name, part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _samples(pcm: bytes) -> "array[int]":
    samples = array("h")
    samples.frombytes(pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _sound(samples: "array[int]") -> Sound:
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(samples.tobytes())
