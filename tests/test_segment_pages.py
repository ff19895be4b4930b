"""The page of segments: high-ticket defined with a preview, two groups picked, names edited and refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_app import opened, texts

from insight import pipeline
from insight import study as store
from insight.schema import NamedGroup
from pages.ui import naming, places


@pytest.fixture
def own_copy(demo_study, own_folders: Path, request):
    """A copy of the example that a test may change."""
    path = own_folders / "studies" / f"分层 {request.node.name}"[:30]
    shutil.copytree(demo_study.path, path)
    yield pipeline.opened(path)
    shutil.rmtree(path)


def _press(app, label: str) -> None:
    next(b for b in app.button if b.label == label).click().run()


def test_a_definition_is_previewed_and_recorded_only_on_request(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="high_ticket")
    before = store.head(own_copy)
    assert "597 人是高客单" in texts(app)
    assert "各页都用这个定义" not in [b.label for b in app.button]  # it is the recorded one
    app.number_input(key=f"live:high_ticket:top_share:{before.id}").set_value(0.1).run()
    assert not app.exception
    assert "299 人是高客单" in texts(app)
    assert store.head(own_copy) == before
    _press(app, "各页都用这个定义")
    assert store.head(own_copy).recipe.params["high_ticket"] == {"top_share": 0.1}
    table = pipeline.run(own_copy, "segment_profile", changes={"by": "high_ticket"}).tables[
        "profile"
    ]
    assert table.filter(segment="高客单")["n_customers"].item() == 299


def test_a_fixed_amount_asks_for_the_amount(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="high_ticket")
    revision = store.head(own_copy).id
    app.segmented_control(key=f"live:high_ticket:rule:{revision}").set_value("amount").run()
    assert "应大于 0" in app.error[0].value
    app.number_input(key=f"live:high_ticket:amount:{revision}").set_value(300.0).run()
    assert not app.error
    assert "客单价不低于 ¥300" in texts(app).replace("\\", "")


def test_the_groups_to_compare_are_those_of_the_break(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="segment_compare")
    assert not app.exception
    app.selectbox(key="choose:first").set_value("一般挽留客户").run()
    app.selectbox(key="choose:second").set_value("重要价值客户").run()
    assert not app.exception
    assert "甲组为“一般挽留客户”，乙组为“重要价值客户”" in texts(app)
    app.selectbox(key="choose:by").set_value("frequency").run()
    assert not app.exception
    assert not app.error
    assert "分层方式：购买次数" in texts(app)


def _edit(app, study, edits) -> None:
    key = f"edit:names:{study.path.name}:eight:{store.head(study).id}"
    app.session_state[key] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    app.run()
    _press(app, "保存名称")


def test_a_new_name_is_saved_and_goes_back_to_the_default(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="names")
    assert not app.exception
    _edit(app, own_copy, {"edited_rows": {0: {"名称": "贵宾"}}})
    assert not app.exception
    assert store.head(own_copy).recipe.segment_names["eight"][0] == NamedGroup(
        name="贵宾", codes="111"
    )
    assert "贵宾" in pipeline.run(own_copy, "rfm").tables["segments"]["segment"].to_list()
    _press(app, "恢复默认")
    assert store.head(own_copy).recipe.segment_names == {}


def test_names_that_leave_a_gap_are_told_and_not_recorded(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="names")
    before = store.head(own_copy)
    _edit(app, own_copy, {"deleted_rows": [0]})
    assert not app.exception
    assert "得分组合 111 没有名称" in app.error[0].value
    assert store.head(own_copy) == before


def test_rows_of_the_editor_are_changed_added_and_deleted():
    groups = (NamedGroup(name="甲", codes="1**"), NamedGroup(name="乙", codes="0**"))
    edits = {
        "edited_rows": {0: {"得分组合": "11*"}}, "deleted_rows": [1],
        "added_rows": [{"名称": " 丙 ", "得分组合": "10*"}, {"名称": None}],
    }  # fmt: skip
    assert [(g.name, g.codes) for g in naming.edited(groups, edits)] == [
        ("甲", "11*"),
        ("丙", "10*"),
        ("", ""),
    ]


def test_names_edited_on_an_old_revision_are_refused(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="names")
    key = f"edit:names:{own_copy.path.name}:eight:{store.head(own_copy).id}"
    edits = {"edited_rows": {0: {"名称": "贵宾"}}, "added_rows": [], "deleted_rows": []}
    app.session_state[key] = edits
    app.run()
    params = pipeline.params_of(own_copy, "rfm", {"window_days": 365})
    pipeline.set_params(own_copy, params, key="rfm")
    app.session_state[key] = edits
    _press(app, "保存名称")
    assert not app.exception
    assert app.error
    assert store.head(own_copy).recipe.segment_names == {}


def test_what_is_crossed_is_chosen_above_the_answer_and_recorded_on_request(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name, view="crosses")
    before = store.head(own_copy)
    assert "主要购买地区 × 消费层级看不出关联" in texts(app)
    app.selectbox(key=f"live:crosses:rows:{before.id}").set_value("frequency").run()
    app.selectbox(key=f"live:crosses:columns:{before.id}").set_value("orders.category").run()
    assert not app.exception
    assert "购买次数 × 主要购买品类有关联" in texts(app)
    assert store.head(own_copy) == before
    _press(app, "报告也用这个选择")
    assert store.head(own_copy).recipe.params["crosses"] == {"rows": "frequency", "columns": "orders.category"}  # fmt: skip


@pytest.mark.parametrize("key", ["clusters", "concentration", "migration"])
def test_every_analysis_of_the_page_answers_there(demo_study, key):
    app = opened(places.SEGMENTS, study=demo_study.path.name, view=key)
    assert not app.exception
    assert pipeline.run(demo_study, key).findings[0].text[:12] in texts(app).replace("\\", "")
