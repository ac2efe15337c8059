"""The whole way with the real programs: from init to node, controller and command with certificates, and no secret told."""

import asyncio
import os
import pwd
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from broker_config.process import MosquittoProcess
from contract.enrolment import Identity
from controller.config import HallConfig, load
from hallware.main import main
from provisioning.claim_file import load_claim
from provisioning.identity import ON_NODE
from tests.runtime.waiting import until
from tests.trust.test_init import Place

HALLWARE = str(Path(sys.executable).with_name("hallware"))


@dataclass
class Way:
    """One hall on one machine."""

    place: Place
    hall: HallConfig
    broker: MosquittoProcess
    running: set[int] = field(default_factory=set)
    tokens: list[str] = field(default_factory=list)

    @property
    def hall_toml(self) -> Path:
        return self.place.etc / "hall.toml"

    def machine(self, name: str) -> Path:
        return self.place.root / "machines" / name

    @asynccontextmanager
    async def program(self, *words: str, ends: bool = False) -> AsyncIterator[Path]:
        """A program of ours while inside; gives its log. It is ended at the end, unless it ends by itself."""
        log = self.place.root / f"{words[0]}.log"
        with log.open("wb") as out:
            running = await asyncio.create_subprocess_exec(HALLWARE, *words, stdout=out, stderr=out)
        self.running.add(running.pid)
        try:
            yield log
        finally:
            self.running.discard(running.pid)
            if running.returncode is None and not ends:
                running.terminate()
            assert await running.wait() == 0, log.read_text()

    def card(self, name: str, role: Identity) -> list[str]:
        """The words of `hallware enrol` for a machine with a new card."""
        folder = self.machine(name)
        folder.mkdir(parents=True)
        if role is Identity.NODE:
            assert main(["provision", "card", name, "--hall", str(self.hall_toml), "--into", str(folder)]) == 0
            claim = folder / "hallware" / "claim.toml"
        else:
            claim = self._claim(folder, name, role)
        self.tokens.append(load_claim(claim).token)
        return [
            "enrol", "--claim", str(claim), "--identity", str(folder / "identity"), "--settings", str(folder / "node.toml"),
            "--lamp", str(folder / "no-lamp"), "--keep-clock",
        ]  # fmt: skip

    def _claim(self, folder: Path, name: str, role: Identity) -> Path:
        words = ["provision", "claim", name, "--role", role.value, "--hall", str(self.hall_toml)]
        assert main([*words, "--into", str(folder / "claim.toml")]) == 0
        assert (folder / "claim.toml").stat().st_mode & 0o777 == 0o600
        return folder / "claim.toml"

    async def enrol(self, name: str, role: Identity = Identity.NODE) -> dict[str, str]:
        """Let a machine in as staff do; gives its `[broker]` table."""
        async with self.program(*self.card(name, role), ends=True) as log:
            await until(lambda: "waiting for approval" in log.read_text(), within=60)
            assert await self.run("nodes", str(self.hall_toml), "approve", name) == 0
        identity = self.machine(name) / "identity"
        assert self.hall.trust is not None
        return {
            "host": "127.0.0.1", "port": str(self.hall.trust.broker_port), "ca": str(identity / "ca.crt"),
            "certificate": str(identity / "node.crt"), "key": str(identity / "node.key"),
        }  # fmt: skip

    async def run(self, *words: str) -> int:
        running = await asyncio.create_subprocess_exec(HALLWARE, *words, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        return await running.wait()

    def secrets(self) -> dict[str, bytes]:
        """Everything that nobody else may see, by what it is: passwords, passphrases, and the bodies of private keys."""
        found = {}
        for path in self.place.root.rglob("*"):
            if path.suffix in (".password", ".passphrase"):
                found[str(path)] = path.read_bytes().strip()
            elif path.suffix == ".key":
                found[str(path)] = path.read_bytes().splitlines()[1]
        return found

    def tellers(self) -> dict[str, bytes]:
        """Everything in which a secret might be told: logs, the database, what the process list and its environment show."""
        told = {str(path): path.read_bytes() for path in self.place.root.rglob("*.log")}
        told |= {str(path): path.read_bytes() for path in (self.place.root / "data").rglob("*") if path.is_file()}
        told |= {str(path): path.read_bytes() for path in self.place.root.rglob("*.toml")}
        for process in self.running:
            for what in ("cmdline", "environ"):
                told[f"{what} of {process}"] = Path(f"/proc/{process}/{what}").read_bytes()
        return told

    def machine_files(self, pattern: str) -> list[Path]:
        return list(self.place.root.rglob(pattern))

    def nothing_is_told(self) -> None:
        """No secret stands anywhere but in its own file, which is for its owner alone."""
        secrets, tellers = self.secrets(), self.tellers()
        assert len(secrets) > 10
        assert sum(b"boards" in told for told in tellers.values()) > 3  # we do look where names are told
        for secret in (*secrets.values(), *(token.encode() for token in self.tokens)):
            assert len(secret) > 20
            assert not [teller for teller, told in tellers.items() if secret in told]
        keys = self.machine_files("*.key")
        assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
        mine = (
            "trust/private/ca.key", "updates/private/updates.key", "broker/broker.key", "registrar/registrar.key",
            "identity/node.key",
        )  # fmt: skip
        assert all(str(path).endswith(mine) for path in keys), keys

    def connected(self, name: str) -> bool:
        return f" as {name} (p5" in self.broker.log


@asynccontextmanager
async def way(folder: Path) -> AsyncIterator[Way]:
    place = Place(folder)
    assert place.run("--answers", place.answers()) == 0
    hall = load(place.etc / "hall.toml")
    conf = (place.etc / "broker" / "mosquitto.conf").read_text().replace("/var/lib/mosquitto/", f"{folder}/")
    conf += f"user {pwd.getpwuid(os.geteuid()).pw_name}\n"
    async with MosquittoProcess(folder=folder, port=hall.broker.port, configure=lambda _: conf) as broker:
        reload = f'ca = "{place.etc}/trust"\nreload = ["kill", "-HUP", "{broker.pid}"]'
        path = place.etc / "hall.toml"
        path.write_text(path.read_text().replace(f'ca = "{place.etc}/trust"', reload).replace("port = 8080", "port = 0"))
        yield Way(place, load(path), broker)


@pytest.mark.timeout(180)
async def test_from_nothing_to_a_hall_whose_node_controller_and_command_come_with_certificates(tmp_path: Path) -> None:
    async with way(tmp_path) as hall, AsyncExitStack() as stack:
        registrar = await stack.enter_async_context(hall.program("registrar", str(hall.hall_toml)))
        await until(lambda: "the registrar of hall centre is at" in registrar.read_text(), within=60)
        await hall.enrol("boards")
        controller = await hall.enrol("controller", Identity.CONTROLLER)
        dispatch = await hall.enrol("dispatch", Identity.DISPATCH)

        text = hall.hall_toml.read_text()
        before, rest = text.split("[broker]\n", 1)
        with_certificate = _broker(controller) + rest[rest.index("\n# The pages") :]
        (tmp_path / "tls-hall.toml").write_text(before + "[broker]\n" + with_certificate)
        log = await stack.enter_async_context(hall.program("controller", str(tmp_path / "tls-hall.toml")))
        await until(lambda: "pages at" in log.read_text(), within=60)
        assert hall.connected("controller")

        machine = hall.machine("boards")
        settings = (machine / "node.toml").read_text().replace(str(ON_NODE), str(machine / "identity"))
        settings = settings.replace("/var/lib/hallware", str(machine / "data"))
        (machine / "mine.toml").write_text(settings)
        await stack.enter_async_context(hall.program("node", str(machine / "mine.toml"), "--simulate"))
        await until(lambda: hall.connected("boards"), within=60)

        (tmp_path / "client.toml").write_text('hall = "centre"\n[broker]\n' + _broker(dispatch))
        assert (
            await hall.run("notice", "今日系统升级", "--en", "System upgrade", "--settings", str(tmp_path / "client.toml")) == 0
        )
        assert hall.connected("dispatch")

        assert await hall.run("backup", str(tmp_path / "tls-hall.toml"), "--into", f"{tmp_path}/data/backups/") == 0
        assert len(hall.running) == 3
        hall.nothing_is_told()

        assert await hall.run("nodes", str(hall.hall_toml), "revoke", "boards", "--why", "stolen") == 0
        node = tmp_path / "node.log"
        await until(lambda: "this machine's certificate was revoked" in node.read_text(), within=60)
    assert not hall.machine_files("claim.toml")


def _broker(table: dict[str, str]) -> str:
    return "".join(f"{key} = {value}\n" if key == "port" else f'{key} = "{value}"\n' for key, value in table.items())
