"""Takes the picture of a running demonstration, in both languages: `make pictures ONLY=demo`.

Whenever the page's look has changed, run this and look at the result.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.chromium import CHROMIUM, SWITCHES

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1440, "height": 1000}
PEOPLE_COME_IN = 40.0
AT_WORK = """() => !/失联|未知|lost|unknown/.test(document.body.innerText)
  && [...document.querySelectorAll("figure.main canvas, figure.zone canvas")].every(canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, i) => i % 4 === 0 && value > 120);
})"""
"""Every big board shows something, and a busy machine has made no program wait so long that others call it lost."""


@contextmanager
def demo() -> Iterator[str]:
    """A running hall: the link of its page."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "said").open("wb") as out:
        words = [sys.executable, "-m", "hallware.main", "demo", "--speed", "2", "--keep", folder]
        with subprocess.Popen(words, stdout=out, stderr=out) as process:
            try:
                links: list[str] = []
                while not links:
                    time.sleep(0.5)
                    links = re.findall(r"http://127\.0\.0\.1:\S+key=\S+", (Path(folder) / "said").read_text())
                yield links[0]
            finally:
                process.terminate()


def wait(page: Page, seconds: float = 180.0) -> None:
    """Return when the hall on the page is at work, or after so long without it."""
    end = time.monotonic() + seconds
    while not page.evaluate(AT_WORK) and time.monotonic() < end:
        time.sleep(0.05)


def main() -> None:
    """Take it."""
    with demo() as hall, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        pages = {language: browser.new_page(locale=language, viewport=SIZE) for language in ("zh-CN", "en-GB")}
        for page in pages.values():
            page.goto(hall)
        time.sleep(PEOPLE_COME_IN)
        for language, page in pages.items():
            wait(page)
            picture = PICTURES / language[:2] / "demo.png"
            page.screenshot(path=picture, full_page=True)
            print(picture)
        browser.close()


if __name__ == "__main__":
    main()
