"""The announcer: speaks calls and urgent notices one after the other, in each of its voices, and answers every call."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from contract.announcing import Of, Spoken
from contract.calling import BoardPicture, Call, CallAnswer
from contract.commands import Command, Identify, SelfTest
from contract.topics import BOARD_PICTURE, CALL, CALL_ANSWER, COMMAND, SPOKEN
from contract.values import Text
from devices.errors import DeviceError
from devices.sound import Sound, chime, joined, silence
from devices.speaker import Speaker
from devices.speech import Espeak, Piece, Recorded, Voice
from devices.wires import Wires
from firmware.agents import announcer_states as states
from firmware.agents import announcer_words as words
from firmware.agents.announcer_rules import Announcement, AnnouncerRules, Answer
from firmware.agents.answering import DONE, FOREIGN, answer
from firmware.agents.mailbox import Mailbox
from firmware.config_sound import AnnouncerConfig, VoiceConfig, Volume
from firmware.intercom import Standing
from firmware.station import Agent, Station
from firmware.worker import Worker

log = logging.getLogger(__name__)

Pieces = dict[str, tuple[Piece, ...]]
"""What is said, by language."""

PROBE, PROBE_WELL = 5.0, 30.0
"""Seconds between two looks at a loudspeaker in trouble, and at one that is well, while nothing is said."""
MIXING = 10.0
"""Seconds that making an announcement louder or quieter may take."""
BETWEEN_VOICES = 0.4
LONGEST_CAPTION = timedelta(seconds=60)


def build(config: AnnouncerConfig, wires: Wires, station: Station) -> Agent:
    """The agent of one announcer."""
    return AnnouncerAgent(config, wires, station)


class AnnouncerAgent:
    """Drives one loudspeaker until it is cancelled. One task hears, one speaks, so that hearing never waits."""

    def __init__(self, config: AnnouncerConfig, wires: Wires, station: Station) -> None:
        """Nothing is opened before `run`."""
        self._config, self._station = config, station
        self._speaker = Speaker(wires, config.wire, config.mixer)
        self._voices = [(voice.language, _voice(voice, config.speed)) for voice in config.voices]
        self._rules = AnnouncerRules(zones=config.zones, repeat=config.repeat, notices_every=config.notices_every)
        self._mailbox = Mailbox[Call | BoardPicture | Command]()
        self._orders: list[Command] = []
        self._something = asyncio.Event()
        self._trouble: DeviceError | None = None
        self._muted = False
        self._looked = station.clock.monotonic()

    async def run(self) -> None:
        """Drive the loudspeaker."""
        async with Worker(f"announcer-{self._config.id}") as mixing, asyncio.TaskGroup() as tasks:
            for source in self._sources():
                tasks.create_task(self._mailbox.feed(source))
            tasks.create_task(self._speak(mixing))
            while True:
                self._station.alive()
                await self._take(await self._mailbox.next(now=self._station.clock.monotonic()))

    def _sources(self) -> list[AsyncIterator[Any]]:
        hear, board = self._station.hear, self._config.board
        alone = [self._called_alone(window) for window in self._config.windows]
        return [hear(CALL), hear(COMMAND), *alone, *([] if board is None else [hear(BOARD_PICTURE, board=board)])]

    async def _called_alone(self, window: str) -> AsyncIterator[Call]:
        """What a window of this node calls by itself while the controller is away."""
        async for standing in self._station.hear_neighbours(Standing, window):
            if standing.new and standing.call is not None:
                yield standing.call

    async def _take(self, happening: Call | BoardPicture | Command | None) -> None:
        now = self._station.clock.now()
        match happening:
            case Call():
                await self._answer(self._rules.hear(happening, now), now)
            case BoardPicture():
                self._rules.see(happening, now)
            case Command():
                self._orders.append(happening)
            case None:
                return
        self._something.set()

    async def _speak(self, mixing: Worker) -> None:
        await self._probe()
        while True:
            self._something.clear()
            await self._obey(mixing)
            now = self._station.clock.now()
            next_one, late = self._rules.next(now)
            await self._answer(late, now)
            if next_one is None:
                await self._wait()
            else:
                await self._announce(next_one, mixing)

    async def _wait(self) -> None:
        """Until something comes, a notice is due, or the loudspeaker is to be looked at."""
        clock, notice = self._station.clock, self._rules.due()
        probe = self._looked + (PROBE if self._trouble or self._muted else PROBE_WELL) - clock.monotonic()
        left = probe if notice is None else min(probe, (notice - clock.now()).total_seconds())
        try:
            async with asyncio.timeout(max(0.0, left)):
                await self._something.wait()
        except TimeoutError:
            if left >= probe:
                await self._probe()

    async def _probe(self) -> None:
        """Look whether the loudspeaker plays (an instant of silence) and whether anybody could hear it."""
        try:
            if self._trouble is not None or self._config.mixer is None:
                await self._speaker.play(silence(0.02))
            self._muted = await self._speaker.muted()
        except DeviceError as error:
            self._fails(error)
        else:
            self._trouble = None
        self._looked = self._station.clock.monotonic()
        self._say_how_it_is()

    async def _announce(self, announcement: Announcement, mixing: Worker) -> None:
        pieces: Pieces = {language: _pieces(announcement, language) for language, _ in self._voices}
        began = await self._play(pieces, announcement.text, mixing, "call" if announcement.call else "notice")
        now = self._station.clock.now()
        await self._answer(self._rules.spoken(announcement, now, well=began is not None), began or now)
        await asyncio.sleep(self._config.pause)

    async def _play(self, pieces: Pieces, text: Text, mixing: Worker, of: Of) -> datetime | None:
        """Speak in each voice; when it began, or None when the loudspeaker did not play it to its end."""
        began: datetime | None = None
        try:
            sound = await self._sound(pieces, mixing)
            self._muted = await self._speaker.muted()
            began = self._station.clock.now()
            await self._caption(text, of, began, sound.seconds)
            await self._speaker.play(sound, f"{text.zh} · {text.en}")
        except DeviceError as error:
            self._fails(error)
            began = None
        else:
            self._trouble = None
        for _, voice in self._voices:
            if missed := voice.take_missed():
                self._station.count("missing-clip", missed)
        self._say_how_it_is()
        return began

    async def _sound(self, pieces: Pieces, mixing: Worker) -> Sound:
        parts = [await mixing.run(chime, deadline=MIXING)] if self._config.chime else []
        for language, voice in self._voices:
            parts += [silence(BETWEEN_VOICES)] if parts else []
            parts.append(await voice.speak(pieces[language]))
        percent = volume_at(self._config.volume, self._station.clock.now().astimezone(self._station.timezone).strftime("%H:%M"))
        return await mixing.run(joined(parts).at, percent, deadline=MIXING)

    async def _caption(self, text: Text, of: Of, began: datetime, seconds: float) -> None:
        until = began + min(timedelta(seconds=seconds), LONGEST_CAPTION)
        said = Spoken(device=self._station.device, at=began, until=until, text=text, of=of)
        await self._station.say(SPOKEN, said)

    async def _obey(self, mixing: Worker) -> None:
        while self._orders:
            command = self._orders.pop(0)
            if not isinstance(command.do, SelfTest | Identify):
                await answer(self._station, command, "refused", FOREIGN)
                continue
            pieces: Pieces = {language: words.of_text(words.TEST, language) for language, _ in self._voices}
            if await self._play(pieces, words.TEST, mixing, "test") is None:
                assert self._trouble is not None  # noqa: S101
                await answer(self._station, command, "failed", states.of_trouble(self._trouble).what)
            else:
                await answer(self._station, command, "done", states.MUTED.what if self._muted else DONE)

    async def _answer(self, answers: list[Answer], at: datetime) -> None:
        station = self._station
        for each in answers:
            said = CallAnswer(call=each.call, node=station.node, device=station.device, at=at, outcome=each.outcome)
            await station.say(CALL_ANSWER, said)

    def _fails(self, error: DeviceError) -> None:
        if type(error) is not type(self._trouble):
            log.warning("%s: %s", self._config.id, error)
        self._trouble = error

    def _say_how_it_is(self) -> None:
        missing = frozenset[str]().union(*(voice.missing for _, voice in self._voices))
        if self._trouble is not None:
            said = states.of_trouble(self._trouble)
        elif self._muted:
            said = states.MUTED
        else:
            said = states.of_missing(missing) if missing else states.READY
        self._station.state(said.condition, said.code, said.what, said.touch)


def _voice(config: VoiceConfig, speed: int) -> Voice:
    espeak = Espeak(config.of_espeak, config.speed or speed)
    return espeak if config.clips is None else Recorded(config.clips, espeak)


def _pieces(announcement: Announcement, language: str) -> tuple[Piece, ...]:
    if announcement.call is not None:
        return words.of_call(announcement.call, language)
    return words.of_text(announcement.text, language)


def volume_at(schedule: tuple[Volume, ...], clock: str) -> int:
    """The per cent that hold at a local time such as `09:30`; before the day's first entry the last one's."""
    ordered = sorted(schedule, key=lambda entry: entry.since)
    begun = [entry for entry in ordered if entry.since <= clock]
    return (begun or ordered)[-1].percent
