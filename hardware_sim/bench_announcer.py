"""The announcer on the bench: a loudspeaker on a sound card."""

from collections.abc import Callable
from typing import Any

from hardware_sim.bench import Stop, hands
from hardware_sim.sound_card import SoundCard

SHOWN = 6


class SimulatedAnnouncer:
    """A loudspeaker: what it says now, how loud, and what it said last."""

    kind = "announcer"

    def __init__(self, card: SoundCard, zones: tuple[str, ...]) -> None:
        self.card, self.zones = card, zones
        self.hands = hands(
            self.unplug, self.plug, self.occupy, self.vacate, self.block, self.unblock, self.mute, self.unmute
        )  # fmt: skip

    def view(self) -> dict[str, Any]:
        """Card and loudspeaker."""
        card = self.card
        said = [
            {"id": each.number, "seconds": round(each.seconds, 1), "level": round(each.level, 3), "text": each.text}
            for each in list(card.recordings)[-SHOWN:]
        ]
        return {
            "plugged": card.plugged, "held": card.held, "blocked": card.blocked, "muted": card.muted,
            "zones": self.zones, "text": card.text, "level": round(card.level, 3), "said": said, "overlaps": card.overlaps,
        }  # fmt: skip

    def listen(self, listener: Callable[[], None]) -> Stop:
        """Called when the card changes or something is heard."""
        return self.card.listen(listener)

    def unplug(self) -> None:
        """Pull the sound card out."""
        self.card.turn(plugged=False)

    def plug(self) -> None:
        """Put it back."""
        self.card.turn(plugged=True)

    def occupy(self) -> None:
        """Another program takes the card and keeps it."""
        self.card.turn(held=True)

    def vacate(self) -> None:
        """The other program lets go of it."""
        self.card.turn(held=False)

    def block(self) -> None:
        """The card takes no more samples: whoever writes hangs."""
        self.card.turn(blocked=True)

    def unblock(self) -> None:
        """It takes them again."""
        self.card.turn(blocked=False)

    def mute(self) -> None:
        """Turn the mixer's switch off."""
        self.card.turn(muted=True)

    def unmute(self) -> None:
        """Turn it on."""
        self.card.turn(muted=False)
