"""Templates as files: what they print, and what is said of one that is wrong."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from contract.commands import FieldValue, PrintSlip
from contract.topics import COMMAND
from contract.values import Text
from devices.printer import Model
from devices.receipt import Form
from devices.receipt_blocks import Line, Picture, Rule
from devices.receipt_bytes import Encoder
from devices.receipt_layout import Filling, Look, lay_out
from devices.receipt_logo import BadLogo, load_logo
from devices.receipt_template import BadFields, BadTemplate, NoTemplate, load
from devices.receipt_templates import Templates
from devices.receipt_text import cells, wrap
from tests.keys.running import command
from tests.kiosk.hall import kiosk, offer
from tests.kiosk.papers import AT, HALL, TICKET

TEMPLATES = Templates()
OURS = [template.id for template in TEMPLATES]
HEAD = 'name = { zh = "回执", en = "Receipt" }\n'
WHO = '[fields]\nwho = { zh = "谁", en = "Who", sample = "A012" }\n'
LINE = '[[part]]\nkind = "line"\ntext = "{who}"\n'


def filling(fields: dict[str, Any], **more: Any) -> Filling:
    """What is filled in, with everything that is always there."""
    return Filling(fields=fields, hall=HALL, at=AT, **{"slip": "slip0001", "device": "kiosk-1"} | more)


def texts(name: str, look: Look, **more: Any) -> list[str]:
    """The lines of a template with its samples."""
    template = TEMPLATES[name]
    fields = {field: form.sample for field, form in template.fields.items()}
    return [block.text for block in lay_out(template, filling(fields, **more), look) if isinstance(block, Line)]


def written(folder: Path, text: str, name: str = "receipt") -> Path:
    """A template's file."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_package_has_what_a_hall_needs() -> None:
    needed = {"ticket", "priority-ticket", "appointment-ticket", "acceptance", "requirements", "collection", "test-page"}
    assert needed <= set(OURS)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("columns", [32, 48])
@pytest.mark.parametrize("languages", [("zh",), ("en",), ("zh", "en"), ("en", "zh")])
@pytest.mark.parametrize("large", [False, True])
def test_every_template_prints_with_its_samples(name: str, columns: int, languages: tuple[str, ...], large: bool) -> None:
    assert texts(name, Look(columns, languages, large))


@pytest.mark.parametrize("name", OURS)
def test_a_reprint_says_so_in_every_template_at_its_end_too_so_that_either_half_of_a_broken_one_does(name: str) -> None:
    lines = texts(name, Look(48), reprint=True)
    assert lines.count("补打 REPRINT") == 2
    assert lines[-1] == "补打 REPRINT"
    assert "补打 REPRINT" not in texts(name, Look(48))


@pytest.mark.parametrize("name", [name for name in OURS if "ticket" not in name])
def test_every_slip_bears_its_number(name: str) -> None:
    assert "No. slip0001" in texts(name, Look(48))


def test_english_first_prints_english_large() -> None:
    template = TEMPLATES["note"]
    blocks = lay_out(template, filling({"title": Text(zh="社会保障", en="Social"), "text": "x"}), Look(48, ("en", "zh")))
    sizes = {block.text: block.width for block in blocks if isinstance(block, Line)}
    assert (sizes["Social"], sizes["社会保障"]) == (2, 1)


def test_a_list_is_numbered_and_what_follows_is_indented() -> None:
    long = "房屋买卖合同（已备案，一式两份，双方签字）"
    lines = texts_of("requirements", {"matter": "x", "materials": (long, "身份证")}, Look(32, ("zh",)))
    assert lines[4:6] == ["1. 房屋买卖合同（已备案，一式两\n   份，双方签字）", "2. 身份证"]


def texts_of(name: str, fields: dict[str, Any], look: Look) -> list[str]:
    """The lines of a template with these fields, without its head."""
    lines = [block.text for block in lay_out(TEMPLATES[name], filling(fields), look) if isinstance(block, Line)]
    return lines[lines.index("一次性告知单") :]


def test_a_missing_field_is_named_in_both_languages() -> None:
    with pytest.raises(BadFields, match=r"`acceptance`: missing: `case` \(受理编号 Case number\)"):
        lay_out(TEMPLATES["acceptance"], filling({"matter": "x"}), Look(48))


def test_an_unknown_field_is_named_with_what_was_meant() -> None:
    with pytest.raises(BadFields, match="`mater` is given, which is no field; did you mean `matter`"):
        lay_out(TEMPLATES["acceptance"], filling({"mater": "x", "case": "1"}), Look(48))


