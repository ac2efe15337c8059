"""One suite for the loudspeaker: on the simulated card, and on ALSA's own `null` and `file` devices with the real aplay."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.errors import DeviceError, DeviceMissing, DeviceRefused, DeviceTimeout, ProgramMissing
from devices.sound import RATE, chime, joined, silence
from devices.speaker import PATIENCE, Speaker, is_muted, mixer_of
from hardware_sim.sound_card import SoundCard
from tests.keys.running import NoWires


class CardWires(NoWires):
    """Wires of which only a simulated sound card is there."""

    def __init__(self, card: SoundCard) -> None:
        self._card = card

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        return self._card.command(program)


class AlsaWires(NoWires):
    """This machine's own alsa-utils."""

    def sound(self, program: str, wire: str) -> tuple[str, ...]:
        return (program,)


@pytest.fixture
def card() -> Iterator[SoundCard]:
    """A card that plays twenty times as fast."""
    card = SoundCard(speed=20)
    card.open()
    yield card
    card.close()


@pytest.fixture(params=["simulated", "null"])
def speaker(request: pytest.FixtureRequest, card: SoundCard) -> Speaker:
    """A loudspeaker that is well."""
    return Speaker(CardWires(card), "plughw:CARD=Device") if request.param == "simulated" else Speaker(AlsaWires(), "null")


async def test_sounds_are_played_one_after_the_other(speaker: Speaker) -> None:
    for sound in (chime(), silence(0.02), chime()):
        await speaker.play(sound, "叮咚 · ding dong")
    assert not await speaker.muted()


async def test_the_real_aplay_plays_every_sample_and_passes_over_the_title(tmp_path: Path) -> None:
    played = tmp_path / "played.raw"
    await Speaker(AlsaWires(), f"file:FILE={played},FORMAT=raw").play(chime(), "请 A012 号到 3号窗口")
    assert played.read_bytes().startswith(chime().pcm)


async def test_the_simulated_card_hears_the_same_samples_with_their_level_length_and_text(card: SoundCard) -> None:
    sound = joined((chime(), silence(0.3)))
    await Speaker(CardWires(card), "default").play(sound, "请 A012 号到 3号窗口")
    (heard,) = card.recordings
    assert (heard.pcm, heard.rate, heard.text, heard.whole) == (sound.pcm, RATE, "请 A012 号到 3号窗口", True)
    assert heard.seconds == pytest.approx(1.5, abs=0.01)
    assert 0.05 < heard.level < 0.3
    assert (heard.ended - heard.began) > 0.9 * heard.seconds / 20


@pytest.mark.parametrize("wire", ["hw:7", "plughw:CARD=Nope", "nothing-of-this-name"])
async def test_a_card_that_is_not_there_is_missing_to_the_real_aplay(wire: str) -> None:
    with pytest.raises(DeviceMissing, match=rf"{wire}: there is no such sound card; `aplay -L` shows"):
        await Speaker(AlsaWires(), wire).play(silence(0.02))


async def test_a_card_without_a_mixer_is_missing_to_the_real_amixer() -> None:
    with pytest.raises(DeviceMissing):
        await Speaker(AlsaWires(), "plughw:CARD=Nope", "PCM").muted()


async def test_a_simulated_card_that_is_pulled_out_is_missing_also_in_the_middle_of_a_sound(card: SoundCard) -> None:
    speaker = Speaker(CardWires(card), "default", "PCM")
    playing = asyncio.create_task(speaker.play(joined([chime()] * 20)))
    while not card.level:  # noqa: ASYNC110 - the card's thread tells nobody here
        await asyncio.sleep(0.005)
    card.turn(plugged=False)
    for wrong in (playing, speaker.play(chime()), speaker.muted()):
        with pytest.raises(DeviceMissing):
            await wrong
    card.turn(plugged=True)
    await speaker.play(chime())


async def test_a_card_that_another_program_holds_is_refused(card: SoundCard) -> None:
    card.turn(held=True)
    with pytest.raises(DeviceRefused, match="another program holds"):
        await Speaker(CardWires(card), "default").play(chime())
    card.turn(held=False)
    await Speaker(CardWires(card), "default").play(chime())


