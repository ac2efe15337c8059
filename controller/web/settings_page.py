"""The page of settings: the plan in force, what staff change for a while, and a new hall.toml checked before it is taken."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler

from contract.overrides import Override
from contract.values import Value
from controller.accounts_roles import Right
from controller.web.asked import message_of
from controller.web.defence import needs
from controller.web.hall_picture import HallPicture
from controller.web.live_pages import Page, Scene, Where, handlers_of
from controller.web.office import Office, office_of
from controller.web.problems import Refused
from controller.web.settings_shown import Checked, check, tables


class NewSettings(Value, frozen=True, kw_only=True):
    """A hall.toml to be checked: its text, or the file as it lies on this machine's disk now."""

    text: str | None = None


async def settings(office: Office, picture: HallPicture, _: Where) -> Scene:
    """Everything that is in force."""
    view, written = picture.view, office.hall.written
    today = office.today()
    return {
        "tables": tables(written, office.plan.text if office.plan else ""),
        "file": office.plan.path if office.plan else None,
        "written": written,
        "standing": [(one, _kind(one.what)) for one in view.overrides],
        "today": today,
        "names": {service.id: service.name.text for service in written.service},
    }


def _kind(what: Override) -> str:
    return str(what.__struct_config__.tag)


@post("/settings/check", opt=needs(Right.CHECK_SETTINGS, body=NewSettings), status_code=HTTPStatus.OK)
async def check_settings(request: Request[Any, Any, Any]) -> Checked:
    """Whether a new hall.toml can be used, and what would be another setting with it. Nothing is changed."""
    office, asked = office_of(request), await message_of(request, NewSettings)
    text = asked.text if asked.text is not None else await asyncio.to_thread(_on_disk, office.plan.path if office.plan else None)
    return check(office.hall.written, text)


def _on_disk(path: Path | None) -> str:
    if path is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(HTTPStatus.NOT_FOUND, "no-file", str(error)[:200]) from error


PAGE = Page("settings", "/settings", Right.SEE_SETTINGS, lambda picture, _: picture.view.overrides, settings, shared=False)


def handlers() -> list[HTTPRouteHandler]:
    """The page, its stream and the check."""
    return [*handlers_of(PAGE), check_settings]
