"""Metrics for Prometheus: for programs on this machine, and for whoever has a token."""

from ipaddress import ip_address
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from controller.accounts_roles import Person, Right
from controller.metrics import CONTENT_TYPE, exposition
from controller.web.defence import PUBLIC
from controller.web.office import office_of

_FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip", "via"})
"""What a proxy adds: what comes through one does not come from this machine, whatever its address says."""


@get("/metrics", opt=PUBLIC)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """How the hall stands."""
    _only_for_programs(request)
    office = office_of(request)
    today = office.today()
    return Response(exposition(office.hall.view(), await office.hall.report(today, today)), media_type=CONTENT_TYPE)


def _only_for_programs(request: Request[Any, Any, Any]) -> None:
    person: Person | None = request.scope.get("user")
    if person is not None:
        if not person.may(Right.SEE_REPORTS):
            raise PermissionDeniedException
    elif not _from_this_machine(request):
        raise NotAuthorizedException


def _from_this_machine(request: Request[Any, Any, Any]) -> bool:
    if request.client is None or _FORWARDED & {name.lower() for name in request.headers}:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
