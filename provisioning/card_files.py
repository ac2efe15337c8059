"""Writing a card: every file onto the boot partition or into a folder, then read back and compared with what was meant."""

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import msgspec
import tomli_w

from contract.settings import BadSettings
from provisioning.card import CONFIG, OVERLAY, SCRIPT, Card, meta_data, network_config, preseed, user_data
from provisioning.card_scripts import CMDLINE, FIRST_BOOT, firstrun
from provisioning.claim_file import NAME, ClaimFile, load_claim
from provisioning.update_pack import Incomplete, Packing
from provisioning.wheels import SYSTEMS, raspberry

HEAD = "#cloud-config\n"
GUARD = "/usr/lib/hallware/update_guard.py"
"""Where the guard lies on a node: outside of every release, and the same text as in this one."""
BEGIN, END = "# hallware begin", "# hallware end"


AS_IT_IS: Any = {"encoding": "utf-8", "errors": "surrogateescape"}
"""Somebody's comments in config.txt may be in another encoding; they stay what they are."""

System = Literal["trixie", "bookworm"]


class BadCard(Exception):
    """A card that does not hold what it should; the text says which file and why."""


@dataclass(frozen=True)
class CardFiles:
    """A card's files below `root`, the mounted boot partition or a folder to be copied there."""

    root: Path

    def write(
        self, card: Card, claim: ClaimFile, made: str, wheels: Path | None = None, system: System | None = None
    ) -> list[Path]:
        """Write everything; gives what was written. `system` is looked for on the card when it is not given. Raises `OSError`."""
        system = system or self.system()
        texts = {
            "user-data": HEAD + _json(user_data(card)),
            "network-config": _json(network_config(card)),
            "meta-data": _json(meta_data(card, made)),
            "rpi-preseed.toml": tomli_w.dumps(preseed(card)),
            "firstrun.sh": firstrun(card),
            SCRIPT: FIRST_BOOT,
            f"hallware/{NAME}": tomli_w.dumps(msgspec.to_builtins(claim)),
        }
        if card.settings.overlay:
            texts[OVERLAY] = "This node's root file system is to lie behind an overlay in memory.\n"
        (self.root / OVERLAY).unlink(missing_ok=True)
        written = [self._write(name, text) for name, text in texts.items()]
        for name, text in self._system_files():
            self._folder(str(Path(name).parent)).joinpath(Path(name).name).write_bytes(text)
        written += self._copied(_wheels(wheels))
        return [*written, *self._amend(system)]

    def _copied(self, wheels: list[Path]) -> list[Path]:
        """In the place of those of an earlier version: where both lay, no first boot could choose."""
        folder = self._folder("hallware/wheels")
        names = {wheel.name for wheel in wheels}
        for old in folder.glob("*.whl") if names else ():
            if old.name not in names:
                old.unlink()
        return [Path(shutil.copy(wheel, folder)) for wheel in wheels]

    def settle(self, written: Iterable[Path]) -> None:
        """See to it that everything is on the card, and that what is read next comes from it. Raises `OSError`."""
        os.sync()
        for path in written:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def check(self, card: Card, claim: ClaimFile, wheels: Path | None = None) -> None:
        """Read everything back. Raises `BadCard`, `OSError`."""
        try:
            self._check(card, claim)
            for name, meant in self._system_files():
                self._compare(name, meant)
            for wheel in _wheels(wheels):
                self._compare(f"hallware/wheels/{wheel.name}", wheel.read_bytes())
        except (ValueError, BadSettings) as error:  # what cannot even be read as what it should be
            raise BadCard(f"{self.root}: does not say what was meant; is the card worn out? {error}") from error

    def _compare(self, name: str, meant: bytes) -> None:
        if (self.root / name).read_bytes() != meant:
            raise BadCard(f"{self.root / name}: does not say what was meant; is the card worn out?")

    def _check(self, card: Card, claim: ClaimFile) -> None:
        for name, meant in (("user-data", user_data(card)), ("network-config", network_config(card))):
            if self._read_json(name) != meant:
                raise BadCard(f"{self.root / name}: does not say what was meant; is the card full or worn out?")
        if tomllib.loads(self._text("rpi-preseed.toml")) != preseed(card):
            raise BadCard(f"{self.root / 'rpi-preseed.toml'}: does not say what was meant")
        if load_claim(self.root / "hallware" / NAME) != claim:
            raise BadCard(f"{self.root / 'hallware' / NAME}: does not say what was meant")
        if (self.root / OVERLAY).exists() is not card.settings.overlay:
            raise BadCard(f"{self.root / OVERLAY}: does not say what was meant")
        for name in ("firstrun.sh", SCRIPT):
            ran = subprocess.run(["sh", "-n", str(self.root / name)], capture_output=True, text=True, check=False)
            if ran.returncode or "\r" in self._text(name):
                raise BadCard(f"{self.root / name}: is no script that a shell can read: {ran.stderr}")

    def missing_wheels(self, system: System | None = None) -> str:
        """What is not on the card and must be there for an installation without internet, in words; empty when nothing is.

        A folder that is no boot partition yet may have the wheels for any system, unless `system` says which it is for.
        """
        lacking = []
        known = system or (self.system() if (self.root / "cmdline.txt").exists() else None)
        for name in [known] if known else SYSTEMS:
            try:
                Packing(self.root / "hallware" / "wheels", [raspberry(name)]).choose()
            except Incomplete as problem:
                lacking.append(str(problem))
            else:
                return ""
        return min(lacking, key=len)

    def _write(self, name: str, text: str) -> Path:
        path = self._folder(str(Path(name).parent)) / Path(name).name
        path.write_bytes(text.encode())
        return path

    def _folder(self, name: str) -> Path:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _system_files(self) -> Iterator[tuple[str, bytes]]:
        """What is laid into the node's own system, by its name on the card."""
        with as_file(files("provisioning") / "os") as tree:
            for path in sorted(path for path in tree.rglob("*") if path.is_file()):
                yield f"hallware/os/{path.relative_to(tree)}", path.read_bytes()
        yield f"hallware/os{GUARD}", (files("provisioning") / "update_guard.py").read_bytes()

    def system(self) -> System:
        """What is on a real boot partition: Trixie's image brings cloud-init's files, Bookworm's has none."""
        cmdline = self.root / "cmdline.txt"
        line = cmdline.read_text(**AS_IT_IS) if cmdline.exists() else ""
        fresh = not (self.root / "user-data").exists()
        return "bookworm" if "systemd.run=" in line or (line and fresh and "ds=nocloud" not in line) else "trixie"

    def _amend(self, system: System) -> Iterator[Path]:
        """config.txt and cmdline.txt of a real boot partition; a folder has none, and cloud-init and rpi-preseed need none."""
        config, cmdline = self.root / "config.txt", self.root / "cmdline.txt"
        if config.exists():
            kept = _without_ours(config.read_text(**AS_IT_IS))
            config.write_text("\n".join([kept.rstrip("\n"), BEGIN, "[all]", *CONFIG, END]) + "\n", **AS_IT_IS)
            yield config
        if cmdline.exists() and system == "bookworm":
            line = cmdline.read_text(**AS_IT_IS).strip().partition(" systemd.run=")[0]
            cmdline.write_text(f"{line} {CMDLINE}\n", **AS_IT_IS)
            yield cmdline

    def _text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def _read_json(self, name: str) -> Any:
        return json.loads(self._text(name).removeprefix(HEAD))


def _wheels(folder: Path | None) -> list[Path]:
    return [] if folder is None else sorted(folder.glob("*.whl"))


def _json(value: dict[str, Any]) -> str:
    """JSON is YAML, is read the same by everybody, and needs no library to be read back."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _without_ours(config: str) -> str:
    before, begin, rest = config.partition(BEGIN)
    return before + rest.partition(f"{END}\n")[2] if begin else config
