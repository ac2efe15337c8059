"""Signing in and out, one's own account, and everybody's for administrators: plain forms that need no script."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from contract.values import Text
from controller.accounts import BadLink, BadPassword, BadUser, TooManyTries, WrongPassword
from controller.accounts_roles import Right, Role
from controller.web.asked import address_of, form_of
from controller.web.defence import PUBLIC, SESSION, local, needs, secure
from controller.web.front import front_of, person_of
from controller.web.problems import Refused
from controller.web.render import respond

Asked = Request[Any, Any, Any]


@get("/sign-in", opt=PUBLIC)
async def sign_in_page(request: Asked) -> Response[str]:
    """The form."""
    return respond(request, "sign_in.html", {"next": local(request.query_params.get("next", "")), "why": None})


@post("/sign-in", opt=PUBLIC)
async def sign_in(request: Asked) -> Response[Any]:
    """Name and password."""
    office, form = front_of(request), await form_of(request)
    name, goal = form.get("name", "").strip().lower(), local(form.get("next", ""))
    try:
        secret = await asyncio.to_thread(office.accounts.sign_in, name, form.get("password", ""), address_of(request))
    except (WrongPassword, TooManyTries) as error:
        status = HTTPStatus.TOO_MANY_REQUESTS if isinstance(error, TooManyTries) else HTTPStatus.FORBIDDEN
        return respond(request, "sign_in.html", {"next": goal, "why": error.what}, status)
    return await _begin(request, secret, goal)


@get("/enter", opt=PUBLIC)
async def enter(request: Asked) -> Response[Any]:
    """A one-time link. A browser that only looks ahead does not use it up."""
    if "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(None, status_code=HTTPStatus.NO_CONTENT)
    token, goal = request.query_params.get("token", ""), local(request.query_params.get("next", ""))
    try:
        secret = await asyncio.to_thread(front_of(request).accounts.enter, token, address_of(request))
    except (BadLink, TooManyTries) as error:
        return respond(request, "sign_in.html", {"next": goal, "why": error.what}, HTTPStatus.FORBIDDEN, at="/sign-in")
    return await _begin(request, secret, goal)


@post("/sign-out", opt=PUBLIC)
async def sign_out(request: Asked) -> Response[Any]:
    """The session is over here and on the server."""
    if secret := request.cookies.get(SESSION):
        await asyncio.to_thread(front_of(request).accounts.sign_out, secret)
    response = _to("/sign-in")
    response.delete_cookie(SESSION, path="/")
    return response


@get("/account", opt=needs(Right.OWN_ACCOUNT))
async def account(request: Asked) -> Response[str]:
    """One's own account."""
    return await _account(request)


@post("/account/password", opt=needs(Right.OWN_ACCOUNT, in_person=True))
async def set_password(request: Asked) -> Response[Any]:
    """A new password; every session of this account ends and a new one begins here."""
    office, form, person = front_of(request), await form_of(request), person_of(request)
    try:
        await asyncio.to_thread(office.accounts.set_password, person.name, form.get("password", ""))
    except BadPassword as error:
        return await _account(request, why=error.what, status=HTTPStatus.BAD_REQUEST)
    secret = await asyncio.to_thread(office.accounts.sign_in, person.name, form["password"], address_of(request))
    return await _begin(request, secret, "/account?done=password")


@post("/account/tokens", opt=needs(Right.OWN_ACCOUNT, in_person=True))
async def add_token(request: Asked) -> Response[str]:
    """An API token, shown this once."""
    form, person = await form_of(request), person_of(request)
    token = await asyncio.to_thread(front_of(request).accounts.new_token, person.name, form.get("label", ""))
    return await _account(request, token=token)


@post("/account/tokens/end", opt=needs(Right.OWN_ACCOUNT, in_person=True))
async def end_token(request: Asked) -> Response[Any]:
    """A token that is good no longer."""
    form, person = await form_of(request), person_of(request)
    await asyncio.to_thread(front_of(request).accounts.end_token, person.name, form.get("id", ""))
    return _to("/account")


