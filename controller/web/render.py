"""Templates into HTML: one environment, strict about names, with the hall's words and clock at hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.datastructures import Cookie

from contract.values import Text, WaitRange
from controller.accounts_roles import Right
from controller.web.defence import secure
from controller.web.front import Asking, Connection, Front, asking_of, front_of
from controller.web.language import COOKIE, Language, kind_word, other, word
from controller.web.navigation import groups_for

STATIC = Path(str(files("controller.web") / "static"))
_SOURCES = frozenset({".css", ".html", ".js", ".py", ".svg", ".toml"})
_YEAR = 365 * 24 * 3600


@cache
def digest() -> str:
    """A short fingerprint of templates and static files; pages with another one load themselves anew."""
    found = hashlib.sha256()
    for path in sorted(STATIC.parent.rglob("*")):
        if path.suffix in _SOURCES:
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("controller.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, office: Front, asking: Asking, scene: Mapping[str, object]) -> str:
    """The template with the scene and everything that all pages use."""
    return _environment().get_template(template).render({**_common(office, asking), **scene})


def respond(
    connection: Connection, template: str, scene: Mapping[str, object], status: int = 200, at: str | None = None
) -> Response[str]:
    """A whole page; it remembers the language when the address asks for one. `at` is its address where a form is answered."""
    asking = asking_of(connection)
    if at is not None:
        asking = replace(asking, path=at, query=())
    html = render(template, front_of(connection), asking, scene)
    cookies = [_language_cookie(connection, asking.language)] if "lang" in connection.query_params else []
    return Response(html, media_type=MediaType.HTML, status_code=status, cookies=cookies)


def _language_cookie(connection: Connection, language: Language) -> Cookie:
    return Cookie(key=COOKIE, value=language, path="/", max_age=_YEAR, httponly=True, samesite="lax", secure=secure(connection))


def _common(office: Front, asking: Asking) -> dict[str, Any]:
    language, person = asking.language, asking.person
    return {
        "lang": language,
        "html_lang": "zh-CN" if language == "zh" else "en",
        "w": partial(word, language),
        "both": word,
        "say": lambda text: cast(Text, text).within(language),
        "say_other": lambda text: cast(Text, text).within(other(language)),
        "other": other(language),
        "other_html_lang": "en" if language == "zh" else "zh-CN",
        "switch": _switch(asking),
        "static": lambda name: f"/static/{digest()}/{name}",
        "digest": digest(),
        "clock": lambda moment: moment.astimezone(office.zone).strftime("%H:%M"),
        "clock_s": lambda moment: moment.astimezone(office.zone).strftime("%H:%M:%S"),
        "until": partial(_until, office),
        "stamp": lambda moment: moment.astimezone(office.zone).strftime("%Y-%m-%d %H:%M"),
        "today": office.today(),
        "now": office.clock(),
        "name": office.name,
        "timezone": str(office.zone),
        "person": person,
        "may": lambda right: person is not None and person.may(Right(right)),
        "groups": groups_for(person),
        "path": asking.path,
        "live": None,
        "kind_word": partial(kind_word, language),
        "span_of": partial(_span, language),
        "percent": lambda share: "—" if share is None else f"{share * 100:.1f}%",
        **office.common(language),
    }


def _until(office: Front, moment: datetime) -> str:
    """A moment at which something ends: by the clock alone where that is today, with its date where it is another day."""
    local, today = moment.astimezone(office.zone), office.today()
    if local.date() == today:
        return f"{local:%H:%M}"
    return "24:00" if local.date() == today + timedelta(days=1) and local.time() == time() else f"{local:%Y-%m-%d %H:%M}"


def _switch(asking: Asking) -> str:
    return f"{asking.path}?{urlencode([*asking.query, ('lang', other(asking.language))])}"


def _span(language: Language, wait: WaitRange) -> str:
    if wait.high <= 1:
        return word(language, "count.soon")
    if wait.low == wait.high:
        return word(language, "count.minute", n=wait.high)
    return word(language, "count.minutes", low=wait.low, high=wait.high)
