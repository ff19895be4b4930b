"""A server for a team as it runs: a real identity provider, a real browser, and requests by strangers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, free_port, served
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from insight import access, pipeline
from insight.access import Actor
from insight.settings import settings
from pages.ui.places import GROUPS

pytestmark = pytest.mark.browser

PLACES = [place for group in GROUPS.values() for place in group]
PEOPLE = {"admin": "王管", "analyst": "赵析", "viewer": "李看", "guest": "周客"}
PHONE = "13800138"
SECRETS = """[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "a secret of the tests that signs cookies"
client_id = "insight"
client_secret = "hidden"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[Path]:
    """Two studies with telephone numbers in them, and a register of members."""
    home = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patch:
        told = {"STUDIES_DIR": home / "studies", "KEYS_DIR": home / "keys", "ADMIN": "admin@example.com", "PATIENCE": 60}  # fmt: skip
        for name, value in told.items():
            patch.setenv(f"INSIGHT_{name}", str(value))
        settings.cache_clear()
        rows = (f"D{n},{PHONE}{n % 40:03},2024-{1 + n % 6:02}-03,{20 + n}" for n in range(120))
        orders = "\n".join(["订单号,手机号,下单时间,实付金额", *rows])
        studies = {}
        for name in ("甲研究", "乙研究"):
            studies[name] = pipeline.new(home / "studies" / name)
            pipeline.add(studies[name], orders.encode(), "订单.csv")
        with access.acting(Actor("admin@example.com", "admin")):
            access.grant("viewer@example.com", "viewer", study=studies["甲研究"].id, by="测试")
            access.grant("analyst@example.com", "analyst", by="测试")
        yield home
    settings.cache_clear()


@contextmanager
def provider() -> Iterator[str]:
    """A real OpenID Connect provider on this machine that knows four people."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port)]
    for role, name in PEOPLE.items():
        claims = {"sub": role, "email": f"{role}@example.com", "name": name}
        command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module")
def team(home: Path) -> Iterator[str]:
    """The address of a server with sign-in."""
    port = free_port()
    with provider() as known:
        secrets = home / "secrets.toml"
        secrets.write_text(SECRETS.format(app=f"http://127.0.0.1:{port}", provider=known), "utf-8")
        told = {"INSIGHT_MODE": "team", "STREAMLIT_SECRETS_FILES": str(secrets)}
        with served(home / "team.log", port=port, **told) as (url, _):
            yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as context:
        yield context.browser


@pytest.fixture
def tab(browser) -> Iterator[Any]:
    """A tab of a browser that knows nothing of the others."""
    with fresh(browser) as page:
        yield page


@contextmanager
def fresh(browser: Any, **known: Any) -> Iterator[Any]:
    context = browser.new_context(locale="zh-CN", **known)
    page = context.new_page()
    page.set_default_timeout(90_000)
    yield page
    context.close()


def sign_in(page: Any, url: str, who: str, *, at: str = "") -> None:
    """Open a page, be asked, sign in with the provider, and come back."""
    page.goto(f"{url}/{at}")
    page.get_by_role("button", name="用公司账号登录").click()
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_role("button", name=who, exact=True).click()
    page.wait_for_url(f"{url}/**")


def asked(url: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    """The status and the words of an answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers=told)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


CLOSED = (
    "media/0123456789abcdef.png", "once/token/name.csv", "_stcore/upload_file/session/file", "_stcore/metrics",
    "_stcore/script-health-check", "_stcore/bidi-components/a/b.js", "component/a/index.html", "app/static/a.txt",
    "segments/media/a.png", "whatever",
)  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_a_stranger_gets_no_file_and_no_upload_and_no_export(path, team):
    assert asked(f"{team}/{path}") == (401, "请先登录。")
    assert asked(f"{team}/{path}", "PUT")[0] == 401
    forged = {"Cookie": "insight_session=made-up; _streamlit_user=made-up"}
    assert asked(f"{team}/{path}", **forged)[0] == 401


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_the_address_of_a_page_holds_nothing_of_a_study(place, team):
    code, words = asked(f"{team}/{place.path}?study=甲研究".replace("甲研究", "%E7%94%B2"))
    assert code == 200
    assert "研究" not in words
    assert PHONE not in words


def test_a_stranger_is_asked_to_sign_in_on_every_page_and_sees_nothing_else(team, tab):
    for place in PLACES:
        tab.goto(f"{team}/{place.path}?study=甲研究")
        tab.get_by_role("heading", name="请先登录").wait_for()
        words = tab.inner_text("[data-testid=stApp]")
        assert "甲研究" not in words, place.path
        assert place.purpose not in words
        assert tab.get_by_role("link", name="概览").count() == 0


