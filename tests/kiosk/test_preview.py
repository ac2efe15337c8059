"""`hallware preview`: what a person sees of a template before it is printed."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hallware.main import main
from tests.kiosk.test_templates import HEAD, LINE, OURS, WHO, written


def test_it_lists_all_templates_with_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in OURS)
    assert "受理凭证  Acceptance receipt" in listed
    assert "case            受理编号  Case number\n" in listed


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("paper", ["58", "80"])
def test_every_template_becomes_a_picture(tmp_path: Path, name: str, paper: str) -> None:
    out = tmp_path / "page.png"
    assert main(["preview", name, "--paper", paper, "--large", "--reprint", "--out", str(out)]) == 0
    with Image.open(out) as page:
        assert page.width == {"58": 384, "80": 576}[paper] + 2 * 32 + 2 * 24
        ink = page.convert("L").histogram()
        assert sum(ink[:64]) > 1000


def test_the_qr_code_on_the_picture_is_readable(tmp_path: Path) -> None:
    out = tmp_path / "page.png"
    assert main(["preview", "ticket", "--field", "qr=https://hall.example/t/42", "--out", str(out)]) == 0
    with Image.open(out) as page:
        assert [code.text for code in zxingcpp.read_barcodes(page)] == ["https://hall.example/t/42"]


def test_without_a_picture_it_is_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = tmp_path / "fields.toml"
    fields.write_text('matter = { zh = "居住证", en = "Residence permit" }\ncode = "1-2-3"\n', encoding="utf-8")
    words = ["preview", "collection", "--fields", str(fields), "--field", "place=二楼", "--without", "qr", "--language", "zh"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "居住证\n" in said
    assert "二楼\n" in said
    assert "1-2-3\n" in said
    assert "Residence" not in said
    assert "QR" not in said


def test_a_field_that_comes_twice_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", "requirements", "--field", "materials=户口本", "--field", "materials=照片"]) == 0
    assert "1. 户口本\n2. 照片\n" in capsys.readouterr().out


def test_a_file_of_ones_own_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", str(written(tmp_path, HEAD + WHO + LINE))]) == 0
    assert capsys.readouterr().out.startswith("A012\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "there is no template `nothing`"),
        (["nothing.toml"], "there is no such file"),
        (["ticket", "--without", "number"], "missing: `number` (号码 Number)"),
        (["ticket", "--field", "nr=1"], "`nr` is given, which is no field"),
        (["ticket", "--field", "nr"], "write NAME=VALUE"),
        (["ticket", "--fields", "/nowhere.toml"], "cannot be used as fields"),
        (["ticket", "--logo", "/nowhere.png"], "logo /nowhere.png: cannot be used"),
        (["ticket", "--templates", "/nowhere"], "cannot be read as a folder of templates"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("hallware preview: ")
    assert says in said
    assert said.count("\n") == 1


def test_a_broken_template_is_an_error_that_names_file_and_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, HEAD + WHO + LINE.replace("{who}", "{how}"))
    assert main(["preview", str(file)]) == 2
    assert "receipt.toml: template `receipt`: part 1 names `{how}`, which is no field" in capsys.readouterr().err


def test_what_the_printer_lacks_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", "note", "--field", "text=𠮷"]) == 0
    assert "the printer has no character for 𠮷\n" in capsys.readouterr().out


def test_the_example_of_the_docs_is_a_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    example = next(part for part in page.split("```toml\n") if part.startswith("name = ")).partition("```")[0]
    assert main(["preview", str(written(tmp_path, example)), "--reprint"]) == 0
    said = capsys.readouterr().out
    for words in ("补打 REPRINT", "材料交接单", "1. 身份证原件\nIdentity card\n2. A4-2026-0117", "请于 2026-12-01 前取回"):
        assert words in said
