"""The screen in a real browser: every page at two sizes is drawn, Chinese, readable, and found again after F5."""

from __future__ import annotations

import re
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
from browsing import NARROW, WIDE, chromium, opened_tab, press, served, settle

from insight import pipeline
from insight import study as store
from insight.schema.codebook import Code
from pages.ui.places import GROUPS

pytestmark = pytest.mark.browser

PLACES = [place for group in GROUPS.values() for place in group]
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


@pytest.fixture(scope="module")
def server(own_folders: Path, demo_study, tmp_path_factory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("server") / "log.txt") as (url, _):
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def tab(browser) -> Iterator[Any]:
    with opened_tab(browser) as page:
        yield page


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.path)
def test_a_page_is_drawn_in_chinese_at_both_sizes(place, server, tab):
    path = "" if place.path == "overview" else place.path
    tab.goto(f"{server}/{path}?study=demo")
    settle(tab)
    for size in (WIDE, NARROW):
        tab.set_viewport_size(size)
        settle(tab)
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
    plain = re.sub(r"[\w.-]+\.[a-z]{3,4}\b", "", words)
    return {w for w in re.findall(r"[A-Za-z]{2,}", plain) if w not in ALLOWED}


def test_f5_and_a_second_tab_come_back_to_the_same_place(server, tab, browser):
    tab.goto(f"{server}/?study=demo")
    settle(tab)
    tab.get_by_role("link", name="问卷表").click()
    tab.wait_for_url("**/tables?*")
    settle(tab)
    tab.get_by_text("交叉表", exact=True).first.click()
    tab.wait_for_url("**view=crosstab*")
    settle(tab)
    title, address = tab.inner_text("h1"), tab.url
    assert parse_qs(urlsplit(address).query)["study"] == ["demo"]
    tab.reload()
    settle(tab)
    assert (tab.inner_text("h1"), tab.url) == (title, address)
    other = browser.new_page()
    other.goto(address)
    settle(other)
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
    settle(tab)
    address = tab.locator("a", has_text="导出 xlsx").first.get_attribute("href")
    answer = tab.context.request.get(f"{server}/{address}")
    assert "demo_rfm.xlsx" in answer.headers["content-disposition"]
    assert answer.body()[:2] == b"PK"
    assert tab.context.request.get(f"{server}/{address}").status == 410


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
    with served(tmp_path / "log.txt", INSIGHT_PATIENCE="0.3") as (url, process):
        tab.goto(f"{url}/?study={untouched}")
        settle(tab)
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
    settle(tab)
    tab.locator("[data-testid=stVegaLiteChart] svg g.mark-rect path").nth(2).click()
    drawer = tab.locator("[role=dialog]")
    drawer.get_by_role("tab").first.wait_for()
    name = drawer.locator("h2").inner_text()
    assert parse_qs(urlsplit(tab.url).query)["row"] == [name]
    assert "位客户" in drawer.inner_text()
    tab.keyboard.press("Escape")
    tab.wait_for_url(lambda url: "who" not in url)
    drawer.wait_for(state="hidden")
    settle(tab)
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
    settle(tab)
    tab.get_by_role("button", name="展开侧栏").click()
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name="行为").click()
    tab.wait_for_url("**/behaviour?*")
    tab.wait_for_selector("[data-testid=stSidebar][data-collapsed=true]", state="attached")
    settle(tab)
    assert tab.inner_text("h1") == "销售随时间怎样变化？"


def test_the_menu_stands_below_the_study_and_a_page_in_a_new_tab_shows_the_same_one(server, tab):
    tab.goto(f"{server}/segments?study=demo")
    settle(tab)
    menu = tab.get_by_test_id("stSidebarNav")
    assert menu.get_by_role("link").count() == sum(map(len, GROUPS.values()))
    assert menu.get_by_role("link", name="分层").get_attribute("aria-current") == "page"
    study = tab.get_by_test_id("stSidebarUserContent").bounding_box()
    assert study["y"] + study["height"] <= menu.bounding_box()["y"] + 1
    with tab.context.expect_page() as another:
        menu.get_by_role("link", name="行为").click(button="middle")
    assert urlsplit(another.value.url).path == "/behaviour"
    assert parse_qs(urlsplit(another.value.url).query)["study"] == ["demo"]


