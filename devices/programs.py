"""Programs of the operating system that drive a device: run with a deadline, never waited for longer."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from devices.errors import DeviceTimeout, ProgramMissing

PARTING = 1.0
"""Seconds that a killed program has to end. One that hangs in the kernel does not, and is left behind."""


class Ended(msgspec.Struct, frozen=True):
    """How a program ended, and what it wrote."""

    code: int
    out: bytes
    complaint: str


async def run(command: Sequence[str], given: bytes, *, within: float, package: str) -> Ended:
    """Run `command` with `given` on its standard input.

    Raises `ProgramMissing`, naming the Debian `package` it comes in, and `DeviceTimeout` when it has not ended `within` seconds.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise ProgramMissing(f"{command[0]}: cannot be run ({error.strerror}); `sudo apt-get install {package}`") from error
    try:
        async with asyncio.timeout(within):
            out, complaint = await process.communicate(given)
    except TimeoutError as error:
        raise DeviceTimeout(f"{command[0]}: has not ended after {within:.1f} s") from error
    finally:
        await _end(process)
    return Ended(process.returncode or 0, out, complaint.decode(errors="replace").strip())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING):
                await process.wait()
