"""Applying an update to this machine: take, install, try, judge, and keep it or go back.

This runs in the release before. Whatever becomes of it, the guard brings that release back unless `confirm` has come to its end.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from contract.updating import UpdateResult, Wellness
from contract.values import Text
from provisioning.update_bundle import anchor_of, opened
from provisioning.update_guard import LEFT, Tree, begin, confirm, give_back, heal, prune, report, restart
from provisioning.update_install import install
from provisioning.update_judge import FRESH, Ill, Judge, read_wellness
from provisioning.update_manifest import BadBundle, Signed
from provisioning.update_rules import Floor, refuse_stale
from provisioning.update_settings import UpdateSettings

LOOK = 0.5
"""Seconds between two looks at the new program."""

Step = Literal["verify", "install", "switch", "judge", "prune"]


@dataclass(frozen=True)
class Outcome:
    """What became of an update."""

    version: str
    result: UpdateResult
    code: str
    what: Text


@dataclass
class Updating:
    """What it needs of the machine around it."""

    tree: Tree
    settings: UpdateSettings
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    tell: Callable[[Step], None] = lambda _: None

    def apply(self, path: Path, *, older: bool = False, again: bool = True) -> Outcome:
        """Try the bundle at `path`; `again` also when the last try went back. Raises `Busy` while another update is under way."""
        with self.tree.held():
            give_back(self.tree, LEFT, self.now())
            heal(self.tree)
            try:
                signed = self._installed(path, older=older, again=again)
            except BadBundle as bad:
                return self.refuse(bad)
            before = self.tree.current
            if before == signed.release:
                return _kept(signed, "already", "此版本已在运行", "This very bundle runs already")
            if before is None:
                return self.refuse(
                    BadBundle("no-release", "本机没有可恢复的版本", "There is no release here to which one could go back")
                )
            return self._tried(signed, before)

    def _installed(self, path: Path, *, older: bool, again: bool) -> Signed:
        """A bundle of this hall that is not stale, as a whole release. Raises `BadBundle`."""
        self.tell("verify")
        anchor = anchor_of(self.tree.etc / "updates/ca.crt")
        with opened(path, anchor) as bundle:
            try:
                self._refuse_now(bundle.signed, older=older, again=again)
                self.tell("install")
                install(self.tree, bundle)
            except BadBundle as bad:
                bad.version = bundle.manifest.version
                raise
            return bundle.signed

    def _refuse_now(self, signed: Signed, *, older: bool, again: bool) -> None:
        """Raise `BadBundle` for what is not to be taken, or not now."""
        if signed.release == self.tree.current:
            return
        if not again and self.tree.read().get("gone_back") == signed.release:
            raise BadBundle(
                "went-back",
                "此更新试运行失败过；如需重试，请拔出 U 盘再插入",
                "This update went back before; to try again, pull the stick out and plug it in",
            )
        refuse_stale(signed, Floor.read(self.tree.read()), running(self.tree), self.now(), older=older)
        before = self._wellness()
        if before is not None and not before.echo:
            raise BadBundle(
                "hall-away",
                "大厅服务器现在无法连通，未作更改，请稍后再试",
                "The hall is not reached now; nothing was changed, try again later",
            )

    def _tried(self, signed: Signed, before: str) -> Outcome:
        tree, version = self.tree, signed.manifest.version
        was = self._wellness()
        self.tell("switch")
        begin(tree, version, signed.release, before, self.now())
        tree.switch(signed.release)
        restart(tree)
        self.tell("judge")
        verdict = self._judged(Judge(version, was, self.monotonic(), self.settings.within, self.settings.steady))
        if verdict is not None:
            give_back(
                tree,
                (verdict.code, f"{verdict.zh}，已恢复原版本"[:400], f"{verdict.en}; the version before is back"[:400]),
                self.now(),
            )
            return Outcome(version, "returned", verdict.code, Text(zh=verdict.zh[:400], en=verdict.en[:400]))
        confirm(tree, Floor.read(tree.read()).after(signed), self.now())
        self.tell("prune")
        prune(tree, {signed.release, before, *tree.whole()[: self.settings.keep]})
        return _kept(signed, "ok", "更新成功", "The update was successful")

    def _judged(self, judge: Judge) -> Ill | None:
        """None when the new program is well."""
        while (verdict := judge.look(read_wellness(self._file), self.monotonic())) is False:
            self.sleep(LOOK)
        return verdict if isinstance(verdict, Ill) else None

    @property
    def _file(self) -> Path:
        return self.tree.root / self.settings.wellness

    def _wellness(self) -> Wellness | None:
        """How the program that runs is; None when it does not say so any more."""
        said = read_wellness(self._file)
        return said if said is not None and self.monotonic() - said.at <= FRESH else None

    def refuse(self, bad: BadBundle) -> Outcome:
        """Say in the state that nothing was changed; where the disk is full, that is not said."""
        with suppress(OSError):
            said = report(bad.version, "refused", (bad.code, bad.what.zh, bad.what.en), self.now())
            self.tree.write(self.tree.read() | {"last": said})
        return Outcome(bad.version, "refused", bad.code, bad.what)


def running(tree: Tree) -> str | None:
    """The version in force; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((tree.link / "release.json").read_bytes())["version"])
    return None


def _kept(signed: Signed, code: str, zh: str, en: str) -> Outcome:
    return Outcome(signed.manifest.version, "kept", code, Text(zh=zh, en=en))
