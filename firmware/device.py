"""A device as its node sees it: its state in words, its counts, and when its agent last said that it turns."""

import logging
from collections import Counter
from collections.abc import Callable

from contract.events import DeviceTrouble
from contract.health import Condition, DeviceState
from contract.plain import plain
from contract.values import Text
from firmware.station import Clock

log = logging.getLogger(__name__)

STARTING_CODE = "starting"
STARTING = Text(zh="正在启动", en="Starting")


class Device:
    """Kept while the node runs, also while its agent is started anew."""

    def __init__(
        self, name: str, kind: str, clock: Clock, *, changed: Callable[[bool], None], trouble: Callable[[DeviceTrouble], None]
    ) -> None:
        """`changed` is told of each change, and whether it is more than a count; `trouble` of each fault and each healing."""
        self.name, self.kind = name, kind
        self.counts: Counter[str] = Counter()
        self._clock, self._changed, self._trouble = clock, changed, trouble
        self._condition: Condition = "busy"
        self._code, self._what = STARTING_CODE, STARTING
        self._touch: Text | None = None
        self._since = clock.now()
        self._alive = self._seen = clock.monotonic()

    @property
    def condition(self) -> Condition:
        """Ready, busy, attention or fault."""
        return self._condition

    @property
    def has_answered(self) -> bool:
        """Whether it has answered since the node started, and is not at fault."""
        return self._condition != "fault" and self._code != STARTING_CODE

    @property
    def state(self) -> DeviceState:
        """What is published of it."""
        return DeviceState(
            device=self.name,
            kind=self.kind,
            condition=self._condition,
            code=self._code,
            what=self._what,
            touch=self._touch,
            since=self._since,
            counts=dict(self.counts),
        )

    def say(self, condition: Condition, code: str, what: Text, touch: Text | None = None) -> None:
        """Say how it is; a fault is logged and recorded once, and once when it heals.

        Only `ready` or `attention` heals: a device that starts anew keeps the fault for which it does so.
        """
        if (condition, code, what, touch) == (self._condition, self._code, self._what, self._touch):
            return
        if condition == "busy" and self._condition == "fault":
            return
        was, before = self._condition, self._code
        if (condition, code) != (was, before):
            self._since = self._clock.now()
        self._condition, self._code, self._what, self._touch = condition, code, what, touch
        if condition == "fault" and (was, before) != (condition, code):
            log.warning("%s: %s", self.name, plain(what.en))
            self._trouble(DeviceTrouble(code=code, what=what))
        elif condition != "fault" and was == "fault":
            log.info("%s: well again: %s", self.name, plain(what.en))
            self._trouble(DeviceTrouble(code=code, what=what))
        self._changed(True)

    def count(self, what: str, by: int = 1) -> None:
        """Count something."""
        self.counts[what] += by
        self._changed(False)

    def alive(self) -> None:
        """Its agent turns."""
        self._alive = self._clock.monotonic()

    def seen(self) -> None:
        """Its supervisor has looked at it."""
        self._seen = self._clock.monotonic()

    @property
    def neglected_for(self) -> float:
        """Seconds since its supervisor looked at it."""
        return self._clock.monotonic() - self._seen

    def forgive(self, seconds: float) -> None:
        """The whole process stood still for so long, which is not the agent's fault."""
        self._alive += seconds

    @property
    def silent_for(self) -> float:
        """Seconds since its agent said that it turns."""
        return self._clock.monotonic() - self._alive
