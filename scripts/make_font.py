"""Make `devices/fonts/unifont-gb2312.otf`: the part of GNU Unifont that boards, tickets and the simulator's pages need."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font

SOURCE = Path("/usr/share/fonts/opentype/unifont/unifont.otf")
TARGET = Path(__file__).resolve().parent.parent / "devices" / "fonts" / "unifont-gb2312.otf"

BLOCKS = (
    range(0x0020, 0x007F),  # ASCII
    range(0x00A0, 0x0100),  # Latin-1
    range(0x2010, 0x2040),  # dashes, quotation marks, ellipsis
    range(0x2190, 0x2200),  # arrows
    range(0x2460, 0x2500),  # circled numbers
    range(0x2500, 0x2600),  # lines, blocks, geometric shapes
    range(0x3000, 0x3040),  # Chinese punctuation
    range(0xFF00, 0xFFF0),  # full-width and half-width forms
)


def gb2312() -> Iterator[int]:
    """Every character that GB 2312-80 encodes."""
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                yield ord(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def wanted() -> set[int]:
    """The code points that the subset keeps, as far as the font has them."""
    return {code for block in BLOCKS for code in block} | set(gb2312())


def make(source: Path, target: Path) -> int:
    """Write the subset; returns its number of characters. The same source gives the same bytes."""
    options = Options()
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.recalc_timestamp = False
    font = load_font(str(source), options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    save_font(font, str(target), options)
    return len(font.getBestCmap())


def main() -> None:
    """Make the subset and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=SOURCE, help="unifont.otf, as Debian's fonts-unifont installs it")
    parser.add_argument("--target", type=Path, default=TARGET)
    args = parser.parse_args()
    characters = make(args.source, args.target)
    print(f"{args.target}: {characters} characters, {args.target.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
