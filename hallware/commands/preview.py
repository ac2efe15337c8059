"""`hallware preview`: show what a template looks like on paper, through the printer's real bytes and the simulated printer."""

import argparse
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from contract.commands import FieldValue
from contract.values import Text
from devices.printer import Model
from devices.receipt_bytes import DOTS
from devices.receipt_layout import Filling
from devices.receipt_logo import load_logo
from devices.receipt_template import Given, Template, TemplateProblem
from devices.receipt_templates import Templates
from hallware.commands.field_words import from_words
from hallware.main import UsageProblem
from hallware.press import on_table, printed

HALL = Text(zh="综合便民服务中心", en="Integrated Public Service Centre")
LANGUAGES = {"both": ("zh", "en"), "zh": ("zh",), "en": ("en",), "en-zh": ("en", "zh")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "template", nargs="?", metavar="TEMPLATE", help="its name, or a .toml file; without it: list all templates"
    )
    parser.add_argument("--field", action="append", default=[], metavar="NAME=VALUE", help="fill a field; again for a list")
    parser.add_argument("--fields", type=Path, metavar="FILE", help="a TOML file of fields; others keep their samples")
    parser.add_argument("--templates", type=Path, metavar="FOLDER", help="the hall's own templates")
    parser.add_argument("--paper", type=int, choices=[58, 80], default=80, help="width of the paper in millimetres")
    parser.add_argument("--large", action="store_true", help="large print")
    parser.add_argument("--language", choices=LANGUAGES, default="both", help="the first one is printed large")
    parser.add_argument("--encoding", choices=["gbk", "gb18030", "utf-8"], default="gbk", help="how the printer takes Chinese")
    parser.add_argument("--logo", type=Path, metavar="PNG", help="the hall's logo")
    parser.add_argument("--reprint", action="store_true", help="with the mark 补打")
    parser.add_argument(
        "--without", action="append", default=[], metavar="NAME", help="leave a field out; give it again for more"
    )
    parser.add_argument("--out", type=Path, metavar="PNG", help="write a picture; without it: text on the terminal")


def run(args: argparse.Namespace) -> int:
    """Show one template, or list all."""
    try:
        return _show(args) if args.template else _list(args)
    except TemplateProblem as problem:
        raise UsageProblem(str(problem)) from problem


def _list(args: argparse.Namespace) -> int:
    templates = Templates(args.templates)
    for template in templates:
        print(f"{template.id:20}{template.name.zh}  {template.name.en}")
        for name, form in template.fields.items():
            print(f"    {name:16}{form.zh}  {form.en}{'  (optional)' if form.optional else ''}")
    _refuse(templates)
    return 0


def _refuse(templates: Templates) -> None:
    """A broken template of the hall's folder is an error here: this is where it is looked for."""
    if templates.problems:
        raise templates.problems[0]


def _show(args: argparse.Namespace) -> int:
    templates = Templates(_folder(args))
    _refuse(templates)
    template = templates[Path(args.template).stem]
    model = Model(
        paper=args.paper,
        encoding=args.encoding,
        languages=LANGUAGES[args.language],
        large=args.large,
        logo=None if args.logo is None else load_logo(args.logo, DOTS[args.paper]),
    )
    encoded = model.encode_filled(template, _filling(template, args))
    if encoded.replaced:
        print(f"the printer has no character for {' '.join(sorted(set(encoded.replaced)))}")
    page = printed(encoded.data, args.paper, args.encoding)
    if args.out is None:
        print(page.text)
        for link in page.qr:
            print(f"[QR {link}]")
    else:
        on_table(page.image).save(args.out, "PNG", optimize=True)
        print(
            f"{args.out}: {template.name.zh} {template.name.en}, {encoded.dots / 80:.1f} cm of paper, {len(encoded.data)} bytes"
        )
    return 0


def _folder(args: argparse.Namespace) -> Path | None:
    """The folder of the hall's templates; a file's own folder when a file is named."""
    file = Path(args.template)
    if file.suffix != ".toml":
        folder: Path | None = args.templates
        return folder
    if not file.is_file():
        raise UsageProblem(f"{file}: there is no such file")
    return file.parent


def _filling(template: Template, args: argparse.Namespace) -> Filling:
    """The samples, and over them what was given."""
    fields: dict[str, Given] = {name: form.sample for name, form in template.fields.items()}
    fields |= _from_file(args.fields) if args.fields is not None else {}
    fields |= from_words(args.field)
    for name in args.without:
        if name not in template.fields:
            raise UsageProblem(f"--without {name}: is no field of this template; there are {', '.join(template.fields)}")
        fields.pop(name, None)
    at = datetime.now(ZoneInfo("Asia/Shanghai"))
    slip = "" if "number" in template.fields else "5f3a9c1e"
    return Filling(fields=fields, hall=HALL, at=at, slip=slip, device="kiosk-1", reprint=args.reprint)


def _from_file(path: Path) -> Mapping[str, Given]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(raw, dict[str, FieldValue])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageProblem(f"{path}: cannot be used as fields: {error}") from error