def test_after_signing_in_one_is_back_at_the_page_that_was_asked_for(team, tab):
    sign_in(tab, team, "analyst", at="behaviour?study=甲研究")
    tab.get_by_role("link", name="行为").first.wait_for()
    assert re.search(r"/behaviour\?study=", tab.url)
    tab.get_by_text("赵析｜分析师").wait_for()


def test_somebody_without_a_role_waits_and_sees_no_study(team, tab):
    sign_in(tab, team, "guest")
    tab.get_by_role("heading", name="等待授权").wait_for()
    assert "研究甲" not in tab.inner_text("body")
    assert tab.get_by_role("link", name="概览").count() == 0


def test_a_viewer_sees_their_study_masked_and_may_change_nothing(team, tab):
    sign_in(tab, team, "viewer", at="segments?study=甲研究")
    tab.get_by_text("李看｜").wait_for()
    tab.get_by_role("link", name="分层").first.wait_for()
    for hidden in ("导入", "映射", "备份与审计", "成员"):
        assert tab.get_by_role("link", name=hidden, exact=True).count() == 0
    assert PHONE not in tab.content()
    for closed in ("import", "mapping", "keeping", "members"):
        tab.goto(f"{team}/{closed}?study=甲研究")
        tab.get_by_text("没有这个权限").wait_for()
    tab.goto(f"{team}/segments?study=乙研究")
    tab.get_by_text("没有叫“乙研究”的研究").wait_for()


def test_an_analyst_imports_and_does_not_manage(team, tab):
    sign_in(tab, team, "analyst", at="import?study=乙研究")
    tab.get_by_role("heading", name="把你的数据放进来").wait_for()
    tab.goto(f"{team}/members?study=乙研究")
    tab.get_by_text("您的角色是“分析师”，不能管理成员、备份和审计").wait_for()


def test_an_administrator_gives_a_role_and_the_other_is_in_at_the_next_click(team, browser, tab):
    with fresh(browser) as waiting:
        sign_in(waiting, team, "guest")
        waiting.get_by_role("heading", name="等待授权").wait_for()
        sign_in(tab, team, "admin", at="members?study=甲研究")
        tab.get_by_label("邮箱").fill("guest@example.com")
        tab.get_by_role("button", name="授予角色").click()
        tab.get_by_text("全部研究：查看者").first.wait_for()
        waiting.reload()
        waiting.get_by_text("周客｜查看者").wait_for()
    with access.acting(Actor("admin@example.com", "admin")):
        access.withdraw("guest@example.com", by="测试")


def test_a_copied_cookie_is_dead_once_its_owner_signed_out(team, browser, tab):
    sign_in(tab, team, "analyst", at="behaviour?study=甲研究")
    tab.get_by_text("赵析｜分析师").wait_for()
    copied = tab.context.storage_state()
    agent = tab.evaluate("navigator.userAgent")
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in copied["cookies"])
    assert asked(f"{team}/media/none.png", Cookie=cookie, User_Agent=agent)[0] == 404
    assert asked(f"{team}/media/none.png", Cookie=cookie, User_Agent="curl/8")[0] == 401
    with fresh(browser, storage_state=copied) as thief:
        thief.goto(f"{team}/behaviour?study=甲研究")
        thief.get_by_text("赵析｜分析师").wait_for()  # until then it is the same sign-in
        tab.get_by_text("赵析｜分析师").click()
        tab.get_by_role("button", name="退出").click()
        tab.wait_for_url("**/oauth2/end_session**")
        thief.get_by_role("link", name="分层").first.click()
        thief.get_by_text("登录已经失效").wait_for()
        thief.reload()
        thief.get_by_role("heading", name="请先登录").wait_for()
        assert "甲研究" not in thief.inner_text("[data-testid=stApp]")
    assert asked(f"{team}/media/none.png", Cookie=cookie, User_Agent=agent)[0] == 401
    assert ("sign_out", "analyst@example.com") in {(e.act, e.who) for e in access.log()}


def test_an_administrator_ends_the_session_of_somebody_else(team, browser, tab):
    with fresh(browser) as other:
        sign_in(other, team, "viewer", at="segments?study=甲研究")
        other.get_by_text("李看｜").wait_for()
        theirs = {one.id for one in access.signed_in() if one.person == "viewer@example.com"}
        sign_in(tab, team, "admin", at="members?study=甲研究&view=sessions")
        for one in theirs:
            button = tab.locator(f".st-key-sessions-{one} button")
            button.click()
            button.wait_for(state="detached")
        other.get_by_role("link", name="行为").first.click()
        other.get_by_text("登录已经失效").wait_for()
    assert ("end", "admin@example.com") in {(e.act, e.who) for e in access.log()}


