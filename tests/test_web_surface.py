"""What a stranger's request to the running server gets: headers on every answer, and nothing that was not offered."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from browsing import ROOT, served
from streamlit import App
from streamlit.runtime.pages_manager import PagesManager
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from insight.pipeline import jobs
from pages.ui import prefix
from pages.ui.server import warmed

CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
LOCKED = {
    "server.address": "127.0.0.1", "server.allowedHosts": ["127.0.0.1", "localhost"], "server.maxUploadSize": 200,
    "server.maxMessageSize": 64, "server.enableStaticServing": False, "server.enableAgentApi": False,
    "server.disconnectedSessionTTL": 600, "server.fileWatcherType": "none", "server.maxCacheDataSize": "512mb",
    "runner.postScriptGC": False, "client.showErrorDetails": "none", "client.showErrorLinks": False,
    "client.toolbarMode": "minimal", "client.disableDataExport": True, "browser.gatherUsageStats": False,
}  # fmt: skip
ANSWERED = ["/", "/segments", "/fonts/NotoSansSC-Regular.woff2", "/_stcore/health", "/shell/zh.js", "/media/none.csv", "/once/guess/a.zip", "/nothing.js"]  # fmt: skip
ABSENT = ["/app/static/x.csv", "/media/none.csv", "/component/x/index.html", "/%2e%2e/%2e%2e/etc/hostname", "/fonts/../../settings.py", "/studies/demo/study.db", "/.streamlit/config.toml"]  # fmt: skip


@pytest.fixture(scope="module")
def server(own_folders: Path, tmp_path_factory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("surface") / "log.txt") as (url, _):
        yield url


def asked(url: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers with small names, and body of an answer, also of a refusal."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=named)) as answer:  # fmt: skip
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


@pytest.mark.parametrize("option", LOCKED)
def test_the_configuration_holds_every_lock(option):
    section, name = option.split(".")
    assert CONFIG[section][name] == LOCKED[option]


@pytest.mark.parametrize("path", ANSWERED)
def test_every_answer_of_the_running_server_carries_the_headers(server, path):
    _, headers, _ = asked(server + path)
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["connect-src"].split() == ["'self'", "ws:", "wss:"]
    assert {rules["object-src"], rules["frame-ancestors"]} == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/media/none.csv", "/once/guess/a.zip"])
def test_what_is_downloaded_is_kept_by_no_cache(server, path):
    assert "no-store" in asked(server + path)[1].get("cache-control", "") or asked(server + path)[0] == 410  # fmt: skip


@pytest.mark.parametrize("path", ABSENT)
def test_no_file_of_the_server_is_handed_out(server, path):
    status, headers, body = asked(server + path)
    is_frame = headers.get("content-type", "").startswith("text/html") and b"<title>" in body
    assert status in (400, 403, 404) or is_frame
    assert not any(word in body for word in (b"SQLite format", b"[server]", b"pydantic"))


@pytest.fixture(scope="module")
def below(own_folders: Path, tmp_path_factory) -> Iterator[str]:
    """A server whose app lives below a path of its host."""
    told = {"STREAMLIT_SERVER_BASE_URL_PATH": "team/insight"}
    with served(tmp_path_factory.mktemp("below") / "log.txt", **told) as (url, _):
        yield url


def test_below_a_prefix_every_address_of_the_app_answers_as_at_the_root(below, server):
    assert below.endswith("/team/insight")
    for path in ("/", "/segments", "/shell/zh.js", "/_stcore/health", "/fonts/NotoSansSC-Regular.woff2"):  # fmt: skip
        status, headers, body = asked(below + path)
        assert (status, headers["x-frame-options"], body) == (200, "DENY", asked(server + path)[2])
    assert asked(f"{below}/once/guess/a.zip")[0] == 410
    assert asked(f"{below}/media/none.csv")[1]["cache-control"] == "no-store"
    assert b"zh.js" in asked(f"{below}/overview?study=x")[2]


def test_beside_the_prefix_there_is_nothing_of_the_app(below):
    host = below.removesuffix("/team/insight")
    for path in ("/", "/segments", "/shell/zh.js", "/team/insightful", "/team"):
        assert asked(host + path)[0] == 404
    with pytest.raises(InvalidStatus, match="403"):
        connect(f"{host.replace('http', 'ws')}/_stcore/stream")


@pytest.mark.parametrize(
    ("told", "path", "own"),
    [
        ("", "/segments", "/segments"), ("", "/", "/"), ("insight", "/insight", "/"), ("insight", "/insight/", "/"),
        ("/a/b/", "/a/b/segments", "/segments"), ("insight", "/insightful", ""), ("insight", "/segments", ""),
    ],
)  # fmt: skip
def test_an_address_of_the_app_is_what_stands_below_its_prefix(told, path, own, monkeypatch):
    monkeypatch.setattr("pages.ui.prefix.get_option", lambda _: told)
    assert prefix.below(path) == own


def test_another_site_may_read_no_answer(server):
    for path in ("/_stcore/health", "/_stcore/host-config", "/media/none.csv"):
        _, headers, _ = asked(server + path, Origin="http://evil.example")
        assert headers.get("access-control-allow-origin") not in ("*", "http://evil.example")


def test_the_interface_for_agents_is_closed(server):
    for path in ("/_stcore/agent", "/_stcore/agent/sessions", "/_stcore/agent/run"):
        status, headers, _ = asked(server + path)
        assert status in (401, 403, 404) or headers["content-type"].startswith("text/html")


def test_nothing_is_uploaded_without_a_page_that_asked_for_it(server):
    for method in ("PUT", "POST", "DELETE"):
        status, _, _ = asked(f"{server}/_stcore/upload_file/none/none", method=method)
        assert status in (400, 403, 404, 405)


@pytest.mark.parametrize(
    ("host", "origin"), [("127.0.0.1", "http://evil.example"), ("evil.example", None)]
)
def test_the_websocket_is_closed_to_other_sites_and_other_names(server, host, origin):
    port = int(server.rpartition(":")[2])
    plain = socket.create_connection(("127.0.0.1", port))  # as if evil.example led to this machine
    with plain, pytest.raises(InvalidStatus, match="403"):
        connect(f"ws://{host}:{port}/_stcore/stream", sock=plain, origin=origin)


def test_the_websocket_is_open_to_the_own_pages(server):
    address = server.replace("http", "ws") + "/_stcore/stream"
    with connect(address, origin=Origin(server), subprotocols=[Subprotocol("streamlit")]) as page:
        assert page.subprotocol == "streamlit"


def test_the_garbage_collector_leaves_imports_out_and_takes_long_rounds_by_the_clock(monkeypatch):
    done: list[object] = []
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(gc, "set_threshold", lambda *rounds: done.append(rounds))
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    for name, told in (("warm", "child"), ("close", "closed")):
        monkeypatch.setattr(jobs, name, partial(done.append, told))
    monkeypatch.setattr("pages.ui.server.redact", lambda: None)

    async def lived() -> set[str]:
        async with warmed(App("streamlit_app.py")):
            return {task.get_coro().__qualname__ for task in asyncio.all_tasks()}

    # of no protocol that asyncio would see, as the web server opens it
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        assert not door.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert "_long_rounds" in asyncio.run(lived())
        door.listen()
        with socket.create_connection(door.getsockname()), door.accept()[0] as one:
            assert one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert done[:2] == ["child", "freeze"]
    assert done[2][2] >= 1_000_000
    assert done[3] == "closed"


HEAPS = """
import ctypes, sys, threading
from pathlib import Path
from pages.ui.server import no_more_heaps

libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p

def heaps():
    file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    return Path(sys.argv[1]).read_text().count("<heap nr")

def work():
    held = [bytes(1000 + i % 1000) for i in range(1000)]
    all_there.wait()

def run(n):
    global all_there
    all_there = threading.Barrier(n)
    threads = [threading.Thread(target=work) for _ in range(n)]
    for one in threads: one.start()
    for one in threads: one.join()

if sys.argv[2] == "none":
    no_more_heaps()
run(1)  # beside that of the process itself there is one for all threads
before = heaps()
run(8)
print(heaps() - before)
"""


@pytest.mark.skipif(not hasattr(os, "confstr") or "CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="another allocator than GNU's")  # fmt: skip
def test_the_threads_of_the_server_make_no_more_heaps(tmp_path):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

    def made(which: str) -> int:
        told = subprocess.run(
            [sys.executable, "-c", HEAPS, str(tmp_path / "heaps.xml"), which],
            capture_output=True, text=True, check=True, cwd=ROOT, env=plain,
        )  # fmt: skip
        return int(told.stdout)

    assert made("none") == 0 < made("as usual")
