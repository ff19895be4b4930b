"""Nothing typed is lost: a reload, a second tab, a server that is killed and started again, a network that drops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import DONE, chromium, free_port, opened_tab, served, settle
from shown_study import shown

from insight import pipeline
from insight import study as store
from insight.settings import settings

pytestmark = pytest.mark.browser

NAME = "autosaved"
TTL = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}  # seconds


@pytest.fixture
def study(own_folders):
    with shown(NAME) as made:
        yield made


@pytest.fixture
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def address(url: str) -> str:
    return f"{url}/segments?study={NAME}&view=rfm"


def panel(page: Any) -> Any:
    """The first number of the panel 调整, which is opened where it is closed."""
    field = page.locator("[data-testid=stPopoverBody] input[type=number]").first
    if not field.count():
        page.get_by_role("button", name="调整").first.click()
    field.wait_for()
    return field


def typed(page: Any, value: str) -> None:
    field = panel(page)
    field.fill(value)
    field.press("Tab")
    page.wait_for_timeout(300)
    page.wait_for_selector(DONE)


def days(study) -> int:
    return pipeline.params_of(study, "rfm").window_days


def waits_for(study, value: int) -> None:
    """What was typed lies on disk."""
    kept = store.drafts(study, settings().author, "segments")
    assert [one.value for name, one in kept.items() if name == "rfm:window_days"] == [value]


def test_a_reload_and_a_second_tab_show_what_was_typed(study, browser, tmp_path):
    with served(tmp_path / "log.txt") as (url, _), opened_tab(browser) as page:
        page.goto(address(url))
        settle(page)
        typed(page, "123")
        waits_for(study, 123)
        page.reload()
        settle(page)
        assert panel(page).input_value() == "123"
        with opened_tab(browser) as second:
            second.goto(page.url)
            settle(second)
            assert panel(second).input_value() == "123"
            assert second.get_by_text("也在看：另一个窗口").count() == 1
            second.get_by_role("button", name="应用").click()
            second.wait_for_timeout(300)
            settle(second)
    assert days(study) == 123


def test_a_server_that_is_killed_and_started_again_loses_nothing(study, browser, tmp_path):
    port = free_port()
    with opened_tab(browser) as page:
        with served(tmp_path / "first.txt", port=port) as (url, process):
            page.goto(address(url))
            settle(page)
            typed(page, "234")
            where = page.url
            process.kill()
        with served(tmp_path / "second.txt", port=port):
            page.goto(where)
            settle(page)
            assert page.url == where
            assert panel(page).input_value() == "234"
            page.get_by_role("button", name="应用").click()
            page.wait_for_timeout(300)
            settle(page)
    assert days(study) == 234


def test_a_network_that_drops_for_longer_than_the_session_lives_loses_nothing(study, browser, tmp_path):  # fmt: skip
    with served(tmp_path / "log.txt", **TTL) as (url, process), opened_tab(browser) as page:
        page.goto(address(url))
        settle(page)
        typed(page, "345")
        browser.set_offline(True)
        process.suspend()
        page.wait_for_timeout(3000)
        process.resume()
        browser.set_offline(False)
        page.reload()
        settle(page)
        assert panel(page).input_value() == "345"
        waits_for(study, 345)


def test_two_browsers_in_conflict_lose_neither(study, tmp_path):
    with served(tmp_path / "log.txt") as (url, _), chromium() as mine, opened_tab(mine) as page:
        page.goto(address(url))
        settle(page)
        typed(page, "111")
        params = pipeline.params_of(study, "rfm", {"window_days": 222})
        pipeline.set_params(study, params, key="rfm")
        page.get_by_role("button", name="应用").click()
        page.get_by_text("有人先改了这个研究").wait_for()
        assert days(study) == 222
        page.get_by_text("用我的").first.click()
        page.get_by_role("button", name="在最新版本上重做").click()
        page.get_by_text("有人先改了这个研究").wait_for(state="detached")
        settle(page)
        assert page.foreign == []
    assert days(study) == 111
    assert len(store.history(study)) == 4
