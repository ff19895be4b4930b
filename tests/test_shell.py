"""Streamlit's own words in Chinese: each still stands in the front end, and what people say stays untouched."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit

from pages.ui import shell

WORDS = tomllib.loads(Path(shell.__file__).with_name("words.toml").read_text("utf-8"))
BUNDLE = Path(streamlit.__file__).parent / "static" / "static" / "js"


@pytest.fixture(scope="module")
def bundle() -> str:
    """All of the installed front end."""
    return "\n".join(f.read_text("utf-8") for f in sorted(BUNDLE.glob("*.js")))


def test_every_word_still_stands_in_the_installed_front_end(bundle):
    stands = [*WORDS["words"], *(rule["stands"] for rule in WORDS["patterns"])]
    assert [word for word in stands if word not in bundle] == []


def test_every_word_is_said_in_chinese():
    said = [*WORDS["words"].values(), *(rule["say"] for rule in WORDS["patterns"])]
    assert all(re.search(r"[一-鿿]", word) for word in said)


def test_patterns_hold_on_to_both_ends():
    assert all(rule["find"][0] == "^" and rule["find"][-1] == "$" for rule in WORDS["patterns"])


def test_the_page_loads_the_script_from_its_own_server_once():
    page = b"<head><title>x</title></head><body></head></body>"
    changed = shell.dressed(page)
    assert changed.count(b'<script src="./shell/zh.js"></script>') == 1
    assert len(changed) == len(page) + len(shell.head())


@pytest.fixture(scope="module")
def tab() -> Iterator[Any]:
    """An empty page of a headless Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((p for p in found if p), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def _shown(tab: Any, html: str, ask: str) -> Any:
    """What the page says after the script has met ``html``, put in before and after it starts."""
    tab.set_content(f"<html><head></head><body>{html}</body></html>")
    tab.add_script_tag(content=shell.script())
    before = tab.evaluate(ask)
    tab.evaluate("html => { document.body.innerHTML = ''; document.body.innerHTML = html }", html)
    tab.evaluate("() => new Promise(done => setTimeout(done))")
    assert tab.evaluate(ask) == before
    return before


TEXT = "() => document.body.innerText.trim()"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<a>Skip to main content</a>", "跳到正文"),
        ("<small>200MB per file</small>", "每个不超过 200 MB"),
        ("<b>Press Enter to apply</b>", "按回车确认"),
        ("<b>File must be 200.0MB or smaller.</b>", "文件不能大于 200.0MB。"),
        ("<b>exe files are not allowed.</b>", "不能选 exe 文件。"),
        ("<button data-testid=stFileUploaderDropzone><p data-testid=stMarkdownContainer>Upload</p></button>", "选择文件"),
        ("<div data-testid=stTooltipContent><p data-testid=stMarkdownContainer>Fullscreen</p></div>", "全屏"),
        ("<p data-testid=stMarkdownContainer>The page that you have requested does not seem to exist. Running the app's main page.</p>", "这个地址没有对应的页面，已打开首页。"),
    ],
)  # fmt: skip
def test_the_words_of_the_shell_are_said_in_chinese(tab, html, said):
    assert _shown(tab, html, TEXT) == said


@pytest.mark.browser
@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<button aria-label='Search: 名单'></button>", "查找：名单"),
        ("<input placeholder='Choose an option'>", "请选择"),
        ("<b title='Remove Report 2.csv'></b>", "移除 Report 2.csv"),
        ("<b aria-label='Help for 金额'></b>", "金额：说明"),
        ("<b aria-roledescription='axis'></b>", "坐标轴"),
        ("<b aria-label='priority_high icon'></b>", "图标"),
    ],
)
def test_labels_for_screen_readers_and_hints_are_said_in_chinese(tab, html, said):
    assert _shown(tab, html, "() => [...document.body.firstElementChild.attributes][0].value") == said  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(
    "html",
    [
        "<div data-testid=stText>Search</div>",
        "<div data-testid=stMarkdownContainer><p>Upload</p></div>",
        "<table><tr><td>Close</td></tr></table>",
        "<div role=option>Count</div>",
        "<code>Stop</code>",
        "<div data-testid=stFileUploaderFileName>Upload</div>",
        "<p>Search for meaning</p>",
        "<p>Open sesame</p>",
        "<p>Close：两个字</p>",
    ],
)
def test_what_people_and_data_say_stays_letter_for_letter(tab, html):
    before = re.sub("<.*?>", "", html)
    assert _shown(tab, html, TEXT) == before
