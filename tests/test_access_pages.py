"""Rights on the pages: every page asks first, each role sees what it may, and parts that run alone ask again."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import menu_of
from streamlit.testing.v1 import AppTest
from team_server import BOSS, LI, team_server

from insight import access, pipeline
from insight.access import Actor, Identity
from insight.errors import NotAllowed, NotSignedIn
from insight.settings import settings
from pages.ui import doors, places, rights, signing
from pages.ui.places import GROUPS, Place

ROOT = Path(__file__).parents[1]
PLACES = [place for group in GROUPS.values() for place in group]
FILES = sorted(f for f in (ROOT / "pages").glob("*/*.py") if f.parent.name != "ui")
ORDERS = "订单号,手机号,下单时间,实付金额\n" + "".join(f"D{n},138001380{n % 20:02},2024-0{1 + n % 6}-03,{20 + n}\n" for n in range(60))  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A server for a team with two studies, the first with data in it."""
    home = tmp_path_factory.mktemp("office")
    with team_server(home):
        with access.acting(BOSS):
            study = pipeline.new(home / "studies" / "研究")
            pipeline.add(study, ORDERS.encode(), "订单.csv")
            pipeline.new(home / "studies" / "别人的研究")
        yield study


@pytest.fixture
def team(office, monkeypatch):
    """Called with a role: 李看 is signed in and has it in the first study; None: in none."""

    def given(role):
        monkeypatch.setattr(signing, "identity", lambda: LI)
        with access.acting(BOSS):
            access.withdraw(LI.person, by="测试")
            if role:
                access.grant(LI.person, role, study=office.id, by="测试")
        return office

    return given


def opened(place: Place, study: str = "研究") -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = study
    app.run()
    if place is not places.OVERVIEW:
        app.switch_page(place.file)
        app.query_params["study"] = study
        app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_the_first_thing_a_page_does_is_to_ask_for_its_right(file):
    done = [
        node
        for node in ast.parse(file.read_text("utf-8")).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
        and any(isinstance(one, ast.Call) for one in ast.walk(node))
    ]
    right = next(p.right for p in PLACES if p.file == file.relative_to(ROOT).as_posix())
    assert ast.unparse(done[0]).startswith(f"ui.require('{right}'")


def test_the_doors_know_every_page_and_no_other_address_is_open():
    assert {f"/{place.path}" for place in PLACES} <= doors.OPEN
    assert len(doors.OPEN) == len(PLACES) + 8


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("viewer", set()),
        ("analyst", {places.IMPORT, places.MAPPING}),
        ("admin", {places.IMPORT, places.MAPPING, places.KEEPING, places.MEMBERS}),
    ],
)
def test_the_menu_shows_what_the_role_may_open(role, sees, team):
    team(role)
    app = opened(places.OVERVIEW)
    guarded = {place for place in PLACES if place.right != "view"}
    assert menu_of(app) & {place.title for place in guarded} == {place.title for place in sees}
    assert {place.title for place in PLACES} - menu_of(app) == {p.title for p in guarded - sees}


def test_a_viewer_who_knows_the_address_gets_a_sentence_the_way_back_and_one_line_in_the_log(team):
    team("viewer")
    n = len(access.log())
    app = opened(places.OVERVIEW)
    for place in [p for p in PLACES if p.right != "view"]:
        app.switch_page(place.file)
        app.run()
        assert "您的角色是“查看者" in app.warning[0].value
        assert "管理·成员" in app.warning[0].value
        assert not app.title
    told = [one.what["right"] for one in access.log()[n:] if one.act == "refuse"]
    assert told == ["export_rows", "manage"]


def test_a_study_of_others_is_unknown_to_whoever_has_no_role_in_it(team):
    team("analyst")
    app = opened(places.OVERVIEW)
    assert app.sidebar.selectbox[0].options == ["研究"]
    other = opened(places.OVERVIEW, study="别人的研究")
    assert "没有叫“别人的研究”的研究" in other.error[0].value
    assert "别人的研究" not in str(other.sidebar.selectbox)


def test_whoever_has_no_role_waits(team):
    team(None)
    app = opened(places.OVERVIEW)
    assert [one.value for one in app.title] == ["等待授权"]
    assert not menu_of(app)


def test_a_role_that_is_withdrawn_ends_at_the_next_click(team):
    team("analyst")
    app = opened(places.IMPORT)
    assert app.title
    with access.acting(BOSS):
        access.withdraw(LI.person, by="测试")
    app.run()
    assert [one.value for one in app.title] == ["等待授权"]


def test_what_the_session_held_is_forgotten_when_somebody_else_signs_in(team, monkeypatch):
    team("viewer")
    app = opened(places.OVERVIEW)
    app.session_state["kept:result"] = "of 李看"
    monkeypatch.setattr(signing, "identity", lambda: Identity("boss@example.com", "王管", "x"))
    app.run()
    assert "kept:result" not in app.session_state


def test_a_part_that_runs_alone_stops_when_the_session_is_over(team, monkeypatch):
    team("analyst")
    done = []
    part = signing.signed(lambda: done.append(access.actor().name), is_callback=True)
    monkeypatch.setattr(signing.st, "session_state", {"signed:study": team("analyst").id})
    part()

    def nobody():
        raise NotSignedIn

    monkeypatch.setattr(signing, "identity", nobody)
    part()
    assert done == ["li@example.com"]
    assert not rights.may("view")


def test_an_administrator_of_one_study_manages_it_and_not_the_members(team):
    team("admin")
    app = opened(places.KEEPING)
    assert app.title
    assert "“管理员（只限当前研究）”" in opened(places.MEMBERS).warning[0].value
    with access.acting(Actor(LI.person, "admin")), pytest.raises(NotAllowed):
        access.grant(LI.person, "admin", by=LI.person)


def test_behind_a_proxy_the_person_is_whom_its_header_names(office, monkeypatch):
    monkeypatch.setenv("INSIGHT_TRUSTED_HEADER", "X-Forwarded-User")
    settings.cache_clear()
    headers = {"X-Forwarded-User": "Li@Example.com"}
    monkeypatch.setattr(signing.st, "context", SimpleNamespace(headers=headers, cookies={}))
    assert signing.identity().person == "li@example.com"
    assert signing.holder() == "li@example.com"
    headers["X-Forwarded-User"] = ""
    with pytest.raises(NotSignedIn):
        signing.identity()
    monkeypatch.undo()
    settings.cache_clear()


def test_in_local_mode_nobody_is_asked_and_the_members_page_tells_how_to_share(office, monkeypatch):
    monkeypatch.setenv("INSIGHT_MODE", "local")
    settings.cache_clear()
    app = opened(places.MEMBERS)
    assert [one.value for one in app.title] == ["现在只有你一个人用"]
    assert rights.may("manage")
    assert rights.actor() == settings().author
    monkeypatch.undo()
    settings.cache_clear()


def test_the_members_page_gives_and_withdraws_a_role(team):
    team("viewer")
    with access.acting(BOSS):
        access.grant(LI.person, "admin", by="测试")
    app = opened(places.MEMBERS)
    app.text_input[0].set_value("Wang@Example.com")
    next(b for b in app.button if b.label == "授予角色").click().run()
    assert access.role_of("wang@example.com") == "viewer"
    assert access.log()[-1].who == LI.person
    app.button(key="members:wang@example.com:*").click().run()
    assert access.role_of("wang@example.com") is None
    app.text_input[0].set_value("不是邮箱")
    next(b for b in app.button if b.label == "授予角色").click().run()
    assert "不像邮箱" in app.error[0].value
