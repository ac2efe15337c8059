"""Takes the picture of a running demonstration for the README: `.venv/bin/python -m scripts.make_demo_picture`.

Whenever the page's look has changed, run this and look at the result.
"""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import CHROMIUM, SWITCHES

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "demo.png"
PEOPLE_COME_IN = 40.0
LIT = """() => [...document.querySelectorAll("figure.main canvas, figure.zone canvas")].every(canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.some((value, i) => i % 4 === 0 && value > 120);
})"""


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
                    links = re.findall(r"http://127\.0\.0\.1:\S+", (Path(folder) / "said").read_text())
                yield links[0]
            finally:
                process.terminate()


def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Return when `condition` holds, or after so long without it."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)


def main() -> None:
    """Take it."""
    with demo() as hall, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        page = browser.new_page(locale="zh-CN", viewport={"width": 1440, "height": 1000})
        page.goto(hall)
        time.sleep(PEOPLE_COME_IN)
        wait(lambda: bool(page.evaluate(LIT)))
        page.screenshot(path=PICTURE, full_page=True)
        print(PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
