"""Several callers and raters on one line: addresses, lines that hear themselves, and node.toml's word on all of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.calling import WindowState
from contract.rating import RatingInvite
from contract.settings import BadSettings, parse
from contract.topics import RATING_INVITE, WINDOW_STATE
from contract.values import Text
from firmware.config import NodeConfig
from firmware.config_keys import CALLER_KEYS, CallerConfig, RaterConfig
from tests.keys.place import CALLERS, LINE, RATERS, Place, at_work

NODE = '[node]\nid = "n"\nhall = "h"\n'


class Mirror:
    """A two-wire adapter that hears what it sends itself."""

    def hear(self, data: bytes, now: float) -> bytes:
        return data

    def work(self, now: float) -> tuple[bytes, float | None]:
        return b"", None


def calling(**fields: object) -> WindowState:
    state = WindowState(
        window="w3", name=Text(zh="3号窗口", en="Window 3"), at=datetime.now(UTC), state="open", stage="called", number="A031"
    )
    return replace(state, **fields)


def mirrored(place: Place) -> None:
    place.simulation.bench.peripherals["caller"].line.join(Mirror())  # type: ignore[attr-defined]


async def test_two_callers_on_one_line_press_at_the_same_time_for_their_own_windows(tmp_path: Path) -> None:
    other = replace(CALLERS["ff68"], id="caller-2", window="w4", address=6)
    async with at_work(tmp_path, CALLERS["ff68"], other) as place:
        await asyncio.gather(place.do("caller", "press", key="next"), place.do("caller-2", "press", key="recall"))
        await place.stations["caller"].until(lambda: place.orders("caller") == ["next"])
        await place.stations["caller-2"].until(lambda: place.orders("caller-2") == ["recall"])
        for device, number in (("caller", "A037"), ("caller-2", "B001")):
            place.stations[device].tell(WINDOW_STATE, calling(number=number))
        await place.shows("caller", digits="   037")
        await place.shows("caller-2", digits="   001")
        for device in ("caller", "caller-2"):
            await place.shows(device, acknowledged=True)


async def test_a_line_that_hears_itself_presses_no_key_of_a_four_key_caller(tmp_path: Path) -> None:
    async with at_work(tmp_path, CALLERS["four-key"]) as place:
        mirrored(place)
        station = place.stations["caller"]
        for state, lamp in (
            (calling(stage="idle", state="paused"), "red"),
            (calling(), "blink-red"),
            (calling(stage="serving"), "green"),
            (calling(stage="idle"), "off"),
        ):
            station.tell(WINDOW_STATE, state)
            await place.shows("caller", lamp=lamp)
        await asyncio.sleep(0.15)
        assert (place.orders(), station.counts) == ([], {})
        await place.do("caller", "press", key="next")
        await station.until(lambda: place.orders() == ["next"])


@pytest.mark.parametrize("answers", [False, True])
async def test_a_line_that_hears_itself_presses_no_key_and_rates_nothing(tmp_path: Path, answers: bool) -> None:
    devices = (replace(CALLERS["ff68"], answers=answers), replace(RATERS["ff68"], answers=answers))
    async with at_work(tmp_path, *devices) as place:
        mirrored(place)
        caller, rater = place.stations["caller"], place.stations["rater"]
        now = datetime.now(UTC)
        invitation = RatingInvite(rating="rating-1", window="w3", at=now, not_after=now + timedelta(seconds=60))
        rater.tell(RATING_INVITE, invitation)
        caller.tell(WINDOW_STATE, calling())
        await place.shows("caller", digits="   031")
        await place.do("caller", "press", key="next")
        await caller.until(lambda: place.orders() == ["next"])
        await place.do("rater", "press", key="4")
        await rater.until(lambda: place.levels() == [4])
        await asyncio.sleep(0.15)
        assert (len(caller.facts), len(rater.facts)) == (1, 1)
        assert caller.counts["repeated-press"] == rater.counts["refused-press"] == 0


# What node.toml may say.


def serial(kind: str, name: str, address: int, **more: str) -> str:
    rest = "".join(f"{key} = {value}\n" for key, value in more.items())
    table = f'[[device]]\nkind = "{kind}"\nid = "{name}"\nwindow = "w"\ndialect = "ff68"\nwire = "{LINE}"\naddress = {address}\n'
    return table + rest


RATER_5 = serial("rater", "r", 5, codes='{ "01" = "5" }')
CALLER_5 = serial("caller", "c", 5)


KEYPAD = f'[[device]]\nkind = "caller"\nid = "k"\nwindow = "w"\nwire = "{LINE}"\n'


def test_a_caller_and_a_rater_may_share_line_and_address() -> None:
    config = parse(NODE + CALLER_5 + RATER_5, NodeConfig, name="node.toml")
    assert [type(device) for device in config.device] == [CallerConfig, RaterConfig]


def test_a_dialect_brings_its_own_keys() -> None:
    (caller,) = parse(NODE + CALLER_5, NodeConfig, name="node.toml").device
    assert isinstance(caller, CallerConfig)
    assert caller.keys == CALLER_KEYS["ff68"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CALLER_5 + serial("caller", "d", 5), f"place on a bus `{LINE}, ff68 caller, address 5` is used more than once"),
        (CALLER_5.replace("address = 5\n", ""), "device `c`: `ff68` needs `address`"),
        (CALLER_5 + 'keys = { "0c" = "next" }\n', "device `c`: there is no key `0c`; write the byte that it sends, such as `0C`"),
        (CALLER_5 + 'keys = { "caled+0C" = "next" }\n', "device `c`: key `caled+0C`: there is no `caled`; a window is closed"),
        (CALLER_5 + 'keys = { "0C" = "nxt" }\n', "`device[0].keys`: Invalid enum value 'nxt'"),
        (CALLER_5.replace('"ff68"', '"keypad"'), "device `c`: `keypad` has no `address`; leave it out"),
        (serial("rater", "r", 5), "device `r`: a rater `ff68` needs `codes`"),
        (RATER_5.replace('"5"', '"6"'), "`device[0].codes"),
        (RATER_5.replace('"01"', '"1"'), "device `r`: there is no key `1`"),
        (
            RATER_5.replace('"ff68"', '"jtt905"').replace("address = 5\n", ""),
            "device `r`: a rater `jtt905` needs `rating_command`",
        ),
        ('[[device]]\nkind = "rater"\nid = "r"\nwindow = "w"\n', "device `r`: a rater on GPIO lines needs `keys`"),
        (
            '[[device]]\nkind = "rater"\nid = "r"\nwindow = "w"\nkeys = [{ line = 4 }]\n',
            "the rating key on line 4 needs either `level` or `means`",
        ),
        (
            RATER_5 + f'[[device]]\nkind = "caller"\nid = "k"\nwindow = "w"\nwire = "{LINE}"\n',
            f"wire `{LINE}` is used more than once",
        ),
    ],
)
def test_a_mistake_is_named_with_its_remedy(text: str, words: str) -> None:
    with pytest.raises(BadSettings) as caught:
        parse(NODE + text, NodeConfig, name="node.toml")
    assert words in str(caught.value)