def test_back_leads_to_what_was_chosen_before_and_then_to_the_page_before(server, tab):
    tab.goto(f"{server}/segments?study=demo")
    settle(tab)
    first = tab.inner_text("h1")
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name="问卷表").click()
    tab.wait_for_url("**/tables?*")
    settle(tab)
    second = tab.inner_text("h1")
    tab.get_by_text("交叉表", exact=True).first.click()
    tab.wait_for_url("**view=crosstab*")
    settle(tab)
    third = tab.inner_text("h1")
    for way, title in ((tab.go_back, second), (tab.go_back, first), (tab.go_forward, second), (tab.go_forward, third)):  # fmt: skip
        way()
        tab.wait_for_function(
            "title => document.querySelector('h1')?.innerText === title", arg=title
        )
        settle(tab)
        assert not tab.get_by_test_id("stAlert").count()


def test_back_leads_to_the_one_and_to_the_several_that_were_chosen_before(server, tab):
    for page, label in (("needs?study=demo", "人群"), ("tables?study=demo&view=crosstab", "人群（可并列几个）")):  # fmt: skip
        tab.goto(f"{server}/{page}")
        settle(tab)
        control = tab.locator("[data-testid=stSelectbox], [data-testid=stMultiSelect]").filter(
            has=tab.get_by_text(label, exact=True)
        )
        asked, before = tab.url, _shown(control)
        control.locator("input").click()
        tab.get_by_role("option", selected=False).nth(2).click()
        tab.wait_for_url(lambda url, asked=asked: url != asked)
        settle(tab)
        after, chosen = _shown(control), tab.url
        assert after != before
        tab.go_back()
        tab.wait_for_url(lambda url, chosen=chosen: url != chosen)
        settle(tab)
        assert _shown(control) == before
        tab.go_forward()
        tab.wait_for_url(chosen)
        settle(tab)
        assert _shown(control) == after
        assert not tab.get_by_test_id("stAlert").count()


def _shown(control: Any) -> tuple[str, str]:
    """What a control says it holds, as words and as the value of its field."""
    return control.inner_text(), control.locator("input").input_value()


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


PICKED = ", ".join(
    f"[class*='st-key-{kind}'] [data-testid=stBaseButton-primary]" for kind in ("need", "mood")
)


def test_answers_are_coded_by_the_keys_alone(server, tab, coded):
    """1 and 2 pick needs, Q praises, Enter saves and goes on, U takes back, J and K go on and back."""
    tab.goto(f"{server}/coding?study=coded&view=code")
    text = tab.locator("h4")
    text.wait_for()
    tab.locator(".st-key-coding-save").wait_for()  # the needs stand before it
    first = text.inner_text()
    for key, name, seen in (
        ("1", "外观", "visible"),
        ("2", "客气", "visible"),
        ("Q", "正面", "visible"),
        ("1", "外观", "detached"),
    ):
        press(tab, key)
        tab.locator(PICKED, has_text=name).wait_for(state=seen)
    press(tab, "Enter")
    tab.wait_for_function("before => document.querySelector('h4').innerText !== before", arg=first)
    second = text.inner_text()
    (made,) = pipeline.coded(coded)
    names = {c.key: c.name for c in pipeline.codebook(coded).codes}
    assert [names[key] for key in made.needs] == ["客气"]
    assert made.polarity == "positive"
    press(tab, "u")
    tab.wait_for_function("now => document.querySelector('h4').innerText === now", arg=first)
    assert pipeline.coded(coded) == ()
    for key, seen in (("j", second), ("k", first)):
        press(tab, key)
        tab.wait_for_function("now => document.querySelector('h4').innerText === now", arg=seen)
