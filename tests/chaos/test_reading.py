"""Numbers are read off pixels wherever they stand, and nothing else is taken for one."""

from base64 import b64encode

from devices.lettering import Row, Typesetter
from tests.chaos.reading import numbers


def seen(text: str, *, width: int = 192, offset: int = 0, powered: bool = True) -> tuple[str, ...]:
    """What is read off a board with this text."""
    pixels = Typesetter(width, 16, lambda character: None).page((Row(text, offset=offset),))
    return numbers({"pixels": b64encode(pixels).decode(), "width": width, "powered": powered})


def test_a_number_is_read_out_of_its_sentence() -> None:
    assert seen("请A012号到3号窗口") == ("A012",)
    assert seen("A1600→2号窗口") == ("A1600",)


def test_several_numbers_are_read_from_left_to_right() -> None:
    assert seen("A012→1 B003→2") == ("A012", "B003")


def test_a_scrolled_number_is_read_wherever_it_stands() -> None:
    for offset in range(16):
        assert "B123" in seen("请B123号到2号窗口办理社会保障业务请携带证件", width=128, offset=offset)


def test_words_and_windows_are_no_numbers() -> None:
    assert seen("欢迎光临，请先取号") == ()
    assert seen("请到3号窗口") == ()
    assert seen("12:30 B2") == ()


def test_a_dark_board_shows_nothing() -> None:
    assert seen("请A012号到3号窗口", powered=False) == ()
