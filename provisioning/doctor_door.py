"""The doctor's look at a node's own devices: the program that drives them is asked at its side door."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from contract.side_door import SelfTestAsked, SelfTestTold
from provisioning.doctor_devices import told, unanswered
from provisioning.finding import Finding, ill

ANSWER = 35.0
"""Seconds after which nothing more is waited for: the node itself answers for a silent device before that."""
LONGEST = 64 * 1024
NAME = "self-tests"

NOT_RUNNING = (
    ("节点程序没有运行，无法自检设备", "the node's program does not run, so that no device can be asked"),
    (
        "先看上面的结果；再运行 sudo systemctl restart hallware-node，仍不行看 journalctl -u hallware-node",
        "mend what stands above, then: sudo systemctl restart hallware-node; if that fails: journalctl -u hallware-node",
    ),
)
NOT_ALLOWED = (
    ("只有 root 可以让设备自检", "only root may let the devices test themselves"),
    ("用 sudo 运行本命令", "run this command with sudo"),
)


def tests_here(node: str, devices: Sequence[str], door: Path) -> list[Finding]:
    """A finding for every device of this node, all asked at once: they print, light up and beep."""
    return asyncio.run(_tests(node, devices, door))


async def _tests(node: str, devices: Sequence[str], door: Path) -> list[Finding]:
    try:
        return list(await asyncio.gather(*(_test(node, device, door) for device in devices)))
    except PermissionError:
        return [ill(NAME, *NOT_ALLOWED)]
    except OSError:
        return [ill(NAME, *NOT_RUNNING)]


async def _test(node: str, device: str, door: Path) -> Finding:
    reader, writer = await asyncio.open_unix_connection(door, limit=LONGEST)
    try:
        writer.write(msgspec.json.encode(SelfTestAsked(device=device)) + b"\n")
        async with asyncio.timeout(ANSWER):
            said = msgspec.json.decode(await reader.readline(), type=SelfTestTold)
    except (TimeoutError, ConnectionError, ValueError):  # what cannot be read is a ValueError too
        return unanswered(node, device)
    finally:
        writer.close()
    return told(device, said.answer, said.state)
