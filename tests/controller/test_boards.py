"""Which picture each board shows: in step, behind since when and by how much, and when nobody can know."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from broker_config.process import MosquittoProcess
from contract import dispatch, topics
from contract.calling import BoardPicture, PictureShown
from contract.values import Text
from controller.boards import LATE, BoardWatch
from hallware.commands import watch_boards
from tests.controller.play import Client, now, running_hall, until

NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def picture(version: int, at: datetime = NOON) -> BoardPicture:
    return BoardPicture(board="main", version=version, at=at, idle=Text(zh="欢迎", en="Welcome"))


def shown(version: int, since: datetime = NOON) -> PictureShown:
    return PictureShown(device="main", version=version, since=since)


def looks(watch: BoardWatch, times: int) -> list[bool]:
    return [watch.look() for _ in range(times)]


def test_a_board_that_shows_what_it_was_told_is_in_step_since_then() -> None:
    watch = BoardWatch()
    watch.tell(picture(7))
    assert watch.hear(shown(7, NOON + SECOND))
    assert not watch.hear(shown(7, NOON + SECOND))
    assert looks(watch, 9) == [False] * 9
    view = watch.of("main")
    assert (view.told, view.shown, view.since, view.behind, view.late) == (7, 7, NOON + SECOND, 0, False)


def test_a_board_is_behind_since_the_first_picture_that_it_lacks() -> None:
    watch = BoardWatch()
    watch.hear(shown(7))
    for version in (7, 8, 9):
        watch.tell(picture(version, NOON + version * SECOND))
    assert looks(watch, LATE) == [False] * (LATE - 1) + [True]
    view = watch.of("main")
    assert (view.shown, view.behind, view.behind_since, view.late) == (7, 2, NOON + 8 * SECOND, True)
    watch.hear(shown(9))
    assert (watch.of("main").behind, watch.of("main").late) == (0, False)


def test_a_board_that_follows_quick_pictures_is_never_late() -> None:
    watch = BoardWatch()
    for version in range(1, 30):
        watch.tell(picture(version))
        assert not watch.look()
        watch.hear(shown(version))


def test_a_version_that_this_database_does_not_know_is_behind_the_newest() -> None:
    watch = BoardWatch()
    watch.hear(shown(90))
    watch.tell(picture(12, NOON))
    looks(watch, LATE)
    assert (watch.of("main").behind, watch.of("main").behind_since, watch.of("main").late) == (1, NOON, True)


def test_of_a_board_that_says_nothing_nothing_is_claimed() -> None:
    watch = BoardWatch()
    watch.tell(picture(3))
    assert looks(watch, 9) == [False] * 9
    assert (watch.of("main").shown, watch.of("main").behind, watch.of("main").late) == (None, 0, False)
    assert watch.of("other").told is None


def test_the_terminal_says_how_old_and_how_far_behind() -> None:
    watch = BoardWatch()
    watch.tell(picture(7))
    assert [words for _, words in watch_boards.rows(watch, (), NOON)] == [("没有报告画面", "has not said what it shows")]
    watch.hear(shown(7))
    later = NOON + timedelta(seconds=3)
    assert [words for _, words in watch_boards.rows(watch, (), later)] == [("最新，3 秒前更新", "newest, 3 s old")]
    assert [words for _, words in watch_boards.rows(watch, {"main"}, later)] == [("未知，节点离线", "unknown, its node is away")]
    watch.tell(picture(8, NOON))
    watch.tell(picture(9, later))
    looks(watch, LATE)
    clock = f"{NOON.astimezone():%H:%M:%S}"
    assert [words for _, words in watch_boards.rows(watch, (), later)] == [
        (f"自 {clock} 起落后 2 版", f"behind since {clock}, by 2 versions")
    ]


async def test_the_controller_compares_what_boards_say_with_what_it_told_them(broker: MosquittoProcess, tmp_path: Path) -> None:
    async with Client(broker) as client, running_hall(broker, tmp_path) as hall:
        told = await client.said(topics.BOARD_PICTURE, board="strip-1")

        async def say(version: int, node: str = "desk") -> None:
            said = PictureShown(device="strip-1", version=version, since=now())
            await client.link.say(topics.PICTURE_SHOWN, said, node=node, device="strip-1")

        def of() -> tuple[int | None, int, bool]:
            view = next(board for board in hall.view().boards if board.board == "strip-1")
            return view.shown, view.behind, view.late

        await say(told.version)
        await until(lambda: of() == (told.version, 0, False))
        await client.ask(dispatch.IssueTicket(service="social"))
        await client.ask(dispatch.CallNext(window="w1"))
        await until(lambda: of() == (told.version, 1, True))
        await say(told.version + 1)
        await until(lambda: of() == (told.version + 1, 0, False))
        await say(told.version, node="entrance")
        await until(lambda: hall.view().counts.get("foreign-device") == 1)
        assert of() == (told.version + 1, 0, False)
