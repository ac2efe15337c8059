"""Sounds as values: what a chime is, what a WAV file carries, and what is refused."""

import contextlib
import io
import math
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.sound import RATE, BadSound, Sound, chime, joined, read_wav, silence, wav


def recording(samples: list[int], *, rate: int = RATE, channels: int = 1, width: int = 2) -> bytes:
    """A WAV file as the standard library writes it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples) if width == 2 else bytes(samples))
    return file.getvalue()


def test_a_chime_is_heard_and_dies_away() -> None:
    sound = chime()
    assert sound.seconds == pytest.approx(1.2, abs=0.01)
    assert 0.3 < sound.peak < 0.6
    assert Sound(sound.pcm[-2000:]).peak < 0.02


def test_half_the_volume_is_half_the_samples() -> None:
    assert Sound(struct.pack("<4h", 1000, -1000, 32767, -32768)).at(50).pcm == struct.pack("<4h", 500, -500, 16383, -16384)
    assert joined((silence(0.5), silence(0.25))).seconds == pytest.approx(0.75, abs=0.001)


def test_what_is_written_is_a_wav_file_for_another_reader_with_its_title_inside() -> None:
    sound = Sound(struct.pack("<3h", 1, 2, 3))
    for text in ("", "号", "A012 到 3号窗口"):
        data = wav(sound, text)
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
            assert file.readframes(10) == sound.pcm
        assert text.encode() in data
        assert len(data) == 8 + int.from_bytes(data[4:8], "little")


def test_a_recording_of_another_rate_or_of_two_channels_becomes_ours() -> None:
    tone = [int(9000 * math.sin(2 * math.pi * 440 * n / 44100)) for n in range(44100)]
    assert read_wav(recording(tone, rate=44100)).seconds == pytest.approx(1.0, abs=0.001)
    assert read_wav(recording([100, 300, -100, -300], channels=2)).pcm == struct.pack("<2h", 200, -200)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all", recording([1, 2, 3], width=1), recording([0], rate=1000)])
def test_what_is_no_recording_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadSound, match=r"WAV|bits"):
        read_wav(data)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_bytes_are_a_sound_or_refused(noise: bytes, cut: int) -> None:
    for data in (noise, recording([1, 2, 3, 4])[:cut] + noise):
        with contextlib.suppress(BadSound):
            assert len(read_wav(data).pcm) % 2 == 0