def test_there_is_no_such_template() -> None:
    with pytest.raises(NoTemplate, match="there is no template `recipt`; there are acceptance,"):
        TEMPLATES["recipt"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD, "part"),
        (HEAD + "[[part]\n", "is not TOML"),
        (HEAD + WHO + LINE.replace("text", "txt"), "unknown field `txt`"),
        (HEAD + WHO + LINE.replace('"line"', '"lines"'), "lines"),
        (HEAD + WHO + LINE.replace("{who}", "{how}"), "part 1 names `{how}`, which is no field; did you mean `who`"),
        (HEAD + WHO + LINE.replace("{who}", "{who"), "part 1: "),
        (HEAD + WHO + LINE.replace("{who}", "{who.zh}"), "must be a field's name alone"),
        (HEAD + WHO + LINE.replace("{who}", "{who:>9}"), "must be a field's name alone"),
        (HEAD + WHO + '[[part]]\nkind = "list"\nfield = "whom"\n', "part 1 shows `whom`"),
        (HEAD + WHO + LINE + 'when = "whom"\n', "part 1 names `{whom}`"),
        (HEAD + WHO + LINE + "size = 9\n", "size"),
        (HEAD + WHO + LINE + 'zh = "谁"\n', "a line has either `text`, or `zh` and `en`"),
        (HEAD + WHO.replace("who", "at") + LINE.replace("who", "at"), "`at` is always there"),
    ],
)
def test_a_broken_file_is_an_error_that_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadTemplate, match=r"receipt\.toml") as broken:
        load(written(tmp_path, text))
    assert says in str(broken.value)


def test_a_halls_folder_lies_over_the_package_and_adds_to_it(tmp_path: Path) -> None:
    written(tmp_path, HEAD + WHO + LINE)
    written(tmp_path, HEAD + '[[part]]\nkind = "line"\ntext = "这里"\n', "note")
    templates = Templates(tmp_path)
    assert not templates.problems
    assert templates["receipt"].name.zh == "回执"
    assert templates["note"].name.zh == "回执"
    assert templates["ticket"].name.zh == "号票"


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "receipt.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + WHO + LINE).replace("\n", "\r\n").encode())
    assert load(path).name.en == "Receipt"


def test_a_broken_file_leaves_the_packages_own_in_place(tmp_path: Path) -> None:
    written(tmp_path, HEAD + WHO + LINE, "ticket")
    written(tmp_path, "nonsense", "note")
    templates = Templates(tmp_path)
    assert [str(problem) for problem in templates.problems] == [
        "note.toml: is not TOML: Expected '=' after a key in a key/value pair (at end of document)",
        "ticket.toml: template `ticket`: the kiosk has no `who` to fill in; it has service, then, number, zone, ahead, people, "
        "next, unknown, wait, rules, qr",
    ]
    assert templates["ticket"].name.zh == "号票"


