"""The sheet of cards: A4 with a label for each device and node, to be printed from a browser; the same for page and command."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from contract.values import Text
from controller.cards import Card
from controller.web.language import word
from controller.web.qr import qr


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("controller.web", "templates"), autoescape=True, undefined=StrictUndefined)


def sheet(hall: Text, cards: Sequence[Card], *, stylesheet: str | None = None) -> str:
    """The whole document; without the address of a `stylesheet` it carries its own, and needs nothing else."""
    own = "" if stylesheet else (files("controller.web") / "static" / "cards.css").read_text(encoding="utf-8")
    return _environment().get_template("cards.html").render(
        hall=hall, cards=cards, code=code, word=word, stylesheet=stylesheet, own=Markup(own)  # noqa: S704  our own file
    )  # fmt: skip


def code(text: str) -> Markup:
    """A QR code as an SVG."""
    made = qr(text)
    return Markup(
        '<svg class="code" viewBox="0 0 {0} {0}" role="img" aria-label="QR" shape-rendering="crispEdges"><path d="{1}"/></svg>'
    ).format(made.size, made.path)
