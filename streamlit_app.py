"""The app: how it is served, and the frame that every page appears in."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from pages.ui import broken, doors, server
from pages.ui.frame import frame, navigation

app = st.App(
    __file__,
    lifespan=server.warmed,
    routes=server.ROUTES,
    middleware=[Middleware(server.guarded), Middleware(doors.kept)],
    on_script_error=broken,
)

if __name__ == "__main__":
    page = navigation()
    st.set_page_config(f"{page.title}｜客户需求洞察", server.ICON, layout="wide")
    frame(page)
else:  # imported by the web server, once
    server.settled()
