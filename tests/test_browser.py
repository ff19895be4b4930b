"""The screen in a real browser: every page at two sizes is drawn, Chinese, readable, and found again after F5."""

from __future__ import annotations

import os
import re
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
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from insight import pipeline
from insight import study as store
from insight.schema.codebook import Code
from pages.ui.places import GROUPS

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[1]
PLACES = [place for group in GROUPS.values() for place in group]
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
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
# Names that are the same in Chinese.
ALLOWED = frozenset(
    [
        "RFM",
        "KANO",
        "Better",
        "Worse",
        "MaxDiff",
        "TURF",
        "TGI",
        "sav",
        "NPS",
        "NPMI",
        "TF",
        "IDF",
        "Word",
        "Excel",
        "WPS",
        "CSV",
        "Parquet",
        "csv",
        "xlsx",
        "docx",
        "html",
        "txt",
        "Wilson",
        "Bonferroni",
        "SPSS",
        "MB",
        "PNG",
        "ZIP",
        "PowerPoint",
        "pptx",
        "pdf",
        "PDF",
        "JSON",
        "zip",
        "demo",
        "P",
    ]
)
# The visible words of the page, a line a piece of text; icons are ligatures and no words.
WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const aside = '[translate=no], [aria-hidden=true], [data-testid=stIconMaterial], svg, style, script';
  const found = [];
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (!around.closest(aside) && around.checkVisibility({visibilityProperty: true, opacityProperty: true}))
      found.push(walker.currentNode.data);
  }
  return found.join('\\n');
}"""
# What screen readers and hints say: the attributes of everything but cells and the marks of charts.
LABELS = """() => {
  const said = ['aria-label', 'title', 'placeholder', 'alt', 'aria-roledescription', 'aria-description'];
  const all = [...document.querySelectorAll(said.map((name) => `[${name}]`).join(','))];
  const shell = all.filter((e) => !e.closest('canvas, table, [data-testid=stVegaLiteChart] svg g'));
  return shell.flatMap((e) => said.map((name) => e.getAttribute(name) || '')).join('\\n');
}"""
# Two characters that look the same are two empty boxes.
TOFU = """() => {
  const font = getComputedStyle(document.querySelector('h1')).fontFamily;
  const drawn = (text) => {
    const canvas = Object.assign(document.createElement('canvas'), {width: 40, height: 40});
    const pen = canvas.getContext('2d');
    pen.font = '32px ' + font;
    pen.fillText(text, 2, 34);
    return canvas.toDataURL();
  };
  const shapes = ['客', '户', '需', '求', ' '].map(drawn);
  return new Set(shapes).size < shapes.length;
}"""


def _free_port() -> int:
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
def _served(log_file: Path, **settings: str) -> Iterator[tuple[str, psutil.Process]]:
    """The app as a user starts it, on a free port, over the studies of the tests."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
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


@pytest.fixture(scope="module")
def server(own_folders: Path, demo_study, tmp_path_factory) -> Iterator[str]:
    with _served(tmp_path_factory.mktemp("server") / "log.txt") as (url, _):
        yield url


def _pause(process: subprocess.Popen[bytes]) -> None:
    """Wait a moment, or until the process ends."""
    try:
        process.wait(timeout=0.3)
    except subprocess.TimeoutExpired:
        return


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One profile of a headless Chromium, so that its tabs load the program once."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((p for p in found if p), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as play:
        launched = play.chromium.launch(executable_path=path, args=ARGS)
        yield launched.new_context(viewport=WIDE, locale="zh-CN")
        launched.close()


@pytest.fixture
def tab(browser) -> Iterator[Any]:
    """A tab that notes every request to another machine."""
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.foreign = []
    page.on("request", lambda r: _note_foreign(page.foreign, r.url))
    yield page
    page.close()


def _note_foreign(foreign: list[str], url: str) -> None:
    if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname != "127.0.0.1":
        foreign.append(url)


