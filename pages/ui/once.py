"""Files that leave through an address of their own: it works once, for ten minutes, and is never cached.

Streamlit's own downloads lie at an address that anybody may ask for, and that is made from samples of
the bytes, so that two large lists can share one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from insight.pipeline import Spooled

LASTS = 600.0  # seconds
_PATH = "once"


@dataclass(frozen=True, slots=True)
class _Offer:
    file: Spooled
    name: str
    until: float


@dataclass(slots=True)
class Desk:
    """The files of this server that wait to be fetched.

    Attributes
    ----------
    clock : seconds
    """

    clock: Callable[[], float] = time.monotonic
    _offers: dict[str, _Offer] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def offer(self, file: Spooled, name: str) -> str:
        """The address, relative to any page, under which the file can be fetched once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_old()
            self._offers[token] = _Offer(file, name, self.clock() + LASTS)
        return f"{_PATH}/{token}/{quote(name)}"

    def take(self, token: str) -> _Offer | None:
        """What was offered under this token, for the first who asks in time."""
        with self._lock:
            self._forget_old()
            return self._offers.pop(token, None)

    def _forget_old(self) -> None:
        now = self.clock()
        for token in [t for t, one in self._offers.items() if one.until < now]:
            del self._offers[token]


DESK = Desk()


def _fetched(request: Request) -> Response:
    found = DESK.take(request.path_params["token"])
    if found is None:
        return PlainTextResponse("这个下载地址已经用过或过期，请回到页面重新生成。", 410)
    headers = {"Cache-Control": "no-store"}
    done = BackgroundTask(found.file.close)
    return FileResponse(found.file.path, media_type="application/octet-stream", filename=found.name, headers=headers, background=done)  # fmt: skip


ROUTE = Route(f"/{_PATH}/{{token}}/{{name}}", _fetched)
