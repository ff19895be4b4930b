"""The app: how it is served, and the frame that every page appears in."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from pages.ui import broken, doors, server
from pages.ui.frame import frame

app = st.App(
    __file__,
    lifespan=server.warmed,
    routes=server.ROUTES,
    middleware=[Middleware(server.guarded), Middleware(doors.kept)],
    on_script_error=broken,
)

if __name__ == "__main__":
    frame()
else:  # imported by the web server, once
    server.settled()
