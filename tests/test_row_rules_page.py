"""A member who may see some customers only, in the app: pages that show those, and a sentence on all others."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import menu_of
from streamlit.testing.v1 import AppTest
from team_server import BOSS, LI, team_server

from insight import access, pipeline
from insight.schema.audiences import Audience
from pages.ui import places, signing
from pages.ui.places import GROUPS, Place

ROOT = Path(__file__).parents[1]
PLACES = [place for group in GROUPS.values() for place in group]
CLOSED = [place for place in PLACES if place.right == "view" and not place.in_part]
ORDERS = "订单号,会员号,下单时间,实付金额,地区\n" + "".join(
    f"D{n},M{n % 30:02},2024-0{1 + n % 6}-03,{20 + n},{'华东' if n % 30 < 12 else '华北'}\n" for n in range(90)
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A server for a team with a study of 30 customers, 12 of the east."""
    home = tmp_path_factory.mktemp("office")
    with team_server(home):
        with access.acting(BOSS):
            study = pipeline.new(home / "studies" / "研究")
            pipeline.add(study, ORDERS.encode(), "订单.csv")
            rule = pipeline.read_rule(study, "买过 地区=华东")
            pipeline.save_audience(study, Audience(name="华东客户", rule=rule))
        yield study


@pytest.fixture
def team(office, monkeypatch):
    """李看 is signed in, and may see the east or, called with False, everything."""
    monkeypatch.setattr(signing, "identity", lambda: LI)
    monkeypatch.setattr(signing, "holder", lambda: "浏览器")

    def given(*, in_part: bool = True):
        with access.acting(BOSS):
            rows = pipeline.rows_rule(office, "华东客户") if in_part else None
            access.grant(LI.person, "viewer", study=office.id, rows=rows, by="测试")
        return office

    return given


def opened(place: Place) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = "研究"
    app.run()
    if place is not places.OVERVIEW:
        app.switch_page(place.file)
        app.query_params["study"] = "研究"
        app.run()
    assert not app.exception
    return app


def _customers(app: AppTest) -> str:
    return next(m.value for m in app.metric if m.label == "客户")


def test_the_overview_counts_their_customers_and_tells_no_change_of_the_study(team):
    team()
    app = opened(places.OVERVIEW)
    assert _customers(app) == "12"
    assert any("只含人群“华东客户”的客户" in c.value for c in app.sidebar.caption)
    assert "最近的改动" not in [h.value for h in app.header]
    assert menu_of(app) == {place.title for place in PLACES if place.in_part}


def test_a_rule_that_is_given_or_taken_away_counts_at_the_next_click(team):
    team(in_part=False)
    app = opened(places.OVERVIEW)
    assert _customers(app) == "30"
    team()
    assert _customers(app.run()) == "12"
    team(in_part=False)
    assert _customers(app.run()) == "30"


@pytest.mark.parametrize("place", CLOSED, ids=lambda p: p.path)
def test_what_cannot_be_narrowed_is_closed_with_one_sentence(place, team):
    team()
    app = opened(place)
    assert [w.value.split("。")[0] for w in app.main.warning] == [
        "您只能看一部分客户，这里涉及全部客户，不对您开放"
    ]
    assert not app.main.title
    assert not app.main.get("arrow_data_frame")


@pytest.mark.parametrize("place", [p for p in PLACES if p.in_part], ids=lambda p: p.path)
def test_every_page_that_can_be_narrowed_opens(place, team):
    team()
    app = opened(place)
    assert app.main.title
    assert not app.main.warning
    assert not any("一部分客户" in one.value for one in app.main.error)


def test_the_members_page_gives_the_rule_and_shows_it(team):
    study = team()
    with access.acting(BOSS):
        access.withdraw(LI.person, study=study.id, by="测试")
        access.grant(LI.person, "admin", by="测试")
    app = opened(places.MEMBERS)
    app.text_input[0].set_value("wang@example.com")
    app.selectbox(key="members:only").set_value(f"{study.id}/华东客户")
    next(b for b in app.button if b.label == "授予角色").click().run()
    assert not app.exception
    assert "限定在一个研究里" in app.error[0].value
    app.selectbox(key="members:study").set_value(study.id)
    next(b for b in app.button if b.label == "授予角色").click().run()
    assert access.rows_of("wang@example.com", study.id).audience == "华东客户"
    assert any("研究：查看者，只看华东客户" in b.proto.body for b in app.main.get("markdown"))
    with access.acting(BOSS):
        access.withdraw(LI.person, by="测试")