@given(st.text(max_size=60), st.sampled_from([32, 48]))
def test_whatever_stands_in_a_field_no_line_is_wider_than_the_paper(text: str, columns: int) -> None:
    fields = {"matter": text or "x", "materials": (text or "x", Text(zh=text, en=text))}
    for block in lay_out(TEMPLATES["requirements"], filling(fields), Look(columns)):
        if isinstance(block, Line):
            assert all(cells(line) <= columns // block.width for line in wrap(block.text, columns // block.width))


def test_braces_in_a_field_are_text() -> None:
    assert "{who}" in texts_of("requirements", {"matter": "{who}", "materials": "x"}, Look(48, ("zh",)))[2]


def test_a_logo_becomes_black_and_white_dots_scaled_to_the_paper(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("L", (1000, 500), 128).save(path)
    logo = load_logo(path, 384)
    assert (logo.columns, logo.rows) == (224, 115)
    black = sum(byte.bit_count() for byte in logo.data)
    assert 0.4 < black / (logo.columns * logo.rows) < 0.6, "half grey is half of the dots"


def test_what_is_transparent_in_a_logo_stays_white(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    Image.new("RGBA", (80, 8), (0, 0, 0, 0)).save(path)
    assert load_logo(path, 576) == Picture(80, 8, bytes(80))


def test_a_logo_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadLogo, match=r"logo\.png: cannot be used"):
        load_logo(written(tmp_path, "x").rename(tmp_path / "logo.png"), 576)


def test_a_picture_is_sent_in_bands_of_raster() -> None:
    """Golden bytes, computed from the layout `1D 76 30 m xL xH yL yH`."""
    data = Encoder(80, cutter=True, answers=False).encode((Picture(16, 65, bytes(range(130))), Rule())).data
    first, second = b"\x1dv0\x00\x02\x00\x40\x00" + bytes(range(128)), b"\x1dv0\x00\x02\x00\x01\x00" + b"\x80\x81"
    assert data.startswith(b"\x1b@\x1ba\x01" + first + second + b"\x1ba\x00")


def test_a_utf_8_printer_gets_no_two_byte_mode() -> None:
    """Golden bytes, computed."""
    data = Encoder(80, cutter=True, answers=False, encoding="utf-8").encode((Line("窗口3", 2, 2),)).data
    assert data == b"\x1b@\x1d!\x11\xe7\xaa\x97\xe5\x8f\xa33\n\x1d!\x00"


def test_gb18030_has_two_byte_codes_that_gbk_lacks() -> None:
    """Golden bytes, computed: the euro sign is A2E3 in GB18030."""
    data = Encoder(80, cutter=True, answers=False, encoding="gb18030").encode((Line("€"),)).data
    assert data == b"\x1b@\x1c&\x1c!\x00\xa2\xe3\x1c.\n"


def test_a_form_is_the_same_bytes_on_every_wire() -> None:
    form = Form(template="collection", fields={"matter": "社保卡", "code": "5-208", "place": "1"}, hall=HALL, slip="s1", at=AT)
    data = Model(encoding="utf-8").encode(form, TEMPLATES).data
    assert "取件通知".encode() in data
    assert data == Model(encoding="utf-8").encode(replace(form), TEMPLATES).data


async def test_an_order_prints_a_named_template(tmp_path: Path) -> None:
    fields: dict[str, FieldValue] = {
        "matter": Text(zh="社会保障卡", en="Social security card"),
        "code": "5-208-17",
        "place": "一楼",
    }
    async with kiosk(tmp_path, told=offer()) as at:
        slip = PrintSlip(slip="slip0001", template="collection", fields=fields, reprint=True)
        at.station.tell(COMMAND, command("kiosk-1", slip))
        await at.station.until(lambda: at.station.answers)
        assert at.station.answers[0].outcome == "done"
        (page,) = at.pages
        for words in ("取件通知", "5-208-17", "Social security card", "补打", "No. slip0001"):
            assert words in page.text


async def test_an_order_with_a_wrong_field_is_refused_and_says_which(tmp_path: Path) -> None:
    async with kiosk(tmp_path, told=offer()) as at:
        for template in ("collection", "recipt"):
            slip = PrintSlip(slip="slip0001", template=template, fields={"mater": "x"})
            at.station.tell(COMMAND, command("kiosk-1", slip))
        await at.station.until(lambda: len(at.station.answers) == 2)
        assert [answer.outcome for answer in at.station.answers] == ["refused", "refused"]
        assert "`mater`" in at.station.answers[0].what.en
        assert "there is no template `recipt`" in at.station.answers[1].what.en
        assert not at.pages


async def test_a_kiosk_with_a_broken_template_says_so_and_gives_tickets(tmp_path: Path) -> None:
    written(tmp_path, "nonsense", "ticket")
    async with kiosk(tmp_path, told=offer(), ready=False, slips={"templates": tmp_path}) as at:
        await at.code("template-broken")
        assert "ticket.toml" in at.station.states[-1][2].zh
        await at.press()
        (page,) = await at.tickets(1)
        assert "A001" in page.text


async def test_a_changed_template_counts_from_the_next_receipt_on_and_a_broken_one_leaves_the_last_good_one(
    tmp_path: Path,
) -> None:
    own = 'name = { zh = "领物单", en = "Loan" }\n[[part]]\nkind = "line"\ntext = "%s"\n'
    async with kiosk(tmp_path, told=offer(), slips={"templates": tmp_path}) as at:
        for text, printed, code in (
            ("请还雨伞", "请还雨伞", "ok"),
            ("{broken", "请还雨伞", "template-broken"),
            ("请还轮椅", "请还轮椅", "ok"),
        ):
            written(tmp_path, own % text, "loan")
            slip = PrintSlip(slip="slip0001", template="loan", fields={})
            at.station.tell(COMMAND, command("kiosk-1", slip))
            pages = await at.tickets(len(at.pages) + 1)
            assert printed in pages[-1].text
            await at.code(code)


async def test_a_kiosk_prints_its_logo_and_its_languages(tmp_path: Path) -> None:
    Image.new("1", (64, 64)).save(tmp_path / "logo.png")
    async with kiosk(tmp_path, told=offer(), slips={"logo": tmp_path / "logo.png", "languages": ("en",)}) as at:
        await at.press()
        (page,) = await at.tickets(1)
        assert "Social security" in page.text
        assert "社会保障" not in page.text
        assert page.lines[0].height == 64


def test_a_ticket_of_the_halls_own_wording(tmp_path: Path) -> None:
    written(tmp_path, HEAD + '[[part]]\nkind = "line"\ntext = "请{number}等候"\n', "ticket")
    data = Model(encoding="utf-8").encode(TICKET, Templates(tmp_path)).data
    assert "请A012等候".encode() in data
