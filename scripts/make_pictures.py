"""Takes the pictures of README and docs from a running demonstration: `python scripts/make_pictures.py` writes docs/pictures/.

Whenever a page's look has changed, run this and look at the result.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PEOPLE_COME_IN = 40.0
LIT = """() => [...document.querySelectorAll("figure.main canvas, figure.zone canvas")].every(canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, i) => i % 4 === 0 && value > 120);
})"""


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """A running hall: the link of its page and the one that signs in."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "said").open("wb") as out:
        words = [sys.executable, "-m", "hallware.main", "demo", "--speed", "2", "--keep", folder]
        with subprocess.Popen(words, stdout=out, stderr=out) as process:
            try:
                links: list[str] = []
                while len(links) < 2:
                    time.sleep(0.5)
                    links = re.findall(r"http://127\.0\.0\.1:\S+", (Path(folder) / "said").read_text())
                yield links[0], links[1]
            finally:
                process.terminate()


def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return when `condition` holds, or after so long without it."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """One picture."""
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    print(PICTURES / f"{name}.png")


def desk(console: Page, base: str) -> None:
    """The entrance desk with a ticket just given, a slip just printed, the settings with a change that stands."""
    console.goto(f"{base}/desk")
    console.locator("form[data-do=issue-ticket] [type=submit]").click()
    console.wait_for_selector(".desk-ticket .shown")
    take(console, "desk")
    console.goto(f"{base}/slips?template=handover")
    for field, text in (("holder", "张小三"), ("papers", "身份证\n户口簿"), ("window", "3号窗口")):
        console.fill(f"[name='fields.{field}']", text)
    console.locator("form[data-do=issue-slip] [type=submit]").click()
    console.wait_for_selector(".slip-newest .shown")
    time.sleep(1)
    take(console, "slips")
    console.goto(f"{base}/settings")
    hours = console.locator("form:has(#c-hours)")
    hours.locator("[name='what.closes']").fill("23:30")
    hours.locator("[name=why]").fill("系统升级")
    hours.locator("[type=submit]").click()
    console.wait_for_selector(".settings-standing li")
    time.sleep(1)
    take(console, "settings")
    console.locator("[data-do=end-override]").click()


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as (hall, sign_in), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
        page, console = context.new_page(), context.new_page()
        page.goto(hall)
        console.goto(sign_in)
        time.sleep(PEOPLE_COME_IN)
        page.bring_to_front()
        wait(lambda: bool(page.evaluate(LIT)))
        take(page, "demo", whole=True)
        base = sign_in.partition("/enter")[0]
        console.bring_to_front()
        for name, path in (("dispatch", "/"), ("window", "/window/window-3"), ("board", "/board")):
            console.goto(base + path)
            time.sleep(4)
            take(console, name)
        desk(console, base)
        console.set_viewport_size({"width": 390, "height": 844})
        console.goto(base + "/window/window-3?lang=en")
        time.sleep(2)
        take(console, "window-phone")
        browser.close()


if __name__ == "__main__":
    main()