def test_cookies_are_for_this_site_and_no_script(team, tab):
    sign_in(tab, team, "analyst")
    tab.get_by_text("赵析｜分析师").wait_for()
    own = next(one for one in tab.context.cookies() if one["name"] == "insight_session")
    assert (own["httpOnly"], own["sameSite"], own["expires"]) == (True, "Lax", -1)


def test_below_a_prefix_one_signs_in_comes_back_and_takes_a_file_away(home, browser):
    port = free_port()
    with provider() as known, fresh(browser) as tab:
        secrets = home / "below.toml"
        secrets.write_text(SECRETS.format(app=f"http://127.0.0.1:{port}/team", provider=known), "utf-8")  # fmt: skip
        told = {"INSIGHT_MODE": "team", "STREAMLIT_SECRETS_FILES": str(secrets), "STREAMLIT_SERVER_BASE_URL_PATH": "team"}  # fmt: skip
        with served(home / "below.log", port=port, **told) as (url, _):
            sign_in(tab, url, "analyst", at="segments?study=甲研究")
            tab.get_by_text("赵析｜分析师").wait_for()
            assert re.search(r"/team/segments\?study=", tab.url)
            own = next(one for one in tab.context.cookies() if one["name"] == "insight_session")
            assert own["path"] == "/team"
            with tab.expect_download() as taken:
                tab.get_by_role("link", name="导出 csv").click()
            assert "/team/once/" in taken.value.url
            for path in ("media/none.png", "once/token/name.csv", "_stcore/metrics"):
                assert asked(f"{url}/{path}") == (401, "请先登录。")


def test_behind_a_proxy_only_its_word_opens_the_door(home):
    told = {
        "INSIGHT_MODE": "team", "INSIGHT_TRUSTED_HEADER": "X-Forwarded-User", "INSIGHT_TRUSTED_PROXY": "127.0.0.1",
    }  # fmt: skip
    with served(home / "proxy.log", **told) as (url, _):
        stream = url.replace("http", "ws") + "/_stcore/stream"
        named = {"X-Forwarded-User": "analyst@example.com"}
        assert asked(f"{url}/segments", **named)[0] == 200
        assert asked(f"{url}/segments", **named, X_Forwarded_For="203.0.113.9")[0] == 200
        assert asked(f"{url}/segments") == (401, "请从公司的登录入口打开。")
        assert asked(f"{url}/segments", X_Forwarded_User=" ")[0] == 401
        assert asked(f"{url}/_stcore/health")[0] == 200
        with pytest.raises(InvalidStatus, match="403"), connect(stream):
            pass
        with connect(stream, additional_headers=named) as opened:
            assert opened.response.status_code == 101
    with served(home / "proxy.log", **told | {"INSIGHT_TRUSTED_PROXY": "192.0.2.7"}) as (url, _):
        spoofed = named | {"X-Forwarded-For": "192.0.2.7"}
        assert asked(f"{url}/segments", **named)[0] == 401
        assert asked(f"{url}/segments", **spoofed)[0] == 401


def test_without_sign_in_a_request_from_elsewhere_is_refused(home):
    with served(home / "local.log") as (url, _):
        stream = url.replace("http", "ws") + "/_stcore/stream"
        assert asked(f"{url}/segments")[0] == 200
        code, words = asked(f"{url}/segments", X_Forwarded_For="203.0.113.9")
        assert (code, words) == (
            403,
            "本机模式只给这台电脑用。几个人一起用，请管理员开启团队模式。",
        )
        elsewhere = {"X-Forwarded-For": "203.0.113.9"}
        with (
            pytest.raises(InvalidStatus, match="403"),
            connect(stream, additional_headers=elsewhere),
        ):
            pass


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}, "本机模式没有登录，不能在 0.0.0.0 上对外服务"),
        ({"INSIGHT_MODE": "team"}, "团队模式还没有配置登录"),
    ],
)
def test_a_server_that_would_let_strangers_in_does_not_start(told, sentence, home, tmp_path):
    with pytest.raises(AssertionError, match=sentence), served(tmp_path / "log.txt", **told):
        pass
    assert "Traceback" not in (tmp_path / "log.txt").read_text("utf-8")
