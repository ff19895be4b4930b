"""The app as a user starts it and a Chromium that opens it, for the tests that look at real pages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

ROOT = Path(__file__).parents[1]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nothing is left to do after what is drawn.
IDLE = "() => new Promise((go) => requestAnimationFrame(() => requestIdleCallback(() => go())))"
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def served(
    log_file: Path, *, port: int = 0, **settings: str
) -> Iterator[tuple[str, psutil.Process]]:
    """The app as a user starts it, on a free port or the given one, over the studies of the tests."""
    port = port or free_port()
    below = settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
    url = f"http://127.0.0.1:{port}/{below}".rstrip("/")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.headless", "true", "--server.port", str(port)]
    with log_file.open("w+") as log:
        env = os.environ | settings
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not _is_up(url):
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, "the server did not start"
            _pause(process)
        yield url, psutil.Process(process.pid)
        process.terminate()
        process.wait(timeout=20)


def _pause(process: subprocess.Popen[bytes]) -> None:
    """Wait a moment, or until the process ends."""
    try:
        process.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        return


@contextmanager
def chromium() -> Iterator[Any]:
    """One profile of a headless Chromium, so that its tabs load the program once; skips where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((p for p in found if p), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=path, args=ARGS)
        yield launched.new_context(viewport=WIDE, locale="zh-CN")
        launched.close()


@contextmanager
def opened_tab(browser: Any) -> Iterator[Any]:
    """A tab that notes in ``foreign`` every request to another machine."""
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.foreign = []
    page.on("request", lambda r: _note_foreign(page.foreign, r.url))
    yield page
    page.evaluate("try { localStorage.clear() } catch {}")  # a sidebar that was closed stays closed
    page.close()


def _note_foreign(foreign: list[str], url: str) -> None:
    if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname != "127.0.0.1":
        foreign.append(url)


def settle(page: Any) -> None:
    """Wait until the script has run and the menu is there."""
    page.wait_for_selector("h1")
    page.wait_for_selector(f"{DONE} [data-testid=stSidebarNavLink]", state="attached")
    page.wait_for_selector(DONE)
    page.wait_for_function("document.fonts.status === 'loaded'")


def press(page: Any, key: str) -> None:
    """Press a key when the page listens: it takes up its shortcuts a frame after the script has ended."""
    page.wait_for_selector(DONE)
    page.evaluate(IDLE)
    page.keyboard.press(key)
