"""What python-escpos, as it stands, makes the printer print: a reading of ESC/POS that is not ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from hardware_sim.escpos_page import HEAD_TO_CUTTER
from tests.sim.paper import printed


@pytest.fixture
def dummy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes printers of python-escpos that only collect bytes."""
    monkeypatch.setenv("ESCPOS_CAPABILITIES_PICKLE_DIR", str(tmp_path))
    from escpos.printer import Dummy

    made: Callable[[], Any] = Dummy
    return made


def test_text_sizes_qr_and_cut(dummy: Callable[[], Any]) -> None:
    library = dummy()
    library.set(align="center", bold=True, custom_size=True, width=4, height=4)
    library.textln("A012")
    library.set_with_default(align="center")
    library.textln("Café £5")
    library.qr("https://hall.example/t/1", native=True, size=5)
    library.cut()
    page = printed(library.output)
    assert page.text.splitlines() == ["A012", "Café £5"]
    assert page.lines[0].height == 96
    assert page.ending == "cut"
    assert [code.text for code in zxingcpp.read_barcodes(page.image.convert("L"))] == ["https://hall.example/t/1"]


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_an_image_by_each_way_is_the_same_dots(dummy: Callable[[], Any], way: str) -> None:
    picture = Image.effect_noise((64, 48), 120).point(lambda value: 255 * (value > 128)).convert("1")
    library = dummy()
    library.image(picture, impl=way)
    page = printed(library.output)
    assert page.image.crop((0, HEAD_TO_CUTTER, 64, HEAD_TO_CUTTER + 48)).tobytes() == picture.tobytes()
