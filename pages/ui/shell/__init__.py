"""What no option of Streamlit changes: its own words in Chinese, the colour of what is selected, the study above the menu.

The page carries one small script and two lines of style. White is always written on the primary colour and
the primary colour on the background where something is selected; on a dark page no colour does both readably.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config

PATH = "/shell/zh.js"
_END = b"</head>"
_SCRIPT = '<script src="./shell/zh.js"></script>'  # relative: the app may live below a prefix
_SELECTED = "button[data-selected=true],[role=tab][aria-selected=true]"
_STUDY_FIRST = (
    "[data-testid=stSidebarContent]{display:flex;flex-direction:column}"
    "[data-testid=stSidebarNav]{order:1}div[data-testid=stSidebarUserContent]{padding-bottom:.5rem}"
)
_HERE = Path(__file__).parent


@cache
def script() -> str:
    """The script with its dictionary."""
    words = tomllib.loads(_HERE.joinpath("words.toml").read_text("utf-8"))
    told = json.dumps(words, ensure_ascii=False)
    code = _HERE.joinpath("shell.js").read_text("utf-8")
    return f"{code}({told})\n"


@cache
def head() -> bytes:
    """What the head of a page carries: the style, then the script."""
    light, dark = (config.get_option(f"theme.{mode}.linkColor") for mode in ("light", "dark"))
    style = (
        f"<style>{_SELECTED}{{color:light-dark({light},{dark})!important}}{_STUDY_FIRST}</style>"
    )
    return f"{style}{_SCRIPT}".encode()


def dressed(page: bytes) -> bytes:
    """The start page with our style and script in its head."""
    return page.replace(_END, head() + _END, 1)


def _served(_: Request) -> Response:
    return Response(script(), media_type="text/javascript")


ROUTE = Route(PATH, _served)