@get("/accounts", opt=needs(Right.MANAGE_ACCOUNTS))
async def accounts(request: Asked) -> Response[str]:
    """Everybody's accounts."""
    return await _accounts(request)


@post("/accounts", opt=needs(Right.MANAGE_ACCOUNTS, in_person=True))
async def add_user(request: Asked) -> Response[str]:
    """A new user and the link by which they get in."""
    store, form, person = front_of(request).accounts, await form_of(request), person_of(request)
    name = form.get("name", "").strip()
    try:
        await asyncio.to_thread(store.add_user, name, _role(form), by=person.actor)
    except BadUser as error:
        return await _accounts(request, why=error.what, status=HTTPStatus.BAD_REQUEST)
    link = await asyncio.to_thread(store.entry_link, name, by=person.actor)
    return await _accounts(request, link=_entry(request, link), about=name)


@post("/accounts/change", opt=needs(Right.MANAGE_ACCOUNTS, in_person=True))
async def change_user(request: Asked) -> Response[Any]:
    """Another role, or locked out."""
    store, form, person = front_of(request).accounts, await form_of(request), person_of(request)
    try:
        await asyncio.to_thread(
            store.change_user,
            form.get("name", ""),
            role=_role(form),
            disabled="disabled" in form,
            by=person.actor,
            was=form.get("was"),
        )
    except BadUser as error:
        return await _accounts(request, why=error.what, status=HTTPStatus.BAD_REQUEST)
    return _to("/accounts")


@post("/accounts/link", opt=needs(Right.MANAGE_ACCOUNTS, in_person=True))
async def new_link(request: Asked) -> Response[str]:
    """A new one-time link for somebody who forgot their password."""
    form, name = await form_of(request), ""
    try:
        name = form.get("name", "")
        link = await asyncio.to_thread(front_of(request).accounts.entry_link, name, by=person_of(request).actor)
    except BadUser as error:
        return await _accounts(request, why=error.what, status=HTTPStatus.BAD_REQUEST)
    return await _accounts(request, link=_entry(request, link), about=name)


def handlers() -> list[HTTPRouteHandler]:
    """Everything on this page of the code."""
    return [
        sign_in_page, sign_in, enter, sign_out, account, set_password, add_token, end_token,
        accounts, add_user, change_user, new_link,
    ]  # fmt: skip


async def _begin(request: Asked, secret: str, goal: str) -> Response[Any]:
    """A new session in place of the old one, which ends: a planted cookie is worth nothing after signing in."""
    office = front_of(request)
    if old := request.cookies.get(SESSION):
        await asyncio.to_thread(office.accounts.sign_out, old)
    person = await asyncio.to_thread(office.accounts.session, secret)
    response = _to(goal or (office.start(person.role) if person else "/"))
    response.set_cookie(SESSION, secret, path="/", httponly=True, samesite="lax", secure=secure(request))
    return response


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=303)


async def _account(
    request: Asked, *, why: Text | None = None, token: str | None = None, status: int = HTTPStatus.OK
) -> Response[str]:
    tokens = await asyncio.to_thread(front_of(request).accounts.tokens, person_of(request).name)
    scene = {"tokens": tokens, "why": why, "token": token, "done": request.query_params.get("done")}
    return respond(request, "account.html", scene, status, at="/account")


async def _accounts(
    request: Asked, *, why: Text | None = None, link: str | None = None, about: str = "", status: int = HTTPStatus.OK
) -> Response[str]:
    store = front_of(request).accounts
    users, events = await asyncio.to_thread(store.users), await asyncio.to_thread(store.events)
    scene = {"users": users, "events": events, "roles": list(Role), "why": why, "link": link, "about": about}
    return respond(request, "accounts.html", scene, status, at="/accounts")


def _entry(request: Asked, link: str) -> str:
    base = front_of(request).public_url or str(request.base_url)
    return f"{base.rstrip('/')}/enter?token={link}"


def _role(form: dict[str, str]) -> Role:
    try:
        return Role(form.get("role", ""))
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-request", "role") from error
