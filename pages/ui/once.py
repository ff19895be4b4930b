"""Files that leave through an address of their own: it works once, for ten minutes, and for one browser only.

Streamlit's own downloads lie at an address that anybody may ask for, and that is made from samples of
the bytes, so that two large lists can share one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import chain
from threading import Lock
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from insight.errors import InsightError
from insight.pipeline import Spooled
from pages.ui import signing

LASTS = 600.0  # seconds
_PATH = "once"
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_KIND = "application/octet-stream"
Made = bytes | Spooled
Holder = tuple[str, str]
"""What a browser is told by: its sign-in, and the cookie that Streamlit gives each."""
Place = tuple[str, str]
"""A tab, and a button of its page."""


@dataclass(frozen=True, slots=True)
class _Offer:
    make: Callable[[], Made]
    name: str
    holder: Holder
    until: float
    within: Context


@dataclass(slots=True)
class _Screen:
    """The tokens of the buttons of one tab: of the page that was drawn to its end, and since then."""

    drawn: dict[str, tuple[str, ...]] = field(default_factory=dict)
    since: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def renewed(self, button: str, token: str) -> tuple[str, ...]:
        """Put a token on a button; returned are those that can stand there no more."""
        before = self.since.get(button) or self.drawn.pop(button, ())
        self.since[button] = (*before[-1:], token)
        return before[:-1]

    def ended(self) -> tuple[str, ...]:
        """A page is drawn to its end; returned are the tokens of buttons that are not on it."""
        gone = tuple(chain.from_iterable(self.drawn.values()))
        self.drawn, self.since = self.since, {}
        return gone

    def tokens(self) -> set[str]:
        return set(chain.from_iterable((*self.drawn.values(), *self.since.values())))


@dataclass(slots=True)
class Desk:
    """The files of this server that wait to be fetched.

    Attributes
    ----------
    clock : seconds
    """

    clock: Callable[[], float] = time.monotonic
    _offers: dict[str, _Offer] = field(default_factory=dict)
    _screens: dict[str, _Screen] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def offer(
        self, make: Callable[[], Made], name: str, *, holder: Holder = ("", ""), place: Place | None = None
    ) -> str:  # fmt: skip
        """The address, relative to any page, under which the file can be fetched once.

        Parameters
        ----------
        make : gives the content when it is fetched, as whoever is at work now
        holder : of the browser that may fetch it; a cookie that it did not have is not asked for
        place : an offer there ends all but the one before, which may still be on the screen
        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._offers[token] = _Offer(make, name, holder, self.clock() + LASTS, copy_context())
            if place:
                screen, button = place
                self._end(self._screens.setdefault(screen, _Screen()).renewed(button, token))
        return f"{_PATH}/{token}/{quote(name)}"

    def drawn(self, screen: str) -> None:
        """A tab has drawn a page to its end: what stood there before, and was not offered anew, ends."""
        with self._lock:
            if screen in self._screens:
                self._end(self._screens[screen].ended())

    def take(self, token: str, holder: Holder = ("", "")) -> _Offer | None:
        """What was offered under this token, for the first who asks in time from the right browser."""
        with self._lock:
            self._forget_old()
            found = self._offers.get(token)
            if found is None or any(own and own != asked for own, asked in zip(found.holder, holder, strict=True)):  # fmt: skip
                return None
            return self._offers.pop(token)

    def _forget_old(self) -> None:
        now = self.clock()
        self._end([token for token, one in self._offers.items() if one.until < now])
        self._screens = {name: one for name, one in self._screens.items() if one.tokens() & self._offers.keys()}  # fmt: skip

    def _end(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            self._offers.pop(token, None)


DESK = Desk()


def _fetched(request: Request) -> Response:
    cookie = request.cookies.get("_streamlit_xsrf", "")
    found = DESK.take(request.path_params["token"], (signing.holder_of(request), cookie))
    if found is None:
        text = "这个下载地址已经用过、过期，或者不是给这个浏览器的。请回到页面重新点击下载。"
        return PlainTextResponse(text, 410, _HEADERS)
    try:
        made = found.within.run(found.make)
    except InsightError as error:
        return PlainTextResponse(f"{error.message}{error.hint}", 403, _HEADERS)
    if isinstance(made, Spooled):
        done = BackgroundTask(made.close)
        return FileResponse(made.path, media_type=_KIND, filename=found.name, headers=_HEADERS, background=done)  # fmt: skip
    named = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(found.name)}"}
    return Response(made, media_type=_KIND, headers=_HEADERS | named)


ROUTE = Route(f"/{_PATH}/{{token}}/{{name}}", _fetched)
