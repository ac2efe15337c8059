"""The judge of an update: whether the new program is well, by what it says of itself and by how the one before was.

Pure: it is shown each report with the time, and gives a verdict. It runs in the updater, which is of the version before.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from contract.updating import Wellness

FRESH = 6.0
"""Seconds after which a report says nothing any more; a node makes one each second."""
MOST_BYTES = 100_000


class Ill(NamedTuple):
    """The new program is not well."""

    code: str
    zh: str
    en: str


@dataclass
class Judge:
    """Of one update. Well is who is well for `steady` seconds without a break, before `within` are over."""

    version: str
    before: Wellness | None
    """How the program before was; None when it did not run."""
    begun: float
    within: float
    steady: float
    _session: str | None = None
    _well_since: float | None = None

    def look(self, report: Wellness | None, now: float) -> Ill | bool:
        """True when it is well, False while that is open."""
        lacking = self._lacking(report, now)
        if isinstance(lacking, Ill) and lacking.code == "died":
            return lacking
        if lacking is None:
            self._well_since = now if self._well_since is None else self._well_since
            if now - self._well_since >= self.steady:
                return True
        else:
            self._well_since = None
        if now - self.begun >= self.within:
            return lacking or Ill("unsteady", "新版本运行不稳定", "The new program was not well for long enough")
        return False

    def _lacking(self, report: Wellness | None, now: float) -> Ill | None:
        if report is None or now - report.at > FRESH or (self.before is not None and report.session == self.before.session):
            return Ill("no-start", "新版本没有启动", "The new program did not start")
        if self._session is not None and report.session != self._session:
            return Ill("died", "新版本启动后又中止", "The new program started and died")
        if report.version != self.version:
            return Ill("other-version", f"启动的是 {report.version}", f"{report.version} was started instead")
        self._session = report.session
        if not report.echo:
            return Ill(
                "no-echo", "新版本未能连通大厅服务器（无回声）", "The new program did not reach the broker: no echo came back"
            )
        if self.before is not None and self.before.controller and not report.controller:
            return Ill("no-controller", "新版本未收到控制器的消息", "The new program does not hear the controller")
        return self._silent(report)

    def _silent(self, report: Wellness) -> Ill | None:
        """Every device that answered before must answer, and where nobody knows how it was, one at least."""
        answered = frozenset(report.answered)
        before = frozenset(self.before.answered) if self.before is not None else frozenset()
        silent = sorted(before & frozenset(report.silent))
        if silent or (self.before is None and report.silent and not answered):
            names = "、".join(silent or report.silent[:5]), ", ".join(silent or report.silent[:5])
            return Ill("device-silent", f"设备无应答：{names[0]}", f"These do not answer: {names[1]}")
        return None


def read_wellness(path: Path) -> Wellness | None:
    """A node's report. The file is the node's own, which is not trusted: a pipe or a link there is no report."""
    with suppress(OSError, msgspec.ValidationError, msgspec.DecodeError, ValueError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return msgspec.json.decode(file.read(MOST_BYTES), type=Wellness)
    return None
