"""The announcer's table in node.toml: which sound card speaks, in which voices, how loud and how often."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from contract.settings import Seconds, Settings, TimeOfDay
from contract.values import Id

Speed = Annotated[int, Meta(ge=80, le=300, description="Words a minute; 150 is unhurried, 110 slow")]


class Volume(Settings, frozen=True, kw_only=True):
    """From `since` (local time) on the announcer speaks at `percent` of its volume."""

    since: TimeOfDay
    percent: Annotated[int, Meta(ge=5, le=100)]


class VoiceConfig(Settings, frozen=True, kw_only=True):
    """One voice: the text in one language, spoken by espeak-ng or from recorded clips."""

    language: Literal["zh", "en"]
    """Which of a text's two languages it speaks; a dialect reads the Chinese one."""
    voice: Annotated[str, Meta(pattern="^[A-Za-z0-9+-]*$", max_length=40)] = ""
    """A voice of `espeak-ng --voices`, such as `yue` or `en-gb`; Mandarin and British English by themselves."""
    clips: Path | None = None
    """A folder of recordings, such as `A.wav`, `0.wav`, `window-1.wav`; what has none is spoken by espeak-ng."""
    speed: Speed | None = None
    """This voice's own speed; else the announcer's."""

    @property
    def of_espeak(self) -> str:
        """The voice of espeak-ng that speaks, or stands in for a missing recording."""
        # Not `cmn`: in espeak-ng 1.51 it reads the pinyin of most characters aloud as if it were English.
        return self.voice or {"zh": "cmn-latn-pinyin", "en": "en-gb"}[self.language]


class AnnouncerConfig(Settings, frozen=True, kw_only=True, tag_field="kind", tag="announcer"):
    """A loudspeaker that speaks calls and urgent notices."""

    id: Id
    wire: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_:=,.-]*$", max_length=80)] = "default"
    """An ALSA device of `aplay -L`, such as `plughw:CARD=Device`."""
    mixer: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9 _-]*$", max_length=40)] | None = None
    """The card's control that can mute it, such as `PCM`; with it a muted card is noticed."""
    zones: tuple[Id, ...] = ()
    """Speaks the calls of these zones; of all when there are none."""
    windows: tuple[Id, ...] = ()
    """Windows whose keypads hang on this node: what they call by themselves while the controller is away is spoken too."""
    board: Id | None = None
    """Speaks the urgent notices of this board of hall.toml."""
    voices: Annotated[tuple[VoiceConfig, ...], Meta(min_length=1, max_length=4)] = (
        VoiceConfig(language="zh"), VoiceConfig(language="en"),
    )  # fmt: skip
    """Who speaks each announcement, one after the other."""
    repeat: Annotated[int, Meta(ge=1, le=5)] = 2
    """How often a call is spoken; its repetitions let newer calls go first."""
    chime: bool = True
    speed: Speed = 150
    volume: Annotated[tuple[Volume, ...], Meta(min_length=1)] = (Volume(since="00:00", percent=100),)
    notices_every: Seconds = 60.0
    """An urgent notice is spoken again after so long, while it stands."""
    pause: Seconds = 0.6
    """Stillness between two announcements."""
