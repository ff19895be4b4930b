"""Hostile words as columns, options, groups, comments and names: no page draws them, runs them or asks for what they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from browsing import chromium, opened_tab, served, settle

from insight import pipeline
from insight.pipeline import Hints
from insight.schema.audiences import Audience
from pages.ui.places import GROUPS

pytestmark = pytest.mark.browser

PATHS = [place.path for group in GROUPS.values() for place in group]
STUDY = "_斜_ $x^2$ ~~删~~ `码` #题 {0}"
N = 60
# What words must not become: elements that only Markdown or HTML in the data can have made.
DRAWN = """(port) => [...document.querySelectorAll(
    `[src*=":${port}"], [href*=":${port}"], .katex, del, s, main iframe, main object, main embed`)]
  .map((e) => e.outerHTML.slice(0, 200))
  .concat([...document.querySelectorAll('strong, em, h1, h2, h3, h4, code')]
    .filter((e) => /^(粗体词|斜体词|标题词|代码词)$/.test(e.innerText)).map((e) => e.outerHTML.slice(0, 200)))
  .concat(window.hacked ? ['script'] : [])"""


def words(port: int) -> list[str]:
    """Words that would fetch, run or change something if they were taken for more than words."""
    trap = f"http://127.0.0.1:{port}"
    return [
        f"![图]({trap}/image.png)", f"<img src='{trap}/html.png' onerror='window.hacked=1'>",
        "<script>window.hacked=1</script>", f"[点这里]({trap}/link)", f"<iframe src='{trap}/frame'></iframe>",
        "**粗体词** _斜体词_ ~~删除词~~", r"$\frac{1}{2}$ `代码词`", ":material/home: :red[红] :smile:", "# 标题词",
        f'=HYPERLINK("{trap}/cell")', "\u202e反过来\u202c的字", "响铃\x07和\x1b[31m红", "长" * 2_000, f"{trap}/bare",
        "{{7*7}} ${7*7} %s", "' OR 1=1; DROP TABLE x;--",
    ]  # fmt: skip


@contextmanager
def trap() -> Iterator[tuple[int, list[str]]]:
    """A server that notes whatever is asked of it."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], asked
        server.shutdown()


def _turns(said: list[str], n: int = N) -> list[str]:
    return [said[i % len(said)] for i in range(n)]


def study_of(folder: Path, said: list[str]) -> None:
    """A study in which everything that people name is hostile: orders, a questionnaire, comments."""
    study = pipeline.new(folder)
    who = [f"M{i % 40:04}" for i in range(N)]
    orders = {
        "会员号": who, "订单号": [f"D{i}" for i in range(N)], "下单时间": [f"2024-{i % 12 + 1:02}-{i % 27 + 1:02} 10:00:00" for i in range(N)],
        "实付金额": [str(50 + 37 * i % 900) for i in range(N)], "商品": _turns(said), "品类": _turns(said[:5]), "渠道": _turns(said[5:9]), "城市": _turns(said[9:13]),
    }  # fmt: skip
    answers = {
        "会员号": who, f"Q1 {said[0]}": _turns(said[:4]), f"Q2 {said[2]}": _turns(["1", "2", "3", "4", "5"]),
        f"Q3 {said[5]}": _turns(said[6:10]), f"Q4 {said[13]}": [f"{one} 第{i}次买，包装好物流快" for i, one in enumerate(_turns(said))],
    }  # fmt: skip
    texts = {"会员号": who, "评论": [f"{one} 第{i}条：客服回复快，物流慢" for i, one in enumerate(_turns(said))]}  # fmt: skip
    for table, columns in {"orders": orders, "responses": answers, "texts": texts}.items():
        name = f"![{table}](x) <b>{said[3]}.csv"
        pipeline.add(study, pl.DataFrame(columns).write_csv().encode(), name, hints=Hints(table=table))  # fmt: skip
    rule = pipeline.read_rule(study, "消费>=100")
    for name in ("**粗体词** $x$", f"<b>{said[2][:20]}"):
        pipeline.save_audience(study, Audience(name=name, rule=rule))


@pytest.fixture(scope="module")
def hostile(own_folders: Path, tmp_path_factory) -> Iterator[tuple[str, int, list[str], Any]]:
    """The address of the app, the trap's port and what was asked of it, and a browser."""
    with trap() as (port, asked):
        study_of(own_folders / "studies" / STUDY, words(port))
        log = tmp_path_factory.mktemp("words") / "log.txt"
        with served(log) as (url, _), chromium() as browser:
            yield url, port, asked, browser


@pytest.mark.parametrize("path", PATHS)
def test_hostile_words_change_nothing_on_a_page_and_fetch_nothing(hostile, path):
    url, port, asked, browser = hostile
    with opened_tab(browser) as tab:
        blocked: list[str] = []
        tab.on("console", lambda one: blocked.append(one.text) if str(port) in one.text else None)
        tab.goto(f"{url}/{path.replace('overview', '')}?study={quote(STUDY)}")
        settle(tab)
        assert tab.evaluate(DRAWN, port) == []
        assert "程序出了意外" not in tab.inner_text("body")
        assert blocked == []  # the rules of the headers had nothing to stop
    assert asked == []
