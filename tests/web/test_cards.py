"""Every device and node has a card to be printed, whose code leads to its place on the devices page."""

from pathlib import Path

import httpx
import zxingcpp
from litestar import Litestar
from PIL import Image, ImageDraw

from controller.cards import cards
from controller.config import parse_hall
from controller.web.cards_sheet import code, sheet
from hallware.main import main
from tests.controller.halls import text
from tests.web.hall import PaperHall

HALL = parse_hall(text("sqlite://"), name="hall.toml")


def read(svg: str) -> str:
    """What a phone reads in a code."""
    size = int(svg.split('viewBox="0 0 ')[1].split()[0])
    picture = Image.new("L", (size * 8, size * 8), 255)
    draw = ImageDraw.Draw(picture)
    for square in svg.split(' d="')[1].split('"')[0].split("z")[:-1]:
        x, y = (int(part) for part in square[1:].split("h")[0].split())
        draw.rectangle((x * 8, y * 8, x * 8 + 7, y * 8 + 7), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def test_each_node_comes_before_its_devices_and_each_says_where_it_belongs() -> None:
    made = {card.id: card for card in cards(HALL, "https://hall.example/")}
    assert list(made)[:4] == ["entrance", "kiosk-1", "kiosk-2", "scanner-1"]
    assert (made["caller-1"].where, made["room-1"].where) == (HALL.window[0].name.text, HALL.room[0].name.text)
    assert made["strip-1"].where == HALL.window[0].name.text, "a board is for the window of its table"
    assert made["desk"].where is not None
    assert made["desk"].where.en == "caller-1, rater-1, strip-1"


def test_a_phone_reads_the_way_to_the_device() -> None:
    (rater,) = (card for card in cards(HALL, "https://hall.example/") if card.id == "rater-1")
    assert read(str(code(rater.link))) == "https://hall.example/devices#device-rater-1"


async def test_the_page_and_the_place_it_leads_to(staff: httpx.AsyncClient, hall: PaperHall, app: Litestar) -> None:
    page = await staff.get("/nodes/cards")
    assert page.status_code == 200
    assert "<style" not in page.text, "a page takes its style from a file alone"
    known = [str(table["id"]) for node in hall.config.node for table in node.device]
    assert all(f">{device}</p>" in page.text for device in known)
    devices = (await staff.get("/devices")).text
    assert all(f'id="device-{device.device}"' in devices for node in hall.view().nodes for device in node.devices)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hall.test") as nobody:  # type: ignore[arg-type]
        assert (await nobody.get("/nodes/cards")).status_code in (303, 401)


def test_the_command_writes_one_file_that_needs_no_other(tmp_path: Path) -> None:
    (tmp_path / "hall.toml").write_text(text("sqlite://"), encoding="utf-8")
    assert main(["nodes", str(tmp_path / "hall.toml"), "cards", "--into", str(tmp_path / "cards.html")]) == 0
    made = (tmp_path / "cards.html").read_text(encoding="utf-8")
    assert made.count('<section class="label">') == made.count("<svg") == sum(1 + len(node.device) for node in HALL.node)
    assert "@page" in made
    assert "<link" not in made


def test_names_of_a_hall_cannot_break_the_page() -> None:
    odd = parse_hall(text("sqlite://").replace('place = "door"', 'place = "<script>x</script>"'), name="hall.toml")
    assert "<script>x" not in sheet(odd.hall.name.text, cards(odd, ""))
