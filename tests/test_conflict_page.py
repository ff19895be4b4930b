"""Two people at one study on the screen: both ways out of a conflict, who else is there, and what was typed comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from shown_study import page_of, shown
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight import study as store
from insight.settings import settings
from insight.study import Here
from pages.ui import editing, places, presence
from pages.ui.places import Place

ROOT = Path(__file__).parents[1]
NAME = "两个人的研究"


@pytest.fixture
def study(own_folders):
    with shown(NAME) as made:
        yield made


def opened(place: Place, **query: str) -> AppTest:
    """A new session of the app on one page."""
    return page_of(NAME, place, **query)


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "error", "info", "warning")
    return "\n".join(str(one.value) for kind in kinds for one in app.get(kind))


def window(app: AppTest):
    return next(n for n in app.number_input if str(n.key).startswith("rfm:window_days"))


def by_another(study, monkeypatch, act) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("INSIGHT_AUTHOR", "王芳")
        settings.cache_clear()
        act()
    settings.cache_clear()


def set_window(study, days: int) -> None:
    params = pipeline.params_of(study, "rfm", {"window_days": days})
    pipeline.set_params(study, params, key="rfm")


def days(study) -> int:
    return pipeline.params_of(study, "rfm").window_days


def contested(study, monkeypatch, *, mine: int = 90, theirs: int = 365) -> AppTest:
    """My session in conflict over the same parameter."""
    app = opened(places.SEGMENTS, view="rfm")
    window(app).set_value(mine).run()
    by_another(study, monkeypatch, lambda: set_window(study, theirs))
    press(app, "应用")
    assert "王芳" in said(app)
    assert "有人先改了这个研究" in said(app)
    assert days(study) == theirs
    return app


def test_the_same_field_is_asked_for_and_mine_counts_when_i_say_so(study, monkeypatch):
    app = contested(study, monkeypatch)
    redo = next(b for b in app.button if b.label == "在最新版本上重做")
    assert redo.disabled
    app.radio[0].set_value("mine").run()
    press(app, "在最新版本上重做")
    assert days(study) == 90
    assert "有人先改了" not in said(app)


def test_a_conflict_stays_over_a_refresh_and_theirs_can_be_kept(study, monkeypatch):
    contested(study, monkeypatch)
    again = opened(places.SEGMENTS, view="rfm")
    assert "有人先改了这个研究" in said(again)
    again.radio[0].set_value("theirs").run()
    press(again, "在最新版本上重做")
    assert days(study) == 365


def test_the_newest_version_can_be_loaded_instead(study, monkeypatch):
    app = contested(study, monkeypatch)
    press(app, "载入最新版本")
    assert "有人先改了" not in said(app)
    assert window(app).value == 365
    assert "有人先改了" not in said(opened(places.SEGMENTS, view="rfm"))


def test_a_copy_keeps_mine_and_leaves_theirs(study, monkeypatch):
    app = contested(study, monkeypatch)
    press(app, "保存副本")
    copy = pipeline.opened(settings().studies_dir / f"{NAME} 副本")
    assert (days(copy), days(study)) == (90, 365)
    assert app.query_params["study"] == f"{NAME} 副本"


def test_changes_of_two_sessions_in_different_places_are_both_kept_after_one_click(study):
    mine, theirs = opened(places.SEGMENTS, view="rfm"), opened(places.CLEANING)
    window(mine).set_value(90).run()
    switch = theirs.toggle[0]
    switch.set_value(not switch.value).run()
    press(theirs, "保存规则")
    press(mine, "应用")
    assert "两边改的是不同的地方" in said(mine)
    press(mine, "在最新版本上重做")
    recipe = store.head(study).recipe
    assert days(study) == 90
    assert recipe.sources[0].decisions.rules
    assert [one.note for one in store.history(study)][:2] == ["调整参数 RFM 客户分层", "调整清洗规则 订单.csv"]  # fmt: skip


# what was typed -----------------------------------------------------------------------------------


def test_what_was_typed_is_there_in_another_session_until_it_is_saved(study):
    app = opened(places.SEGMENTS, view="rfm")
    window(app).set_value(120).run()
    again = opened(places.SEGMENTS, view="rfm")
    assert window(again).value == 120
    assert days(study) == 0
    press(again, "应用")
    assert days(study) == 120
    assert store.drafts(study, settings().author, places.SEGMENTS.path) == {}
    third = opened(places.SEGMENTS, view="rfm")
    assert window(third).value == 120


def test_what_was_typed_in_another_session_still_says_conflict(study, monkeypatch):
    window(opened(places.SEGMENTS, view="rfm")).set_value(120).run()
    by_another(study, monkeypatch, lambda: set_window(study, 365))
    again = opened(places.SEGMENTS, view="rfm")
    assert window(again).value == 120
    press(again, "应用")
    assert "王芳" in said(again)
    assert days(study) == 365


def test_a_place_that_nobody_typed_into_follows_the_newest_version(study, monkeypatch):
    app = opened(places.SEGMENTS, view="rfm")
    by_another(study, monkeypatch, lambda: set_window(study, 365))
    app.run()
    assert window(app).value == 365


def test_edits_of_a_table_are_there_in_another_session_and_are_saved(study):
    app = opened(places.MAPPING)
    key = f"edit:roles:{NAME}:0:{store.head(study).id}"
    columns = list(store.head(study).recipe.sources[0].roles)
    at = columns.index("渠道")
    app.session_state[key] = {
        "edited_rows": {at: {"角色": "不导入"}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    kept = store.drafts(study, settings().author, places.MAPPING.path)
    assert kept[key].value["edited_rows"] == {str(at): {"角色": "不导入"}}
    again = opened(places.MAPPING)
    assert "修改还没有保存" in said(again)
    press(again, "保存映射")
    assert store.head(study).recipe.sources[0].roles["渠道"] == ""
    assert store.drafts(study, settings().author, places.MAPPING.path) == {}


def test_what_one_person_typed_is_not_shown_to_another(study, monkeypatch):
    window(opened(places.SEGMENTS, view="rfm")).set_value(120).run()
    with monkeypatch.context() as patch:
        patch.setenv("INSIGHT_AUTHOR", "王芳")
        settings.cache_clear()
        assert window(opened(places.SEGMENTS, view="rfm")).value == 0
    settings.cache_clear()


ROWS = [{"n": 1}, {"n": 2}, {"n": 3}]
FIRST = editing.read({"edited_rows": {"2": {"n": 30}}, "added_rows": [{"n": 4}], "deleted_rows": [0]})  # fmt: skip


@pytest.mark.parametrize(
    "then",
    [
        {"edited_rows": {0: {"n": 20}}},
        {"edited_rows": {2: {"n": 40}}, "added_rows": [{"n": 5}]},
        {"deleted_rows": [1]},
        {"deleted_rows": [2], "edited_rows": {1: {"n": 31}}},
        {},
    ],
)
def test_edits_after_edits_give_the_same_rows_as_both_at_once(then):
    later = editing.read(then)
    both = editing.composed(FIRST, later, n=len(ROWS))
    assert editing.applied(ROWS, both) == editing.applied(editing.applied(ROWS, FIRST), later)


# who is there -------------------------------------------------------------------------------------


def test_who_else_is_there_is_told_until_a_minute_after_the_last_sign(study):
    me, other = Here("a", "张三", "分层"), Here("b", "王芳", "匹配")
    assert store.meet(study, me, at=1000.0) == ()
    assert store.meet(study, other, at=1010.0) == (me,)
    assert store.meet(study, me, at=1060.0) == (other,)
    assert store.meet(study, me, at=1071.0) == ()
    store.meet(study, other, at=1075.0)
    store.leave(study, "b")
    assert store.meet(study, me, at=1076.0) == ()


def test_a_clock_that_was_put_back_leaves_nobody_behind(study):
    store.meet(study, Here("b", "王芳", "匹配"), at=10_000.0)
    assert store.meet(study, Here("a", "张三", "分层"), at=1000.0) == ()


def test_the_others_are_named_by_name_and_page_and_my_own_windows_as_such():
    others = (Here("b", "王芳", "匹配"), Here("c", "我", "分层"))
    assert presence.told(others, me="我") == "也在看：王芳（匹配）、另一个窗口（分层）"
    many = tuple(Here(str(n), "王芳", "匹配") for n in range(6))
    assert presence.told(many, me="我").endswith("等 6 个窗口")


def test_one_window_sees_nobody_and_two_see_each_other(study):
    first = opened(places.MATCH)
    assert "也在看" not in said(first)
    opened(places.SEGMENTS)
    assert "也在看：另一个窗口（分层）" in said(first.run())


def test_neither_who_is_there_nor_what_was_typed_is_in_a_revision_or_a_backup(study, tmp_path):
    before = store.head(study).id
    window(opened(places.SEGMENTS, view="rfm")).set_value(120).run()
    assert store.head(study).id == before
    store.backup(study, tmp_path / "b.zip")
    back = store.restore(tmp_path / "b.zip", tmp_path / "again", keys_dir=tmp_path / "keys")
    assert store.drafts(back, settings().author, places.SEGMENTS.path) == {}
    store.clear_desk(study)
    assert store.drafts(study, settings().author, places.SEGMENTS.path) == {}
