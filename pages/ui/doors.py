"""The doors of the server: which requests come in at all, before any page or file is asked.

Without sign-in only this machine comes in. A team's server answers strangers with the empty frame of the
pages, which asks them to sign in, and with nothing else: files, uploads and exports need a live session.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from insight import access
from insight.settings import settings
from pages.ui import places, shell
from pages.ui.prefix import below, prefix
from pages.ui.signing import COOKIE, provider

_HEALTH, _CALLBACK, _LOGOUT = "/_stcore/health", "/oauth2callback", "/auth/logout"
_PAGES = frozenset(f"/{place.path}" for group in places.GROUPS.values() for place in group)
OPEN = _PAGES | {
    "/", "/favicon.png", shell.PATH, _HEALTH, "/_stcore/host-config", "/auth/login", _CALLBACK, _LOGOUT,
}  # fmt: skip
_OPEN_BELOW = ("/static/", "/fonts/")  # the program of the pages; nothing of any study
_NEXT = "insight_next"  # the page that somebody asked for before they signed in
_SIGNED_IN = "_streamlit_user"


def kept(app: ASGIApp) -> ASGIApp:
    """Wrap ``app``: a request comes in only from where, and with what, the mode of the server wants."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if settings().mode == "local":
            no = _of_this_machine(request)
        elif access.is_behind_proxy():
            no = _of_the_proxy(request)
        else:
            no = await _of_a_session(request)
            send = _dressed(request, send)
        if no:
            await _refuse(no, scope, receive, send)
        else:
            await app(scope, receive, send)

    return serve


def _of_this_machine(request: HTTPConnection) -> str:
    """Why a request to a server without sign-in is refused; "": it is not."""
    is_stranger = access.is_stranger(_peer(request), forwarded=_forwarded(request))
    return "本机模式只给这台电脑用。几个人一起用，请管理员开启团队模式。" if is_stranger else ""


def _of_the_proxy(request: HTTPConnection) -> str:
    """Why a request to a server behind a proxy is refused: another way in, or nobody named, or several."""
    if below(request.url.path) == _HEALTH:
        return ""
    names = request.headers.getlist(settings().trusted_header)
    is_proxy = access.is_proxy(_peer(request), forwarded=_forwarded(request))
    return "" if is_proxy and len(names) == 1 and names[0].strip() else "请从公司的登录入口打开。"


async def _of_a_session(request: HTTPConnection) -> str:
    """Why a request to a server with sign-in is refused; the pages ask for the sign-in themselves."""
    path = below(request.url.path)
    if request.scope["type"] == "websocket" or path in OPEN or path.startswith(_OPEN_BELOW):
        return ""
    token, agent = request.cookies.get(COOKIE, ""), request.headers.get("user-agent", "")
    is_live = await run_in_threadpool(access.is_live, token, agent=agent)
    return "" if is_live else "请先登录。"


def _peer(request: HTTPConnection) -> tuple[str, int] | None:
    return (request.client.host, request.client.port) if request.client else None


def _forwarded(request: HTTPConnection) -> str:
    return ",".join(request.headers.getlist("x-forwarded-for"))


async def _refuse(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    code = 401 if settings().mode == "team" else 403
    answer = PlainTextResponse(why, code, headers={"Cache-Control": "no-store"})
    await answer(scope, receive, send)


def _dressed(request: HTTPConnection, send: Send) -> Send:
    """Let the answer carry our own cookies: a session begins with the provider's answer and ends with signing out."""
    path = below(request.url.path)

    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if path == _CALLBACK and _is_signed_in(headers):
                await _begin(request, headers)
            elif path == _LOGOUT:
                await _end(request, headers)
            elif path in _PAGES and COOKIE not in request.cookies:
                _set(headers, _NEXT, f"{path}?{request.url.query}", seconds=600)
            _secure(headers)
        await send(message)

    return send_dressed


def _is_signed_in(headers: MutableHeaders) -> bool:
    """Whether the answer hands out Streamlit's cookie of a sign-in that went well."""
    told = (SimpleCookie(one) for one in headers.getlist("set-cookie"))
    return any(_SIGNED_IN in one and one[_SIGNED_IN].value for one in told)


async def _begin(request: HTTPConnection, headers: MutableHeaders) -> None:
    """Begin our own session, and go on to the page that was asked for first."""
    token = await run_in_threadpool(access.begin, request.headers.get("user-agent", ""))
    _set(headers, COOKIE, token)
    wanted = urlsplit(request.cookies.get(_NEXT, ""))
    if wanted.path in _PAGES and not wanted.netloc:
        headers["location"] = f".{wanted.path}?{wanted.query}"
        _set(headers, _NEXT, "", seconds=0)


async def _end(request: HTTPConnection, headers: MutableHeaders) -> None:
    await run_in_threadpool(access.end, access.hashed(request.cookies.get(COOKIE, "")))
    _set(headers, COOKIE, "", seconds=0)


def _set(headers: MutableHeaders, name: str, value: str, *, seconds: int | None = None) -> None:
    """Hand out a cookie that no script reads and no other site sends; without ``seconds`` it goes with the browser."""
    one: SimpleCookie = SimpleCookie({name: value})
    one[name].update({"path": prefix() or "/", "httponly": True, "samesite": "Lax"})
    if seconds is not None:
        one[name]["max-age"] = seconds
    headers.append("set-cookie", one[name].OutputString())


def _secure(headers: MutableHeaders) -> None:
    """Where the server is reached over https, let no cookie travel without it; Streamlit's own would."""
    if not str(provider().get("redirect_uri", "")).startswith("https:"):
        return
    told = headers.getlist("set-cookie")
    if told:
        del headers["set-cookie"]
        for one in told:
            headers.append("set-cookie", one if "; Secure" in one else f"{one}; Secure")
