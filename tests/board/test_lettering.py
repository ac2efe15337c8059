"""Lettering: text as crisp pixels."""

import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from devices.lettering import FONT, Row, Typesetter

WORDS = "请A012号到3号窗口"


def page(width: int, height: int, *rows: Row) -> Image.Image:
    return Image.frombytes("1", (width, height), Typesetter(width, height, refuse).page(rows))


def refuse(character: str) -> None:
    raise AssertionError(f"the font lacks {character!r}")


def set_in(width: int, text: str, scale: int = 1) -> Image.Image:
    return page(width, 16 * scale, Row(text, scale))


def rows_of(image: Image.Image) -> list[str]:
    return ["".join("#" if image.getpixel((x, y)) else "." for x in range(image.width)) for y in range(image.height)]


def drawn_by_pillow(text: str, size: int, width: int) -> Image.Image:
    image = Image.new("1", (width, size))
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    pen.text((0, 0), text, font=ImageFont.truetype(FONT, size), fill=1)
    return image


def test_the_letter_a_is_these_pixels() -> None:
    assert rows_of(set_in(8, "A")) == [
        "........", "........", "........", "........", "...##...", "..#..#..", "..#..#..", ".#....#.",
        ".#....#.", ".######.", ".#....#.", ".#....#.", ".#....#.", ".#....#.", "........", "........",
    ]  # fmt: skip


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("text", [WORDS, "Window 3: é→①", "，。：「」１２Ａ", "W"])
def test_a_line_is_what_pillow_draws_with_the_same_font(text: str, scale: int) -> None:
    width = scale * Typesetter(128, 16, refuse).width(text)
    assert set_in(width, text, scale).tobytes() == drawn_by_pillow(text, 16 * scale, width).tobytes()


def test_latin_is_one_cell_wide_and_chinese_two() -> None:
    width = Typesetter(128, 16, refuse).width
    assert (width(""), width("A012"), width("请到窗口"), width(WORDS)) == (0, 32, 64, 136)


def test_a_character_outside_the_font_is_a_box_and_reported_once() -> None:
    missing: list[str] = []
    setter = Typesetter(32, 16, missing.append)
    shown = Image.frombytes("1", (32, 16), setter.page((Row("A龘B"),)))
    setter.page((Row("龘🙂"),))
    assert missing == ["龘", "🙂"]
    assert rows_of(shown)[1] == "." * 9 + "#" * 14 + "." * 9
    assert setter.width("🙂") == 16


def test_a_line_break_in_a_notice_is_a_space() -> None:
    assert set_in(40, "a\nb\tc").tobytes() == set_in(40, "a b c").tobytes()


def test_an_empty_row_is_dark() -> None:
    assert page(128, 16, Row("")).getbbox() is None
    assert page(128, 16).getbbox() is None


def test_a_short_row_stands_in_the_middle() -> None:
    assert page(64, 16, Row("AB")).crop((24, 0, 40, 16)).tobytes() == set_in(16, "AB").tobytes()
    assert page(64, 24, Row("AB")).crop((24, 4, 40, 20)).tobytes() == set_in(16, "AB").tobytes()


@pytest.mark.parametrize("offset", [0, 1, 7, 8, 10, 63, 72])
def test_a_long_row_moves_pixel_by_pixel(offset: int) -> None:
    whole = drawn_by_pillow(WORDS, 16, 136)
    assert page(64, 16, Row(WORDS, 1, offset)).tobytes() == whole.crop((offset, 0, offset + 64, 16)).tobytes()


def test_a_dark_row_keeps_its_place() -> None:
    two = page(64, 32, Row("AB", lit=False), Row("CD"))
    assert two.crop((0, 0, 64, 16)).getbbox() is None
    assert two.crop((24, 16, 40, 32)).tobytes() == set_in(16, "CD").tobytes()


@pytest.mark.parametrize(("height", "margin"), [(24, 4), (40, 12)])
def test_a_dark_row_with_a_margin_has_bars_above_and_below_it(height: int, margin: int) -> None:
    blinking = page(64, height, Row("AB", lit=False))
    bar = Image.new("1", (64, 2), 1).tobytes()
    assert blinking.crop((0, 0, 64, 2)).tobytes() == blinking.crop((0, height - 2, 64, height)).tobytes() == bar
    assert blinking.crop((0, 2, 64, height - 2)).getbbox() is None
    assert page(64, height, Row("AB")).crop((0, 0, 64, margin)).getbbox() is None


def test_a_board_lower_than_its_letters_shows_their_middle() -> None:
    assert page(16, 8, Row("AB")).tobytes() == set_in(16, "AB").crop((0, 4, 16, 12)).tobytes()


def test_chequers_light_every_pixel_between_them() -> None:
    setter = Typesetter(64, 16, refuse)
    both = bytes(a ^ b for a, b in zip(setter.chequered(0), setter.chequered(1), strict=True))
    assert both == setter.lit() == b"\xff" * 128
    assert setter.chequered(0)[:1] != setter.chequered(0)[8:9]


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
