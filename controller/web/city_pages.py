"""The city's live pages: all halls, and one of them."""

from http import HTTPStatus

from litestar.handlers import HTTPRouteHandler

from controller.accounts_roles import Right
from controller.city.values import CityHall, CityView
from controller.web.city_office import CityOffice
from controller.web.city_tables import state
from controller.web.live import Picture
from controller.web.live_pages import Page, Scene, Where, handlers_of
from controller.web.problems import Refused
from controller.web.report_words import lasted

CityPicture = Picture[CityView]


async def _city(_: CityOffice, picture: CityPicture, __: Where) -> Scene:
    halls = picture.view.halls
    heard = [hall for hall in halls if hall.fresh]
    return {"view": picture.view, "halls": halls, "heard": heard, "state": state, "lasted": lasted}


async def _hall(_: CityOffice, picture: CityPicture, where: Where) -> Scene:
    if (found := _found(picture, where)) is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-place", where["hall"][:40])
    return {"told": found, "hall": found.now, "state": state}


def _found(picture: CityPicture, where: Where) -> CityHall | None:
    return next((hall for hall in picture.view.halls if hall.now.hall == where["hall"]), None)


PAGES = (
    Page("city", "/", Right.SEE_HALL, lambda picture, _: picture.view.version, _city),
    Page("city_hall", "/hall/{hall:str}", Right.SEE_HALL, lambda picture, where: (_found(picture, where),), _hall),
)


def handlers() -> list[HTTPRouteHandler]:
    """For each page its address and the stream that keeps it live."""
    return [handler for page in PAGES for handler in handlers_of(page)]
