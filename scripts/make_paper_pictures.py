"""Takes the pictures of printed paper for the docs: `make pictures ONLY=paper` writes docs/pictures/paper-*.png.

They come from the printers' real bytes through the simulated printer. Whenever a template has changed, run this and look at them.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHEETS: dict[str, tuple[tuple[str, ...], ...]] = {
    "paper-tickets": (("ticket", "--logo"), ("priority-ticket", "--paper", "58"), ("ticket", "--large", "--reprint")),
    "paper-slips": (("acceptance", "--logo"), ("requirements",), ("collection",)),
    "paper-more": (("appointment-ticket", "--language", "en"), ("test-page",), ("note", "--paper", "58")),
}


def logo(path: Path) -> None:
    """A made-up emblem: a hall with columns in a ring, with soft shades that have to be dithered."""
    image = Image.new("RGBA", (480, 480), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 10, 470, 470), fill="#e8eef4", outline="#123a63", width=16)
    pen.polygon([(100, 190), (240, 95), (380, 190)], fill="#123a63")
    for left in range(115, 350, 62):
        pen.rectangle((left, 205, left + 38, 335), fill="#2f6ea8")
    pen.rectangle((95, 345, 385, 380), fill="#123a63")
    image.resize((160, 160), Image.Resampling.LANCZOS).save(path)


def preview(words: Sequence[str], emblem: Path, out: Path) -> Image.Image:
    """One sheet."""
    given = [word for one in words for word in ((one, str(emblem)) if one == "--logo" else (one,))]
    subprocess.run([sys.executable, "-m", "hallware.main", "preview", *given, "--out", str(out)], check=True)
    with Image.open(out) as sheet:
        return sheet.copy()


def side_by_side(sheets: Sequence[Image.Image]) -> Image.Image:
    """Sheets on one table."""
    table = Image.new(
        "L", (sum(sheet.width for sheet in sheets), max(sheet.height for sheet in sheets)), sheets[0].getpixel((0, 0))
    )
    left = 0
    for sheet in sheets:
        table.paste(sheet, (left, 0))
        left += sheet.width
    return table


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        emblem = Path(folder) / "logo.png"
        logo(emblem)
        for name, sheets in SHEETS.items():
            pages = [preview(words, emblem, Path(folder) / "page.png") for words in sheets]
            side_by_side(pages).save(PICTURES / f"{name}.png", optimize=True)
            print(PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
