"""Streamlit's own words in Chinese: no option changes them, so the page carries one small script."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/shell/zh.js"
_END = b"</head>"
_TAG = b'<script src="./shell/zh.js"></script>'  # relative: the app may live below a prefix
LONGER = len(_TAG)  # bytes that the script's tag adds to a page
_HERE = Path(__file__).parent


@cache
def script() -> str:
    """The script with its dictionary."""
    words = tomllib.loads(_HERE.joinpath("words.toml").read_text("utf-8"))
    told = json.dumps(words, ensure_ascii=False)
    code = _HERE.joinpath("shell.js").read_text("utf-8")
    return f"{code}({told})\n"


def with_script(page: bytes) -> bytes:
    """The start page with the script in its head."""
    return page.replace(_END, _TAG + _END, 1)


def _served(_: Request) -> Response:
    return Response(script(), media_type="text/javascript")


ROUTE = Route(PATH, _served)
