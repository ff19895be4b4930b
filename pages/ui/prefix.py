"""Where on its host the app lives: at the root, or below a path of its own that other apps share the host with."""

from __future__ import annotations

from streamlit import get_option


def prefix() -> str:
    """What every address of the app begins with (``server.baseUrlPath``): "/insight", or "" at the root."""
    told = str(get_option("server.baseUrlPath") or "").strip("/")
    return f"/{told}" if told else ""


def below(path: str) -> str:
    """An address without the prefix: "/insight/segments" is "/segments"; "" for what is not of this app."""
    own = prefix()
    if path == own:
        return "/"
    return path.removeprefix(own) if path.startswith(f"{own}/") else ""