def _settle(page: Any) -> None:
    """Wait until the script has run and its last element is there."""
    page.wait_for_selector("h1")
    page.wait_for_selector(f"{DONE} [data-testid=stPageLink]")
    page.wait_for_selector(DONE)
    page.wait_for_function("document.fonts.status === 'loaded'")


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.path)
def test_a_page_is_drawn_in_chinese_at_both_sizes(place, server, tab):
    path = "" if place.path == "overview" else place.path
    tab.goto(f"{server}/{path}?study=demo")
    _settle(tab)
    for size in (WIDE, NARROW):
        tab.set_viewport_size(size)
        _settle(tab)
        words = tab.evaluate(WORDS)
        assert "Traceback" not in words
        assert tab.locator("[data-testid=stException]").count() == 0
        assert not _english(words), _english(words)
        labels = tab.evaluate(LABELS)
        assert not _english(labels), _english(labels)
        assert not tab.evaluate(TOFU)
        assert len(tab.screenshot()) > 15_000
    assert tab.evaluate("document.documentElement.lang") == "zh"
    assert tab.foreign == []


def _english(words: str) -> set[str]:
    """English words of two letters and more that are neither names nor file names."""
    plain = re.sub(r"[\w.]+\.(csv|xlsx|docx|txt|xls)", "", words)
    return {w for w in re.findall(r"[A-Za-z]{2,}", plain) if w not in ALLOWED}


def test_f5_and_a_second_tab_come_back_to_the_same_place(server, tab, browser):
    tab.goto(f"{server}/?study=demo")
    _settle(tab)
    tab.get_by_role("link", name="问卷表").click()
    tab.wait_for_url("**/tables?*")
    _settle(tab)
    tab.get_by_text("交叉表", exact=True).first.click()
    tab.wait_for_url("**view=crosstab*")
    _settle(tab)
    title, address = tab.inner_text("h1"), tab.url
    assert parse_qs(urlsplit(address).query)["study"] == ["demo"]
    tab.reload()
    _settle(tab)
    assert (tab.inner_text("h1"), tab.url) == (title, address)
    other = browser.new_page()
    other.goto(address)
    _settle(other)
    assert other.inner_text("h1") == title
    other.close()


def test_the_font_and_the_headers_come_from_the_own_server(server):
    with urllib.request.urlopen(f"{server}/fonts/NotoSansSC-Regular.woff2") as answer:
        assert answer.headers["Content-Type"] == "font/woff2"
        assert "max-age" in answer.headers["Cache-Control"]
        assert answer.read(4) == b"wOF2"
    with urllib.request.urlopen(f"{server}/segments") as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert b'<html lang="zh">' in answer.read()


def test_a_table_is_downloaded_as_a_workbook_that_names_the_study(server, tab):
    tab.goto(f"{server}/segments?study=demo")
    _settle(tab)
    with tab.expect_download() as download:
        tab.locator("button", has_text="导出 xlsx").first.click()
    assert download.value.suggested_filename == "demo_rfm.xlsx"
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


@pytest.fixture
def untouched(own_folders: Path, demo_study) -> Iterator[str]:
    """The name of a copy of the example whose customer groups were not worked out yet."""
    path = own_folders / "studies" / "untouched"
    shutil.copytree(demo_study.path, path)
    study = pipeline.opened(path)
    before = store.head(study)
    recipe = before.recipe.model_copy(update={"params": {"rfm": {"window_days": 365}}})
    store.commit(study, recipe, parent=before.id, author="测试", note="参数")
    yield path.name
    shutil.rmtree(path)


def _signal(children: list[psutil.Process], *, stop: bool) -> None:
    for child in children:
        if child.is_running():
            (child.suspend if stop else child.resume)()


