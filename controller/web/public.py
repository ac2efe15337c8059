"""What everybody in the hall may see without an account: calls, windows, queues and notices, and no ticket's id."""

from typing import Annotated

from msgspec import Meta

from contract.calling import CallLine, NoticeLine
from contract.values import Id, Moment, Number, Text, Value, WaitRange
from controller.view import HallView


class PublicWindow(Value, frozen=True, kw_only=True):
    """A window as the public sees it."""

    window: Id
    name: Text
    state: str
    number: Number | None = None


class PublicService(Value, frozen=True, kw_only=True):
    """A queue as the public sees it."""

    service: Id
    name: Text
    zone: Id
    waiting: Annotated[int, Meta(ge=0)] = 0
    wait: WaitRange | None = None
    windows_open: int = 0


class PublicView(Value, frozen=True, kw_only=True):
    """The hall at one moment, as its boards show it."""

    hall: Id
    name: Text
    at: Moment
    version: int
    calls: tuple[CallLine, ...] = ()
    """Newest first."""
    windows: tuple[PublicWindow, ...] = ()
    services: tuple[PublicService, ...] = ()
    notices: tuple[NoticeLine, ...] = ()


def public(view: HallView) -> PublicView:
    """The public part of a picture."""
    return PublicView(
        hall=view.hall,
        name=view.name,
        at=view.at,
        version=view.version,
        calls=tuple(
            CallLine(
                call=call.call, at=call.at, number=call.number, window=call.window, window_name=call.window_name, times=call.times
            )
            for call in view.calls
        ),
        windows=tuple(
            PublicWindow(window=window.window, name=window.name, state=window.state, number=window.number)
            for window in view.windows
        ),
        services=tuple(
            PublicService(
                service=service.service,
                name=service.name,
                zone=service.zone,
                waiting=service.count,
                wait=service.wait,
                windows_open=service.windows_open,
            )
            for service in view.services
        ),
        notices=view.notices,
    )
