"""The loudspeaker: sounds go to an ALSA device through `aplay`, one at a time, against a deadline.

`aplay` is what Raspberry Pi OS plays with; as a process of its own it can be given up when a sound card takes no more data,
which a thread in a blocked write cannot. It ends when the last sample has been played.
"""

import re

from devices.errors import DeviceBroken, DeviceMissing, DeviceRefused, DeviceTimeout
from devices.programs import run
from devices.sound import Sound, wav
from devices.wires import Wires

PATIENCE = 3.0
"""Seconds beyond a sound's own length after which the sound card is taken to be stuck."""
PACKAGE = "alsa-utils"

_GONE = re.compile(r"No such (file|device)|Unknown PCM|card index|Invalid card|Input/output error|Mixer attach", re.IGNORECASE)
_HELD = re.compile(r"Device or resource busy", re.IGNORECASE)
_CHANNEL = re.compile(r"Playback (?:\d+ )?(?:\[(?P<percent>\d+)%\] )?(?:\[-?[\d.]+dB\] )?\[(?P<switch>on|off|\d+%)\]")


class Speaker:
    """One ALSA device such as `default` or `plughw:CARD=Device`, and the mixer control that can mute it, if it has one."""

    def __init__(self, wires: Wires, wire: str, mixer: str | None = None) -> None:
        self._wires, self._wire, self._mixer = wires, wire, mixer

    async def play(self, sound: Sound, text: str = "") -> None:
        """Play it to its end; `text` says what it is to whoever records it.

        Raises `DeviceMissing`, `DeviceRefused` when another program holds it, `DeviceTimeout` when it takes no more sound,
        `DeviceBroken`, and `ProgramMissing`.
        """
        command = (*self._wires.sound("aplay", self._wire), "-q", "-D", self._wire)
        try:
            ended = await run(command, wav(sound, text), within=sound.seconds + PATIENCE, package=PACKAGE)
        except DeviceTimeout as error:
            raise DeviceTimeout(f"{self._wire}: the sound card takes no more sound") from error
        if ended.code:
            raise _wrong(self._wire, ended.complaint)

    async def muted(self) -> bool:
        """Whether its mixer control is off or turned down to nothing. Raises as `play` does."""
        if self._mixer is None:
            return False
        command = (*self._wires.sound("amixer", self._wire), "-D", mixer_of(self._wire), "sget", self._mixer)
        ended = await run(command, b"", within=PATIENCE, package=PACKAGE)
        if ended.code:
            raise _wrong(self._wire, ended.complaint)
        return is_muted(ended.out.decode(errors="replace"))


def is_muted(shown: str) -> bool:
    """Whether all playback channels that `amixer sget` shows are off or turned down to nothing; a microphone's do not matter."""
    channels = list(_CHANNEL.finditer(shown))
    return bool(channels) and all(found["switch"] in ("off", "0%") or found["percent"] == "0" for found in channels)


def mixer_of(wire: str) -> str:
    """The mixer of a PCM device: that of its card, by the card's name."""
    card = re.fullmatch(r"(?:plug)?hw:(?:CARD=)?([^,]+).*", wire)
    return f"hw:{card[1]}" if card else wire


def _wrong(wire: str, complaint: str) -> DeviceMissing | DeviceRefused | DeviceBroken:
    last = complaint.splitlines()[-1] if complaint else "it does not say why"
    if _HELD.search(complaint):
        return DeviceRefused(f"{wire}: another program holds the sound card; see `fuser -v /dev/snd/*`")
    if _GONE.search(complaint):
        return DeviceMissing(f"{wire}: there is no such sound card; `aplay -L` shows what is there ({last})")
    return DeviceBroken(f"{wire}: {last}")
