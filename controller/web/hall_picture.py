"""What is made of a picture of the hall, once for all viewers."""

from contract.codec import encode
from controller.view import HallView, ServiceView, TicketView
from controller.web.live import Picture, event
from controller.web.public import public

HallPicture = Picture[HallView]


def for_staff(picture: HallPicture) -> bytes:
    """Everything, as a server-sent event."""
    return picture.shared("staff", lambda: event("hall", encode(picture.view), picture.view.version))


def for_everybody(picture: HallPicture) -> bytes:
    """What everybody may see, as a server-sent event."""
    return picture.shared("public", lambda: event("hall", encode(public(picture.view)), picture.view.version))


def waiting(picture: HallPicture) -> dict[str, tuple[ServiceView, TicketView, int]]:
    """Waiting tickets by their id, with their service and their place in its line."""
    return picture.shared("waiting", lambda: _waiting(picture.view))


def _waiting(view: HallView) -> dict[str, tuple[ServiceView, TicketView, int]]:
    return {ticket.ticket: (service, ticket, place) for service in view.services for place, ticket in enumerate(service.waiting)}