def test_slow_work_shows_its_step_can_be_cancelled_and_other_pages_open_meanwhile(
    untouched, tab, tmp_path
):
    with _served(tmp_path / "log.txt", INSIGHT_PATIENCE="0.3") as (url, process):
        tab.goto(f"{url}/?study={untouched}")
        _settle(tab)
        children = process.children()
        assert len(children) == 1
        _signal(children, stop=True)
        tab.get_by_role("link", name="分层").first.click()
        panel = tab.locator("[data-testid=stExpander]", has_text="正在处理：RFM 客户分层")
        panel.wait_for()
        tab.get_by_text(re.compile(r"已用 [1-9]\d* 秒")).wait_for()
        assert not _english(tab.evaluate(WORDS))
        tab.get_by_role("link", name="导入", exact=True).first.click()
        tab.get_by_role("heading", name="把你的数据放进来").wait_for()
        tab.get_by_role("link", name="分层").first.click()
        panel.wait_for()
        tab.get_by_role("button", name="取消").click()
        tab.get_by_text("已取消，数据没有被改动").wait_for()
        _signal(children, stop=False)
        tab.get_by_role("button", name="重新计算").click()
        tab.locator("[data-testid=stDataFrame]").first.wait_for()
        children = process.children()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def test_a_click_on_a_bar_or_a_cell_opens_the_people_behind_it(server, tab):
    tab.goto(f"{server}/segments?study=demo")
    _settle(tab)
    tab.locator("[data-testid=stVegaLiteChart] svg g.mark-rect path").nth(2).click()
    drawer = tab.locator("[role=dialog]")
    drawer.get_by_role("tab").first.wait_for()
    name = drawer.locator("h2").inner_text()
    assert parse_qs(urlsplit(tab.url).query)["row"] == [name]
    assert "位客户" in drawer.inner_text()
    tab.keyboard.press("Escape")
    tab.wait_for_url(lambda url: "who" not in url)
    drawer.wait_for(state="hidden")
    _settle(tab)
    table = tab.locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    x, y = box["x"] + 200, box["y"] + 34 * 2 + 15
    tab.mouse.move(x - 20, y - 20)
    tab.mouse.move(x, y, steps=5)  # as a hand does; the grid follows the pointer
    tab.mouse.click(x, y)
    drawer.get_by_role("tab").first.wait_for()
    assert parse_qs(urlsplit(tab.url).query)["who"] == ["segments"]


def test_on_a_phone_the_sidebar_closes_after_a_page_was_tapped(server, tab):
    tab.set_viewport_size(NARROW)
    tab.goto(f"{server}/?study=demo")
    _settle(tab)
    tab.get_by_role("button", name="展开侧栏").click()
    tab.get_by_test_id("stSidebarUserContent").get_by_role("link", name="行为").click()
    tab.wait_for_url("**/behaviour?*")
    tab.wait_for_selector("[data-testid=stSidebar][data-collapsed=true]", state="attached")
    _settle(tab)
    assert tab.inner_text("h1") == "销售随时间怎样变化？"


@pytest.fixture
def coded(own_folders: Path) -> Iterator[Any]:
    """A study of six comments whose codebook has two needs."""
    study = pipeline.new(own_folders / "studies" / "coded")
    texts = (
        "价格有点贵了",
        "物流实在太慢了",
        "包装盒子很漂亮",
        "又贵又慢",
        "快递员很客气",
        "味道很好",
    )
    rows = "".join(f"{at},{text}\n" for at, text in enumerate(texts))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")
    pipeline.save_code(study, Code(name="外观"))
    pipeline.save_code(study, Code(name="客气"))
    yield study
    shutil.rmtree(study.path)


PICKED_NEEDS = "[class*='st-key-need'] [data-testid=stBaseButton-primary]"


def test_answers_are_coded_by_the_keys_alone(server, tab, coded):
    """1 and 2 pick needs, Q praises, Enter saves and goes on, U takes back, J and K go on and back."""
    tab.goto(f"{server}/coding?study=coded&view=code")
    text = tab.locator("h4")
    text.wait_for()
    first = text.inner_text()
    picked = set(tab.locator(PICKED_NEEDS).all_inner_texts())  # what the rules propose
    for key in "12Q1":
        tab.keyboard.press(key)
        tab.wait_for_timeout(100)
        tab.wait_for_selector(DONE)
    tab.keyboard.press("Enter")
    tab.wait_for_function("before => document.querySelector('h4').innerText !== before", arg=first)
    second = text.inner_text()
    (made,) = pipeline.coded(coded)
    names = {c.key: c.name for c in pipeline.codebook(coded).codes}
    assert {names[key] for key in made.needs} == picked ^ {list(names.values())[1]}
    assert made.polarity == "positive"
    tab.keyboard.press("u")
    tab.wait_for_function("now => document.querySelector('h4').innerText === now", arg=first)
    assert pipeline.coded(coded) == ()
    for key, seen in (("j", second), ("k", first)):
        tab.keyboard.press(key)
        tab.wait_for_function("now => document.querySelector('h4').innerText === now", arg=seen)
