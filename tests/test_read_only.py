"""A viewer on every page: what would change the study is barred with one line that says why, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from team_server import BOSS, LI, team_server

from insight import access, pipeline
from insight.schema.audiences import audience_of
from pages.ui import changing, places, signing
from pages.ui.places import Place

ROOT = Path(__file__).parents[1]
ORDERS = "订单号,会员号,下单时间,实付金额\n" + "".join(
    f"D{n},M{n % 40:03},2024-{1 + n % 12:02}-{1 + n % 28:02} 10:00:00,{20 + n % 37}\n" for n in range(240)
)  # fmt: skip
ANSWERS = "会员号,1、您的性别,2、总体满意度（1-5分）,3、您买过哪些（多选）,4、您还有什么建议\n" + "".join(
    f"M{n:03},{'男' if n % 2 else '女'},{1 + n % 5},{'咖啡豆┋挂耳' if n % 3 else '磨豆机'},{('物流太慢，等了很久', '客服回复很快，很满意')[n % 2]}{n}\n" for n in range(40)
)  # fmt: skip
FREE = {
    "生成报告", "生成交叉表册（xlsx）", "检查", "再加一组条件", "再加一条", "去掉这一条", "跳过", "上一条", "再来一批", "名单",
    "换成自己写的一句话", "退出", "正面", "负面", "中性", *(code.name for code in pipeline.starter_codebook().codes),
}  # fmt: skip
"""Buttons that change nothing in the study."""
VIEWS: tuple[tuple[Place, dict[str, str]], ...] = (
    *((place, {}) for group in places.GROUPS.values() for place in group if place.right == "view"),
    (places.CODING, {"view": "book"}), (places.TOPICS, {"view": "edit"}), (places.STRATEGY, {"view": "book"}), (places.CODING, {"view": "code"}),
    (places.AUDIENCES, {"view": "build"}), (places.TABLES, {"view": "crosstab", "by": "Q1"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study on a server for a team, in which 李看 may look, with something recorded of each kind."""
    home = tmp_path_factory.mktemp("reading")
    with team_server(home) as patch:
        patch.setattr(signing, "identity", lambda: LI)
        patch.setattr(signing, "holder", lambda: LI.person)  # a browser in a test has no cookie
        with access.acting(BOSS):
            made = pipeline.new(home / "studies" / "研究")
            pipeline.add(made, ORDERS.encode(), "订单.csv")
            pipeline.add(made, ANSWERS.encode(), "答卷.csv")
            pipeline.set_codebook(made, pipeline.starter_codebook())
            pipeline.save_audience(made, audience_of({"name": "男", "rule": pipeline.read_rule(made, "Q1=男")}))  # fmt: skip
            pipeline.save_banner(made, "表头", ["Q1"])
            access.grant(LI.person, "viewer", study=made.id, by="测试")
        yield made


@pytest.fixture(scope="module")
def app(study):
    """The browser of 李看."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = "研究"
    app.run()
    return app


def opened(app: AppTest, place: Place, **query: str) -> AppTest:
    app.switch_page(place.file)
    app.query_params.clear()
    for name, value in {"study": "研究", **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("place", "query"), VIEWS, ids=lambda one: one.path if isinstance(one, Place) else "".join(one.values()))  # fmt: skip
def test_no_button_that_changes_the_study_can_be_pressed_by_a_viewer(app, place, query):
    opened(app, place, **query)
    pressable = {one.label for one in app.button if not one.disabled}
    assert pressable <= FREE
    barred = [one for one in app.button if one.disabled and one.help == changing.TOLD]
    told = [one for one in app.caption if changing.TOLD in one.value]
    assert len(told) == bool(barred)


def test_what_counts_at_once_is_barred_like_a_button(app):
    assert next(
        one for one in opened(app, places.CLEANING).selectbox if one.label == "金额的币种"
    ).disabled
    assert all(one.disabled for one in opened(app, places.MATCH).toggle)
    assert next(one for one in opened(app, places.TABLES).selectbox if one.label == "只看").disabled


def test_an_analyst_may_press_them_and_is_told_nothing(app, study):
    with access.acting(BOSS):
        access.grant(LI.person, "analyst", study=study.id, by="测试")
    opened(app, places.STRATEGY, view="book")
    assert not next(one for one in app.button if one.label == "恢复自带的规则库").disabled
    assert not [one for one in app.caption if changing.TOLD in one.value]
