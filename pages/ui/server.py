"""What the server adds to Streamlit: security headers, the page's language, and one Chinese font."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from insight.charts import FONT_FILE

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
ICON = str(Path(__file__).with_name("icon.svg"))  # a Material icon here would be fetched from Google
_FONT = FONT_FILE.with_suffix(".woff2")


def guarded(app: ASGIApp) -> ASGIApp:
    """Wrap ``app`` so that every answer carries the security headers; downloads are not cached."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["path"].startswith("/media/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await app(scope, receive, send_guarded if scope["type"] == "http" else send)

    return serve


def _font(_: Request) -> FileResponse:
    cached = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(_FONT, media_type="font/woff2", headers=cached)


ROUTES = (Route(f"/fonts/{_FONT.name}", _font),)
