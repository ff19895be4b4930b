"""A server for a team whose proxy signs people in, in a browser: its word counts, and nobody else's."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import chromium, served
from proxying import proxied
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from insight import access, pipeline
from insight.access import Actor
from insight.settings import settings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the whole of 127.0.0.0/8"),
]

PROXY, OTHER = "127.0.0.2", "127.0.0.3"  # addresses that requests come from, all of this machine
BOSS, LI, ZHOU = "boss.wang", "li.kan", "zhou.ke"  # accounts, as a proxy may name people
REFUSED = "请从公司的登录入口打开。"
ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(f"D{n},138001380{n % 20:02},2024-0{1 + n % 6}-03,{20 + n}\n" for n in range(60))  # fmt: skip


@pytest.fixture(scope="module")
def port(tmp_path_factory) -> Iterator[int]:
    """A server that trusts one proxy; 李 is a viewer of its only study."""
    home = tmp_path_factory.mktemp("behind")
    told = {
        "STUDIES_DIR": home / "studies",
        "KEYS_DIR": home / "keys",
        "ADMIN": BOSS,
        "PATIENCE": 60,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(f"INSIGHT_{name}", str(value))
        settings.cache_clear()
        study = pipeline.new(home / "studies" / "甲研究")
        pipeline.add(study, ORDERS.encode(), "订单.csv")
        with access.acting(Actor(BOSS, "admin")):
            access.grant(LI, "viewer", study=study.id, by=BOSS)
        own = {
            "INSIGHT_MODE": "team", "INSIGHT_TRUSTED_HEADER": "X-Forwarded-User", "INSIGHT_TRUSTED_PROXY": PROXY,
        }  # fmt: skip
        with served(home / "log.txt", **own) as (url, _):
            yield urlsplit(url).port
    settings.cache_clear()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as context:
        yield context.browser


@pytest.fixture
def opened(browser) -> Iterator[Any]:
    """Called with an address: a tab of a browser of its own, which says of itself what it likes."""
    contexts = []

    def tab(url: str, **headers: str) -> Any:
        contexts.append(browser.new_context(locale="zh-CN", extra_http_headers={k.replace("_", "-"): v for k, v in headers.items()}))  # fmt: skip
        page = contexts[-1].new_page()
        page.set_default_timeout(40_000)
        page.goto(url)
        return page

    yield tab
    for context in contexts:
        context.close()


def asked(url: str, **headers: str) -> tuple[int, str]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=told), timeout=30
        ) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def test_whom_the_proxy_names_is_signed_in_with_their_rights(port, opened):
    with proxied(port, source=PROXY, person=LI) as url:
        tab = opened(f"{url}/segments?study=甲研究")
        tab.get_by_text(f"{LI}｜按研究授权").wait_for()
        tab.get_by_text(f"{LI}｜按研究授权").click()
        assert tab.get_by_role("button", name="退出").count() == 0  # the proxy keeps the sign-in
        tab.goto(f"{url}/import?study=甲研究")
        tab.get_by_text("没有这个权限").wait_for()
    with proxied(port, source=PROXY, person=BOSS) as url:
        opened(f"{url}/members?study=甲研究").get_by_text(f"{BOSS}｜管理员").wait_for()


def test_what_the_browser_says_of_itself_does_not_pass_the_proxy(port, opened):
    with proxied(port, source=PROXY, person=LI) as url:
        tab = opened(f"{url}/members?study=甲研究", X_Forwarded_User=BOSS)
        tab.get_by_text(f"{LI}｜按研究授权").wait_for()
        tab.get_by_text("没有这个权限").wait_for()


def test_a_careless_proxy_that_passes_a_second_name_on_is_not_believed(port, opened):
    with proxied(port, source=PROXY, person=LI, keeps=True) as url:
        assert opened(url, X_Forwarded_User=BOSS).inner_text("body") == REFUSED
        opened(f"{url}/segments?study=甲研究").get_by_text(f"{LI}｜按研究授权").wait_for()


def test_a_forged_header_sent_past_the_proxy_opens_nothing(port, opened):
    direct = f"http://127.0.0.1:{port}"
    for forged in ({}, {"X_Forwarded_For": PROXY}, {"X_Forwarded_For": f"{PROXY}, 127.0.0.1"}):
        tab = opened(f"{direct}/segments?study=甲研究", X_Forwarded_User=BOSS, **forged)
        assert tab.inner_text("body") == REFUSED
        named = {"X-Forwarded-User": BOSS} | {k.replace("_", "-"): v for k, v in forged.items()}
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://127.0.0.1:{port}/_stcore/stream", additional_headers=named)
    assert asked(f"{direct}/_stcore/health")[0] == 200


def test_a_proxy_at_another_address_is_nobody(port):
    with proxied(port, source=OTHER, person=BOSS) as url:
        assert asked(url) == (401, REFUSED)
        assert asked(f"{url}/media/none.csv") == (401, REFUSED)


def test_who_names_its_own_address_as_forwarded_for_is_not_taken_for_a_proxy_on_this_machine(tmp_path, port):  # fmt: skip
    told = {"INSIGHT_MODE": "team", "INSIGHT_TRUSTED_HEADER": "X-Forwarded-User", "INSIGHT_TRUSTED_PROXY": "127.0.0.1"}  # fmt: skip
    with served(tmp_path / "log.txt", **told) as (url, _):
        at = urlsplit(url).port
        for source, code in ((OTHER, 401), ("127.0.0.1", 200)):
            with proxied(at, source=source, person=BOSS, forwarded=source) as stranger:
                assert asked(f"{stranger}/segments")[0] == code


def test_a_role_that_is_withdrawn_ends_at_the_next_click(port, opened):
    with proxied(port, source=PROXY, person=ZHOU) as url:
        tab = opened(f"{url}/segments?study=甲研究")
        tab.get_by_role("heading", name="等待授权").wait_for()
        with access.acting(Actor(BOSS, "admin")):
            access.grant(ZHOU, "viewer", by=BOSS)
        tab.reload()
        tab.get_by_text(f"{ZHOU}｜查看者").wait_for()
        with access.acting(Actor(BOSS, "admin")):
            access.withdraw(ZHOU, by=BOSS)
        tab.get_by_role("link", name="行为").first.click()
        tab.get_by_role("heading", name="等待授权").wait_for()
