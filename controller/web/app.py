"""The web application: API, pages and static files over one running hall."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader, State
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from contract.codec import MAX_BYTES
from controller.accounts import Accounts, utc_now
from controller.enrolment import EnrolmentBook
from controller.ports import Press, RunningHall
from controller.view import HallView
from controller.web import (
    account_pages,
    desk_page,
    node_pages,
    pages,
    rating_page,
    report_pages,
    settings_page,
    slip_pages,
    upkeep_pages,
)
from controller.web.api import api
from controller.web.defence import PUBLIC, WhoAsks, add_headers, only_allowed, only_from_here
from controller.web.document import openapi
from controller.web.front import Front
from controller.web.live import Live
from controller.web.live_pages import handlers_of
from controller.web.metrics_page import metrics
from controller.web.office import Office, PlanFile
from controller.web.problems import HANDLERS
from controller.web.render import STATIC, digest
from link.apart import beside

log = logging.getLogger(__name__)
_YEAR = 365 * 24 * 3600
_SKIP_ACCOUNT = "^/static/"


def create_app(
    hall: RunningHall,
    accounts: Accounts,
    *,
    live: Live[HallView] | None = None,
    clock: Callable[[], datetime] = utc_now,
    book: EnrolmentBook | None = None,
    press: Press | None = None,
    plan: PlanFile | None = None,
) -> Litestar:
    """The application over `hall`. It follows the hall while it runs; `close_streams(app)` lets the server stop at once."""
    office = Office(hall=hall, accounts=accounts, live=live or Live(hall), clock=clock, book=book, press=press, plan=plan)
    return assembled(office, [
        api(openapi),
        *pages.handlers(),
        *handlers_of(desk_page.PAGE),
        *slip_pages.handlers(),
        *settings_page.handlers(),
        *rating_page.handlers(),
        *account_pages.handlers(),
        *node_pages.handlers(),
        *report_pages.handlers(),
        *upkeep_pages.handlers(),
        metrics,
    ])  # fmt: skip


def assembled(office: Front, handlers: Sequence[ControllerRouterHandler]) -> Litestar:
    """An application: its handlers behind our doors, and its live picture followed while it runs."""
    return Litestar(
        route_handlers=[*handlers, _static()],
        state=State({"office": office}),
        middleware=[DefineMiddleware(WhoAsks, exclude=_SKIP_ACCOUNT)],
        guards=[only_from_here, only_allowed],
        before_send=[add_headers],
        exception_handlers=HANDLERS,
        lifespan=[_following],
        request_max_body_size=MAX_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def close_streams(app: Litestar) -> None:
    """End all live streams; a server that waits for its connections would wait for ever."""
    office: Front = app.state.office
    office.live.close()


@asynccontextmanager
async def _following(app: Litestar) -> AsyncIterator[None]:
    """Follow what is watched beside serving."""
    office: Front = app.state.office
    async with beside(office.live.run(), _tell, name="live picture"):
        yield


def _tell(following: asyncio.Task[None]) -> None:
    if not following.cancelled() and (error := following.exception()):
        log.error("the live picture stopped; pages say that they are not live", exc_info=error)


def _static() -> Router:
    return create_static_files_router(
        f"/static/{digest()}",
        directories=[STATIC],
        opt=PUBLIC,
        cache_control=CacheControlHeader(max_age=_YEAR, public=True, immutable=True),
    )
