"""The city's web application: the same doors, accounts and live streams as a hall's, over other pages."""

from collections.abc import Callable
from datetime import datetime

from litestar import Litestar

from controller.accounts import Accounts, utc_now
from controller.city.following import City
from controller.city.values import CityView
from controller.web import account_pages, city_pages, city_reports
from controller.web.app import assembled
from controller.web.city_api import city_api
from controller.web.city_office import CityOffice
from controller.web.document import openapi
from controller.web.live import Live


def create_city_app(
    city: City, accounts: Accounts, *, live: Live[CityView] | None = None, clock: Callable[[], datetime] = utc_now
) -> Litestar:  # fmt: skip
    """The application over `city`. It follows the city while it runs; `close_streams(app)` lets the server stop at once."""
    office = CityOffice(city=city, accounts=accounts, live=live or Live(city), clock=clock)
    handlers = (city_pages, city_reports, account_pages)
    return assembled(office, [city_api(openapi), *(handler for part in handlers for handler in part.handlers())])
