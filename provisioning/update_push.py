"""Pushing a bundle to many nodes by ssh, with pyinfra: all nodes of a stage at once, and no next stage after a failure.

Whoever imports this has let gevent patch Python's own modules before (`gevent.monkey`), or the nodes go one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gevent
import msgspec
from paramiko import SSHException
from pyinfra.api.command import StringCommand
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State

from contract.plain import plain
from contract.values import Text
from provisioning.update_apply import Outcome
from provisioning.update_manifest import SUFFIX
from provisioning.update_reach import NodeReach

CONNECT_WITHIN = 15
APPLY_WITHIN = 1800
"""Seconds: an old card takes minutes to install, and two more to be judged."""
PARALLEL = 20
"""Nodes at once; each gets the whole bundle."""

Moment = Literal["connect", "upload", "apply", "done"]


@dataclass(frozen=True)
class Pushed:
    """What became of one node."""

    node: str
    outcome: Outcome

    @property
    def well(self) -> bool:
        """Whether it runs the new version now."""
        return self.outcome.result == "kept"


Tell = Callable[[str, Moment, Pushed | None], None]


def push_stage(bundle: Path, version: str, nodes: Sequence[str], reach: Mapping[str, NodeReach], tell: Tell) -> list[Pushed]:
    """Update all these nodes at once, and say of each what became of it."""
    data = [(node, _connection(reach[node])) for node in nodes]
    inventory = Inventory((data, {}))  # type: ignore[no-untyped-call]
    state = State(inventory, Config(CONNECT_TIMEOUT=CONNECT_WITHIN, PARALLEL=PARALLEL))  # type: ignore[no-untyped-call]

    def one(host: Host) -> Pushed:
        pushed = Pushed(host.name, _updated(host, bundle, version, reach[host.name], tell))
        tell(host.name, "done", pushed)
        return pushed

    jobs = [state.pool.spawn(one, state.inventory.get_host(node)) for node in nodes]
    gevent.joinall(jobs, raise_error=True)
    return [job.value for job in jobs]


def _connection(reach: NodeReach) -> dict[str, Any]:
    """How pyinfra reaches a node. Whoever answers in its place gets a bundle that is no secret, and no password."""
    key = {} if reach.key is None else {"ssh_key": str(reach.key), "ssh_allow_agent": False, "ssh_look_for_keys": False}
    known = {} if reach.known_hosts is None else {"ssh_known_hosts_file": str(reach.known_hosts)}
    return {"ssh_hostname": reach.host, "ssh_port": reach.port, "ssh_user": reach.user, **key, **known}


def _updated(host: Host, bundle: Path, version: str, reach: NodeReach, tell: Tell) -> Outcome:
    remote = f"/var/tmp/{host.name}{SUFFIX}"  # noqa: S108  the node copies it while it looks at the signature
    try:
        tell(host.name, "connect", None)
        host.connect(show_errors=False, raise_exceptions=True)
        tell(host.name, "upload", None)
        if not host.put_file(str(bundle), remote):
            return _failed(version, "upload-failed", "上传失败", "The bundle could not be copied to it")
        tell(host.name, "apply", None)
        return _applied(host, remote, version, reach)
    except ConnectError as error:
        why = plain(str(error))
        return _failed(version, "unreachable", f"无法连接：{why}", f"It cannot be reached by ssh: {why}")
    except (OSError, EOFError, SSHException, PyinfraError, gevent.Timeout) as error:
        why = plain(str(error) or type(error).__name__)
        return _failed(version, "line-lost", f"连接中断：{why}", f"The line to it broke: {why}")
    finally:
        host.disconnect()


def _applied(host: Host, remote: str, version: str, reach: NodeReach) -> Outcome:
    program = reach.root / "opt/hallware/current/bin/hallware"
    words = StringCommand(str(program), "update", "apply", remote, "--root", str(reach.root), "--json")
    _, output = host.run_shell_command(words, _sudo=reach.user != "root", _timeout=APPLY_WITHIN, _success_exit_codes=[0, 1, 3])
    host.run_shell_command(StringCommand("rm", "-f", remote))
    lines = [line for line in output.stdout_lines if line.startswith("{")]
    if lines:
        try:
            return msgspec.json.decode(lines[-1], type=Outcome)
        except (msgspec.ValidationError, msgspec.DecodeError):
            pass
    said = plain(" ".join((output.stderr_lines or output.stdout_lines)[-1:])) or "nothing"
    return _failed(version, "no-answer", f"没有结果：{said}", f"It did not say what became of it: {said}")


def _failed(version: str, code: str, zh: str, en: str) -> Outcome:
    return Outcome(version, "refused", code, Text(zh=zh[:400], en=en[:400]))
