"""Lettering: text as crisp pixels."""

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from devices.lettering import FONT, Lettering, Row, Typesetter


def rows_of(image: Image.Image) -> list[str]:
    return ["".join("#" if image.getpixel((x, y)) else "." for x in range(image.width)) for y in range(image.height)]


def drawn_by_pillow(text: str, size: int, width: int) -> Image.Image:
    image = Image.new("1", (width, size))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    pen.text((0, 0), text, font=ImageFont.truetype(FONT, size), fill=1)
    return image


def test_the_letter_a_is_these_pixels() -> None:
    assert rows_of(Lettering().line("A")) == [
        "........", "........", "........", "........", "...##...", "..#..#..", "..#..#..", ".#....#.",
        ".#....#.", ".######.", ".#....#.", ".#....#.", ".#....#.", ".#....#.", "........", "........",
    ]  # fmt: skip


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("text", ["请A012号到3号窗口", "Window 3: é→①", "，。：「」１２Ａ", "W"])
def test_a_line_is_what_pillow_draws_with_the_same_font(text: str, scale: int) -> None:
    lettering = Lettering(scale)
    line = lettering.line(text)
    assert line.size == (lettering.width(text), 16 * scale)
    assert line.tobytes() == drawn_by_pillow(text, 16 * scale, line.width).tobytes()


def test_latin_is_one_cell_wide_and_chinese_two() -> None:
    assert Lettering().width("A012") == 32
    assert Lettering().width("请到窗口") == 64
    assert Lettering().width("请A012号到3号窗口") == 136
    assert Lettering(2).width("请A") == 48


def test_a_character_outside_the_font_is_a_box_and_reported_once() -> None:
    missing: list[str] = []
    lettering = Lettering(missing=missing.append)
    line = lettering.line("A龘B")
    again = lettering.line("龘🙂")
    assert missing == ["龘", "🙂"]
    assert line.width == 32
    assert rows_of(line.crop((8, 0, 24, 16)))[1] == "." + "#" * 14 + "."
    assert again.width == 32


def test_a_line_break_in_a_notice_is_a_space() -> None:
    missing: list[str] = []
    assert Lettering(missing=missing.append).line("a\nb\tc").tobytes() == Lettering().line("a b c").tobytes()
    assert missing == []


def test_an_empty_text_has_no_width() -> None:
    assert Lettering().line("").size == (0, 16)
    assert Typesetter(128, 16).page((Row(""),)).getbbox() is None


def test_a_short_row_stands_in_the_middle_and_a_long_one_moves_to_the_left() -> None:
    setter = Typesetter(64, 16)
    assert setter.page((Row("AB"),)).crop((24, 0, 40, 16)).tobytes() == Lettering().line("AB").tobytes()
    whole = Lettering().line("请A012号到3号窗口")
    assert setter.page((Row("请A012号到3号窗口", 1, 10),)).tobytes() == whole.crop((10, 0, 74, 16)).tobytes()


def test_a_dark_row_keeps_its_place() -> None:
    page = Typesetter(64, 32).page((Row("AB", lit=False), Row("CD")))
    assert page.crop((0, 0, 64, 16)).getbbox() is None
    assert page.crop((24, 16, 40, 32)).tobytes() == Lettering().line("CD").tobytes()


def test_the_font_has_every_character_of_gb2312_and_the_arrows() -> None:
    with TTFont(FONT) as font:
        has = set(font.getBestCmap())
        licence = font["name"].getDebugName(13)
    cells = [bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    hanzi = {ord(cell.decode("gb2312")) for cell in cells if cell.decode("gb2312", "ignore")}
    assert len(hanzi) == 6763
    assert hanzi <= has
    assert set(range(0x20, 0x7F)) | set(map(ord, "←↑→↓，。：！？（）①█─│é§°")) <= has
    assert "SIL Open Font License" in licence
    assert "SIL OPEN FONT LICENSE" in FONT.with_name("OFL.txt").read_text(encoding="utf-8")
