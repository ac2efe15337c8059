"""One suite for everything that speaks: espeak-ng in its languages, and a folder of recordings, whole or with gaps."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from string import ascii_uppercase
from typing import Literal

import pytest

from devices.errors import DeviceBroken, ProgramMissing
from devices.sound import Sound, chime, wav
from devices.speech import Espeak, Piece, Recorded, Voice
from firmware.agents.announcer_words import of_call
from firmware.config_sound import VoiceConfig
from tests.announcer.calls import call

WORDS = of_call(call("A012", 3), "zh")
ALL_CLIPS = [piece.clip for piece in WORDS]


def folder(path: Path, *clips: str) -> Path:
    """A folder of recordings that sound alike."""
    for clip in clips:
        (path / f"{clip}.wav").write_bytes(wav(chime()))
    return path


VOICES: dict[str, Callable[[Path], Voice]] = {
    "Mandarin": lambda _: Espeak("cmn-latn-pinyin", 150),
    "English": lambda _: Espeak("en-gb", 150),
    "Cantonese": lambda _: Espeak("yue", 150),
    "recordings": lambda path: Recorded(folder(path, *ALL_CLIPS), Espeak("cmn-latn-pinyin", 150)),
    "recordings with gaps": lambda path: Recorded(folder(path, "please", "0"), Espeak("cmn-latn-pinyin", 150)),
    "no recordings": lambda path: Recorded(path / "none", Espeak("cmn-latn-pinyin", 150)),
}


@pytest.fixture(params=VOICES)
def voice(request: pytest.FixtureRequest, tmp_path: Path) -> Voice:
    """Something that speaks."""
    made: Voice = VOICES[request.param](tmp_path)
    return made


async def test_a_call_is_spoken_loud_enough_to_be_heard_and_in_reasonable_time(voice: Voice) -> None:
    sound = await voice.speak(WORDS)
    assert 1.0 < sound.seconds < 15.0
    assert sound.peak > 0.1


async def test_the_same_words_sound_the_same_each_time(voice: Voice) -> None:
    assert await voice.speak(WORDS) == await voice.speak(WORDS)


async def test_other_words_sound_different(voice: Voice) -> None:
    assert await voice.speak(WORDS) != await voice.speak([*WORDS, Piece("9", "九")])


async def test_hostile_text_is_spoken_and_is_never_an_option(voice: Voice) -> None:
    for text in ("-h", "--version", "", "\x00\x1b[31m", "<speak>&amp;", "好" * 300):
        assert isinstance(await voice.speak([Piece("../../etc/passwd", text)]), Sound)


async def test_a_slower_voice_takes_longer() -> None:
    fast, slow = [await Espeak("cmn", speed).speak(WORDS) for speed in (200, 100)]
    assert slow.seconds > 1.3 * fast.seconds


async def test_recordings_are_played_as_they_are_and_gaps_are_named_counted_and_filled(tmp_path: Path) -> None:
    voice = Recorded(folder(tmp_path, "please", "A", "1", "2", "number", "to"), Espeak("cmn-latn-pinyin", 150))
    sound = await voice.speak(WORDS)
    assert sound.pcm.startswith(chime().pcm)
    assert voice.missing == {"0", "window-3"}
    assert (voice.take_missed(), voice.take_missed()) == (2, 0)
    folder(tmp_path, "0", "window-3")
    assert voice.missing == frozenset()
    await voice.speak(WORDS)
    assert voice.take_missed() == 0


async def test_a_recording_that_cannot_be_played_counts_as_missing_until_it_is_replaced(tmp_path: Path) -> None:
    voice = Recorded(folder(tmp_path, *ALL_CLIPS), Espeak("cmn-latn-pinyin", 150))
    (tmp_path / "A.wav").write_bytes(b"an mp3, in truth")
    await voice.speak(WORDS)
    assert voice.missing == {"A"}
    folder(tmp_path, "A")
    await voice.speak(WORDS)
    assert voice.missing == frozenset()


async def test_a_voice_that_espeak_does_not_have_is_named() -> None:
    with pytest.raises(DeviceBroken, match="is there a voice `xx-nope`"):
        await Espeak("xx-nope", 150).speak(WORDS)


async def test_a_machine_without_espeak_says_what_to_install() -> None:
    with pytest.raises(ProgramMissing, match="sudo apt-get install espeak-ng"):
        await Espeak("cmn", 150, program="espeak-ng-is-not-here").speak(WORDS)


def test_espeak_is_installed_here() -> None:
    assert shutil.which("espeak-ng"), "run `make setup-test`"


def sounds(language: Literal["zh", "en"]) -> str:
    """What the default voice says of every letter and digit, in espeak-ng's phonemes."""
    pieces = [piece for letter in ascii_uppercase for piece in of_call(call(f"{letter}0123456789"[:11], 12), language)]
    text = " ".join(piece.text for piece in pieces)
    command = ["espeak-ng", "-x", "-q", "--stdin", "-v", VoiceConfig(language=language).of_espeak]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_the_chinese_voice_reads_every_word_of_a_call_as_chinese() -> None:
    assert "(en)" not in sounds("zh")


def test_the_english_voice_reads_a_letter_and_not_an_article() -> None:
    said = sounds("en").split()
    assert "a#" not in said
    assert "'eI" in said