async def test_a_card_that_takes_no_sound_is_given_up_at_the_deadline_and_its_player_is_killed(card: SoundCard) -> None:
    card.turn(blocked=True)
    began = time.monotonic()
    with pytest.raises(DeviceTimeout, match="takes no more sound"):
        await Speaker(CardWires(card), "default").play(chime())
    assert time.monotonic() - began < chime().seconds + PATIENCE + 2
    async with asyncio.timeout(10):
        while card.text:  # noqa: ASYNC110 - the card's thread tells nobody here
            await asyncio.sleep(0.01)
    card.turn(blocked=False)
    await Speaker(CardWires(card), "default").play(chime())


async def test_a_muted_card_is_noticed_by_its_mixer(card: SoundCard) -> None:
    speaker = Speaker(CardWires(card), "plughw:CARD=Device", "PCM")
    assert not await speaker.muted()
    card.turn(muted=True)
    assert await speaker.muted()
    await speaker.play(chime())
    assert card.recordings[-1].level == 0
    card.turn(muted=False)
    assert not await speaker.muted()


async def test_two_players_at_once_are_one_too_many(card: SoundCard) -> None:
    speakers = [Speaker(CardWires(card), "default") for _ in range(2)]
    done = await asyncio.gather(*(speaker.play(joined([chime()] * 20)) for speaker in speakers), return_exceptions=True)
    assert [type(outcome) for outcome in done if outcome is not None] == [DeviceRefused]
    assert card.overlaps == 1


async def test_a_machine_without_alsa_utils_says_what_to_install() -> None:
    class Bare(NoWires):
        def sound(self, program: str, wire: str) -> tuple[str, ...]:
            return (f"{program}-is-not-here",)

    with pytest.raises(ProgramMissing, match="sudo apt-get install alsa-utils"):
        await Speaker(Bare(), "default").play(chime())


@pytest.mark.parametrize("noise", [b"", b"RIFF", b"\x00" * 5000, b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"])
async def test_what_is_no_sound_leaves_the_simulated_card_at_work(card: SoundCard, noise: bytes) -> None:
    program = await asyncio.create_subprocess_exec(*card.command("aplay"), "-q", stdin=asyncio.subprocess.PIPE)
    await program.communicate(noise)
    await Speaker(CardWires(card), "default").play(chime())
    assert len(card.recordings) == 1


SHOWN = {
    "Mono: Playback 80 [80%] [-12.00dB] [on]": False,
    "Mono: Playback 80 [80%] [-12.00dB] [off]": True,
    "Front Left: Playback 0 [0%] [-99999.99dB] [on]\n  Front Right: Playback 0 [0%] [-99999.99dB] [on]": True,
    "Front Left: Playback 87 [100%] [on]\n  Front Right: Playback 87 [100%] [off]": False,
    "Front Left: Playback 31 [100%] [12.00dB] [on] Capture 0 [0%] [-17.25dB] [off]": False,
    "Mono: Capture 0 [0%] [off]": False,
    "Mono: Playback 151 [100%]": False,
    "Mono: Playback 0 [0%]": True,
    "Mono: Playback [off]": True,
    "Front Left: Playback [on]": False,
}


@pytest.mark.parametrize("shown", SHOWN)
def test_a_card_is_muted_when_every_playback_channel_is_off_or_at_nothing(shown: str) -> None:
    assert is_muted(f"Simple mixer control 'PCM',0\n  Limits: Playback 0 - 151\n  {shown}\n") == SHOWN[shown]


def test_the_mixer_is_that_of_the_card() -> None:
    assert [mixer_of(wire) for wire in ("plughw:CARD=Device,DEV=0", "hw:1", "default")] == ["hw:Device", "hw:1", "default"]


def test_alsa_utils_are_installed_here() -> None:
    assert shutil.which("aplay"), "run `make setup-test`"
    assert issubclass(ProgramMissing, DeviceError)
