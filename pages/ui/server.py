"""What the server adds to Streamlit: security headers, pages in Chinese, and one Chinese font."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import App, get_option
from streamlit.runtime.pages_manager import PagesManager

from insight import access
from insight.analyses import catalogue
from insight.charts import FONT_FILE
from insight.errors import UnsafeServing
from insight.logs import redact
from insight.pipeline import jobs
from pages.ui import once, places, shell, signing
from pages.ui.prefix import below, prefix

# Scripts and styles are Streamlit's own; the picture, font and network rules are what keeps words
# of respondents from calling a foreign server.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Vega compiles its expressions
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ICON = str(
    Path(__file__).with_name("icon.svg")
)  # a Material icon here would be fetched from Google
_LANGUAGE = (b'<html lang="en">', b'<html lang="zh">')  # of one length
_SAVING = (b"accept-encoding", b"if-none-match", b"if-modified-since")
_SHORT_ROUNDS = (10_000, 10, 1_000_000)  # objects; short rounds; long ones never by counting
_EVERY = 60.0  # seconds between two long rounds
_MOST_HEAPS = -8  # M_ARENA_MAX of malloc.h
_FONT = FONT_FILE.with_suffix(".woff2")


def guarded(app: ASGIApp) -> ASGIApp:
    """Wrap ``app``: every answer carries the security headers, downloads are not cached, pages are Chinese."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if path.startswith("/media/"):
                    headers["Cache-Control"] = "no-store"
                is_html = headers.get("content-type", "").startswith("text/html")
                if is_page and is_html and (length := headers.get("content-length")):
                    headers["Content-Length"] = str(int(length) + len(shell.head()))
            elif is_page:
                page = message.get("body", b"").replace(*_LANGUAGE)
                message["body"] = shell.dressed(page)
            await send(message)

        path = below(scope["path"]) if scope["type"] == "http" else "."
        is_page = "." not in path
        if is_page:  # the page's few bytes travel plain and whole, so that they can be changed
            scope["headers"] = [h for h in scope["headers"] if h[0] not in _SAVING]
        await app(scope, receive, send_guarded if scope["type"] == "http" else send)

    return serve


@asynccontextmanager
async def warmed(_: App) -> AsyncGenerator[dict[str, Any] | None]:
    """Before the first visitor: a child waits for work, the imports leave the garbage collector's rounds.

    The long rounds over everything that sessions hold come by the clock, not in the middle of whoever's
    click makes the last of so many objects.

    A folder called ``pages`` makes a fresh server answer the first visit the old way, where every
    address but the root is "not found"; saying so here spares the visitor that box.
    """
    redact()
    no_more_heaps()
    send_at_once()
    PagesManager.uses_pages_directory = False
    jobs.warm()
    catalogue()  # every analysis with its libraries, which the first page would wait for
    gc.freeze()
    gc.set_threshold(*_SHORT_ROUNDS)
    rounds = asyncio.create_task(_long_rounds())
    try:
        yield None
    finally:
        rounds.cancel()
        jobs.close()


def no_more_heaps() -> None:
    """Let new threads take their memory from the heaps there are.

    Every run of a page is a thread. GNU's allocator would make up to eight heaps a core, each of which
    keeps room for the largest page that was ever drawn from it.
    """
    with suppress(AttributeError, OSError, TypeError):  # other systems have another allocator
        ctypes.CDLL(None).mallopt(_MOST_HEAPS, 2)


def send_at_once() -> None:
    """Let the last of many small messages go out without waiting for the browser's word on those before it.

    Browsers keep that word back for 40 ms. The web server opens its socket in a way in which asyncio does not
    see that it should say so itself; connections inherit what is said to the socket that accepts them.
    """
    opened = Path("/dev/fd")  # where there is none, nothing is said
    for place in tuple(opened.iterdir()) if opened.is_dir() else ():
        with suppress(OSError):  # the folder itself is closed again
            if place.is_socket():
                _speaks_at_once(int(place.name))


def _speaks_at_once(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as one:
        if one.family in (socket.AF_INET, socket.AF_INET6):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _long_rounds() -> None:
    while True:
        await asyncio.sleep(_EVERY)
        gc.collect()


def settled() -> None:
    """End a server that would let strangers in, with one sentence."""
    has_admin = not signing.is_asked() or access.has_admin()
    try:
        access.refuse_unsafe(
            get_option("server.address"), has_provider=bool(signing.provider()), has_admin=has_admin
        )
    except UnsafeServing as error:
        raise SystemExit(str(error)) from None


def _font(_: Request) -> FileResponse:
    cached = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(_FONT, media_type="font/woff2", headers=cached)


def _home(request: Request) -> RedirectResponse:
    """The first page has the root as its address; who asks for it by its name is led there."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


_OWN = (
    Route(f"/fonts/{_FONT.name}", _font),
    Route(f"/{places.OVERVIEW.path}", _home),
    shell.ROUTE,
    once.ROUTE,
)
ROUTES = tuple(Route(prefix() + one.path, one.endpoint) for one in _OWN)
