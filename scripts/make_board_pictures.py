"""Draws the boards' layouts as LEDs: `make pictures ONLY=board` writes docs/pictures/board-layouts.png.

Whenever a layout or the lettering has changed, run this and look at the result.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from contract.calling import BoardPicture, CallLine, NoticeLine
from contract.values import Text
from devices.lettering import FONT, Typesetter
from firmware.agents.board_rules import BoardRules, Instant
from firmware.agents.board_sheet import of_pixels
from firmware.config import BoardConfig

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "board-layouts.png"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PITCH, GAP, COLUMN = 4, 26, 256
LIT, DARK, GROUND, INK = (255, 70, 40), (48, 16, 12), (14, 10, 10), (150, 160, 170)
NOTICE = "今日不动产登记窗口延时服务至十九点，请已取号的群众耐心等候"

ROWS = [
    ("window 128x16", {"layout": "window", "window": "w3"}, 0.0),
    ("window 128x24", {"layout": "window", "window": "w3", "height": 24}, 0.0),
    ("window 128x24, new call, dark half", {"layout": "window", "window": "w3", "height": 24}, -1.0),
    ("window 128x32", {"layout": "window", "window": "w3", "height": 32}, 0.0),
    ("window 128x16, second language", {"layout": "window", "window": "w3", "languages": ("zh", "en")}, 4.0),
    ("calls 128x32", {"height": 32}, 0.0),
    ("main 128x64", {"layout": "main", "height": 64}, 0.0),
    ("main 256x64", {"layout": "main", "width": 256, "height": 64}, 0.0),
    ("notices 128x32, first page", {"layout": "notices", "height": 32}, 0.0),
    ("notices 128x32, second page", {"layout": "notices", "height": 32}, 4.0),
    ("notices 256x64", {"layout": "notices", "width": 256, "height": 64}, 0.0),
]
"""What is written above each board, its settings, and the second at which it is looked at; -1: the dark half of a blink."""


def picture() -> BoardPicture:
    """Some calls and a notice."""
    calls = tuple(
        CallLine(
            call=f"call-000{n}", at=NOON - timedelta(seconds=9 * n), number=f"{prefix}{number:03}", window=f"w{window}",
            window_name=Text(zh=f"{window}号窗口", en=f"Window {window}"),
        )
        for n, (prefix, number, window) in enumerate([("A", 12, 3), ("B", 7, 5), ("A", 11, 1), ("C", 102, 8)])
    )  # fmt: skip
    notice = NoticeLine(notice="notice-0001", text=Text(zh=NOTICE, en="Property registration is open until 7 pm today"))
    return BoardPicture(board="b", version=1, at=NOON, calls=calls, notices=(notice,), idle=Text(zh="欢迎", en="Welcome"))


def drawn(config: BoardConfig, seconds: float) -> Image.Image:
    """The board at that moment, one pixel an LED."""
    setter = Typesetter(config.width, config.height, print)
    rules = BoardRules(of_pixels(config), setter.width, Instant(NOON, 0.0))
    rules.presence(True, Instant(NOON, 0.0))
    rules.see(picture(), Instant(NOON, 0.0))
    face, _ = rules.face(Instant(NOON + timedelta(seconds=max(seconds, 0.0)), max(seconds, 0.0)))
    rows = [row._replace(lit=False) if seconds < 0 else row for row in face.rows]
    return Image.frombytes("1", (config.width, config.height), setter.page(rows))


def as_leds(pixels: Image.Image) -> Image.Image:
    """Each pixel a round dot."""
    image = Image.new("RGB", (pixels.width * PITCH, pixels.height * PITCH), GROUND)
    pen = ImageDraw.Draw(image)
    for y in range(pixels.height):
        for x in range(pixels.width):
            colour = LIT if pixels.getpixel((x, y)) else DARK
            pen.ellipse((x * PITCH, y * PITCH, (x + 1) * PITCH - 2, (y + 1) * PITCH - 2), fill=colour)
    return image


def main() -> None:
    """Draw all boards one under another, wide ones over both columns."""
    boards = [(title, as_leds(drawn(BoardConfig(id="b", **settings), seconds))) for title, settings, seconds in ROWS]
    font = ImageFont.truetype(FONT, 16)
    sheet = Image.new("RGB", (2 * 128 * PITCH + 3 * GAP, 3000), (28, 33, 40))
    pen = ImageDraw.Draw(sheet)
    bottoms = [GAP, GAP]
    for title, board in boards:
        wide = board.width > 128 * PITCH
        column = 0 if wide or bottoms[0] <= bottoms[1] else 1
        top = max(bottoms) if wide else bottoms[column]
        left = GAP + column * (128 * PITCH + GAP)
        pen.text((left, top), title, font=font, fill=INK)
        sheet.paste(board, (left, top + 20))
        bottom = top + 20 + board.height + GAP
        bottoms = [bottom, bottom] if wide else [bottom if at == column else old for at, old in enumerate(bottoms)]
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    sheet.crop((0, 0, sheet.width, max(bottoms))).save(PICTURE)
    print(PICTURE)


if __name__ == "__main__":
    main()
