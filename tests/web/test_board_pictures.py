"""The pages say how old each board's picture is, and since when and by how much it is behind."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from controller.view import BoardView
from tests.web.clock import Clock
from tests.web.hall import PaperHall

LATE = {
    "zh": "画面自 {} 起落后 2 版",
    "en": "Picture behind since {}, by 2 versions",
}


def words(html: str) -> str:
    """The text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def seen(staff: httpx.AsyncClient, path: str, lang: str) -> str:
    return words((await staff.get(path, params={"lang": lang})).text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/devices"])
async def test_a_late_board_is_named_with_time_and_versions(
    staff: httpx.AsyncClient, hall: PaperHall, clock: Clock, lang: str, path: str
) -> None:
    now = clock()
    hall.board(BoardView(board="board-main", told=9, shown=9, since=now))
    hall.board(
        BoardView(board="board-1", told=9, shown=7, since=now, behind=2, behind_since=now - timedelta(seconds=50), late=True)
    )
    page = await seen(staff, path, lang)
    assert LATE[lang].format(f"{now - timedelta(seconds=50):%H:%M:%S}") in page
    if path == "/":
        assert ("1/2 块屏的画面是最新" if lang == "zh" else "1 of 2 show the newest picture") in page


@pytest.mark.parametrize(("lang", "says"), [("zh", "2 块屏的画面都是最新"), ("en", "All 2 show the newest picture")])
async def test_boards_in_step_are_a_line(staff: httpx.AsyncClient, hall: PaperHall, clock: Clock, lang: str, says: str) -> None:
    now = clock()
    hall.board(BoardView(board="board-main", told=9, shown=9, since=now))
    hall.board(BoardView(board="board-1", told=9, shown=8, since=now, behind=1, behind_since=now))  # on its way
    assert says in await seen(staff, "/", lang)
    page = (await staff.get("/devices", params={"lang": lang})).text
    picture = page[page.index('<p class="picture">') :].partition("</p>")[0]
    assert f'data-ago="{now.isoformat()}"' in picture


@pytest.mark.parametrize(("lang", "says"), [("zh", "没有报告画面"), ("en", "Has not said what it shows")])
async def test_a_board_that_has_said_nothing_is_told_so(staff: httpx.AsyncClient, hall: PaperHall, lang: str, says: str) -> None:
    hall.board(BoardView(board="board-main", told=9))
    assert says in await seen(staff, "/", lang)
