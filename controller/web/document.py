"""The API's OpenAPI 3.1 document, made from its handlers and message types."""

import inspect
from typing import Any, get_origin

import msgspec
from litestar import Litestar, MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.routes import HTTPRoute

from controller.accounts_roles import RIGHTS, Right
from controller.web.defence import needs
from controller.web.problems import Problem

PREFIX = "/api/v1/"
REF = "#/components/schemas/{name}"
_QUERY = {
    "day": ({"type": "string", "format": "date"}, "A day in the hall's time zone; today when absent."),
    "month": ({"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"}, "A month, such as 2026-01; today when absent."),
    "first": ({"type": "string", "format": "date"}, "The first day; the last one when absent."),
    "last": ({"type": "string", "format": "date"}, "The last day; today when absent."),
    "window": ({"type": "string"}, "Only this window."),
    "hall": ({"type": "string"}, "Only this hall."),
    "service": ({"type": "string"}, "A service."),
    "number": ({"type": "string"}, "Only this number, on any day."),
    "ticket": ({"type": "string"}, "The ticket's id, as in its QR code."),
}


@get("/openapi.json", opt=needs(Right.SEE_HALL))
async def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """This document."""
    return Response(msgspec.json.encode(describe(request.app, "v1")), media_type=MediaType.JSON)


def describe(app: Litestar, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of `app`'s routes under `/api/v1/`."""
    found = [
        (route.path_format, handler) for route in app.routes if isinstance(route, HTTPRoute) and route.path.startswith(PREFIX)
        for handler in route.route_handlers
    ]  # fmt: skip
    kinds = [kind for _, handler in found for kind in (handler.opt.get("body"), _answer(handler)) if kind is not None]
    _, schemas = msgspec.json.schema_components([*kinds, Problem], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hallware",
            "version": version,
            "description": "A public-service hall (政务服务大厅): calls, queues, notices, devices, ratings, rooms.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(found),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, made on the account page."}
            },
        },
    }


def _paths(found: list[tuple[str, HTTPRouteHandler]]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for path, handler in sorted(found, key=lambda one: one[0]):
        for method in sorted(str(m) for m in handler.http_methods if m in ("GET", "POST")):
            paths.setdefault(path, {})[method.lower()] = _operation(path, handler)
    return paths


def _operation(path: str, handler: HTTPRouteHandler) -> dict[str, Any]:
    summary, _, rest = inspect.getdoc(handler.fn).partition("\n\n")  # type: ignore[union-attr]
    operation: dict[str, Any] = {
        "operationId": handler.handler_name,
        "summary": summary,
        "description": "\n\n".join(part for part in (rest.replace("\n", " "), _who(handler)) if part),
        "security": [] if handler.opt.get("public") else [{"token": []}],
        "parameters": [_parameter(path, name) for name in handler.opt.get("asks", ())],
        "responses": _responses(handler),
    }
    if body := handler.opt.get("body"):
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(body)}}}
    return operation


def _who(handler: HTTPRouteHandler) -> str:
    if handler.opt.get("public"):
        return "No account is needed."
    return "Roles: " + ", ".join(sorted(RIGHTS[handler.opt["right"]])) + "."


def _parameter(path: str, name: str) -> dict[str, Any]:
    schema, description = _QUERY[name]
    in_path = f"{{{name}}}" in path
    return {
        "name": name, "in": "path" if in_path else "query", "required": in_path, "schema": schema, "description": description,
    }  # fmt: skip


def _responses(handler: HTTPRouteHandler) -> dict[str, Any]:
    problem = {"description": "Why not, in words.", "content": {"application/json": {"schema": _schema(Problem)}}}
    kind = _answer(handler)
    if kind is not None:
        content = {"application/json": {"schema": _schema(kind)}}
    else:
        media = "text/event-stream" if _returns(handler) is Stream else "application/json"
        content = {media: {"schema": {"type": "string" if media.startswith("text") else "object"}}}
    return {"200": {"description": "Done.", "content": content}, "4XX": problem}


def _returns(handler: HTTPRouteHandler) -> Any:
    return handler.parsed_fn_signature.return_type.annotation


def _answer(handler: HTTPRouteHandler) -> Any:
    kind = _returns(handler)
    return None if (get_origin(kind) or kind) in (Response, Stream) else kind


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema
