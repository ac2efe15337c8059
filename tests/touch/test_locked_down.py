"""The browser of a touch screen: unit and policy agree, and under that policy Chromium opens the one page and nothing else."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, async_playwright

from firmware.config import KioskConfig, NodeConfig, NodeIdentity, PrinterConfig
from firmware.config_kiosk import TouchConfig
from provisioning import doctor_touch as doctor
from provisioning.doctor_touch import PROGRAMS, WANTED, examine_touch
from provisioning.finding import How
from tests.chromium import CHROMIUM, NEEDS_CHROMIUM
from tests.touch.screens import touch_kiosk

OS = Path(str(files("provisioning") / "os"))
UNIT = OS / "etc/systemd/system/hallware-touch.service"
POLICY = OS / "etc/chromium/policies/managed/hallware-touch.json"
PRIVATE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
"""What gives Chromium an /etc/chromium that nobody else sees."""


def policy() -> dict[str, Any]:
    """The policy file."""
    read: dict[str, Any] = json.loads(POLICY.read_text(encoding="utf-8"))
    return read


def test_unit_policy_and_node_name_one_port() -> None:
    port = TouchConfig().port
    unit = UNIT.read_text(encoding="utf-8")
    assert f"PAGE=http://127.0.0.1:{port}/ PORT={port}" in unit
    assert policy()["URLAllowlist"] == [f"http://127.0.0.1:{port}"]


def test_the_browser_has_its_own_account_and_no_network() -> None:
    unit = UNIT.read_text(encoding="utf-8")
    for line in (
        "User=hallware-touch",
        "IPAddressDeny=any",
        "IPAddressAllow=localhost",
        "NoNewPrivileges=yes",
        "DevicePolicy=closed",
    ):
        assert line in unit.splitlines()
    assert "u hallware-touch " in (OS / "etc/sysusers.d/hallware-touch.conf").read_text(encoding="utf-8")
    assert "--kiosk" in unit
    assert "--no-sandbox" not in unit


def test_nobody_looks_into_it_or_prints_or_saves() -> None:
    said = policy()
    assert (said["DeveloperToolsAvailability"], said["RemoteDebuggingAllowed"]) == (2, False)
    assert (said["PrintingEnabled"], said["DownloadRestrictions"], said["AllowFileSelectionDialogs"]) == (False, 3, False)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_in_the_unit() -> None:
    ran = subprocess.run(["systemd-analyze", "verify", UNIT], capture_output=True, text=True, check=False)
    said = [line for line in ran.stderr.splitlines() if UNIT.name in line and "cage is not executable" not in line]
    assert said == []
    words = ["systemd-analyze", "security", "--offline=yes", "--threshold=45", str(UNIT)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0


@asynccontextmanager
async def locked_down(folder: Path, port: int) -> AsyncIterator[str]:
    """Chromium under the policy, but for what keeps a test from looking into it; where it listens."""
    managed = folder / "chromium" / "policies" / "managed"
    managed.mkdir(parents=True)
    shown = policy() | {"URLAllowlist": [f"http://127.0.0.1:{port}"]}
    kept = {key: value for key, value in shown.items() if key not in {"DeveloperToolsAvailability", "RemoteDebuggingAllowed"}}
    (managed / "policy.json").write_text(json.dumps(kept), encoding="utf-8")
    switches = f"--headless --no-sandbox --no-first-run --user-data-dir={folder}/profile --remote-debugging-port=0"
    browser = f"{CHROMIUM} {switches} about:blank"
    script = f"mount --bind {folder}/chromium /etc/chromium && exec {browser}"
    process = await asyncio.create_subprocess_exec(
        *PRIVATE, "bash", "-c", script, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        yield await asyncio.wait_for(_listens(process), 40)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _listens(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    while line := await process.stderr.readline():
        said += line
        if found := re.search(rb"DevTools listening on ws://([0-9.:]+)/", line):
            return f"http://{found[1].decode()}"
    raise AssertionError(said.decode(errors="replace"))


def _may_mount() -> bool:
    tried = subprocess.run([*PRIVATE, "mount", "--bind", "/tmp", "/etc/chromium"], capture_output=True, check=False)
    return tried.returncode == 0


async def _opens(browser: Any, address: str) -> bool:
    page = await browser.contexts[0].new_page()
    try:
        await page.goto(address, timeout=5000)
    except Error as error:
        return "ERR_BLOCKED_BY_ADMINISTRATOR" not in str(error)
    finally:
        await page.close()
    return True


@NEEDS_CHROMIUM[0]
@NEEDS_CHROMIUM[1]
@pytest.mark.skipif(not Path("/etc/chromium").is_dir(), reason="this Chromium reads its policies elsewhere")
async def test_under_its_policy_chromium_opens_the_page_and_nothing_else(tmp_path: Path) -> None:
    if not _may_mount():
        pytest.skip("nothing may be mounted here, not even in a namespace of one's own")
    async with (
        touch_kiosk(tmp_path / "kiosk") as at,
        locked_down(tmp_path, at.page_port) as address,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.connect_over_cdp(address)
        assert await _opens(browser, at.address)
        closed = (
            f"http://localhost:{at.page_port}/", f"http://127.0.0.1:{at.page_port + 1}/", "https://example.com/", "file:///etc/passwd",
            "chrome://settings/", "chrome://version/", "chrome://newtab/", f"view-source:{at.address}", "data:text/html,out",
        )  # fmt: skip
        assert [address for address in closed if await _opens(browser, address)] == []
        await browser.close()


def _machine(root: Path, port: int) -> NodeConfig:
    """A node's files as they lie after provisioning, with the browser installed."""
    shutil.copytree(OS, root, dirs_exist_ok=True)
    for program in PROGRAMS:
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).touch()
    (root / WANTED).parent.mkdir(parents=True)
    (root / WANTED).symlink_to(f"/{doctor.UNIT}")
    kiosk = KioskConfig(id="kiosk-1", printer=PrinterConfig(wire="/dev/usb/lp0"), touch=TouchConfig(port=port))
    return NodeConfig(node=NodeIdentity(id="entrance", hall="centre"), device=(kiosk,))


def test_the_doctor_finds_a_screen_that_is_set_up_well(tmp_path: Path) -> None:
    (found,) = examine_touch(_machine(tmp_path, TouchConfig().port), tmp_path)
    assert (found.name, found.how) == ("touch screen of kiosk-1", How.WELL)


@pytest.mark.parametrize(
    ("gone", "how", "says"),
    [
        ("usr/bin/cage", How.ILL, "apt install"),
        (doctor.UNIT, How.ILL, "one port"),
        (doctor.POLICY, How.ILL, "one port"),
        (WANTED, How.LOOK, "systemctl enable"),
    ],
)
def test_the_doctor_says_what_a_screen_lacks(tmp_path: Path, gone: str, how: How, says: str) -> None:
    config = _machine(tmp_path, TouchConfig().port)
    (tmp_path / gone).unlink()
    (found,) = examine_touch(config, tmp_path)
    assert found.how is how
    assert found.touch is not None
    assert says in found.touch.en


def test_the_doctor_finds_a_port_that_is_not_everywhere_the_same(tmp_path: Path) -> None:
    (found,) = examine_touch(_machine(tmp_path, 8500), tmp_path)
    assert found.how is How.ILL
    assert "8500" in found.what.en
