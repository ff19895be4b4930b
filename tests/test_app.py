"""The screen without a browser: every page in its states, forms, mapping, import, and the rules of the pages."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
import tomllib
from pathlib import Path

import child_work
import polars as pl
import pytest
from conftest import menu_of
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from insight import charts, claims, pipeline
from insight import study as store
from insight.analyses import catalogue
from insight.archive import unpacked
from insight.errors import BadParameter, UnknownName
from insight.pipeline import intake, jobs, offering
from insight.settings import settings
from insight.units import table_label
from pages.ui import columns, figures, places, server, tables, waiting, words
from pages.ui.places import GROUPS, Place
from pages.ui.states import lacking_words, mending, tried

ROOT = Path(__file__).parents[1]
PLACES = [place for group in GROUPS.values() for place in group]
PAGES = sorted(f for f in (ROOT / "pages").glob("*/*.py") if f.parent.name != "ui")
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def opened(place: Place, **query: str) -> AppTest:
    """The app on one page, with the given address."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if place is not places.OVERVIEW:
        app.switch_page(place.file)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
    return app


def texts(app: AppTest) -> str:
    """Everything the page says in words."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "success")
    return "\n".join(str(one.value) for kind in kinds for one in app.get(kind))


def links(app: AppTest) -> list[str]:
    return [one.proto.label for one in app.main.get("page_link")]


@pytest.fixture(scope="module")
def empty_study(own_folders: Path) -> str:
    """The name of a study without a single file."""
    pipeline.new(own_folders / "studies" / "空研究")
    return "空研究"


@pytest.fixture
def own_copy(demo_study, own_folders: Path, request):
    """A copy of the example that a test may change."""
    path = own_folders / "studies" / f"副本 {request.node.name}"[:40]
    shutil.copytree(demo_study.path, path)
    yield pipeline.opened(path)
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def results(demo_study):
    """Every analysis of the example: key -> result."""
    return {one.analysis.key: one.result for one in pipeline.run_all(demo_study)}


each_place = pytest.mark.parametrize("place", PLACES, ids=lambda p: p.path)


@each_place
def test_a_page_on_an_empty_study_says_what_it_needs_and_leads_to_the_import(place, empty_study):
    app = opened(place, study=empty_study)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    if place not in (places.MEMBERS, places.STEPS, places.JOBS):  # which need no data
        takes_files = place in (places.IMPORT, places.KEEPING)
        labels = [b.label for b in app.button]
        assert app.get("file_uploader") if takes_files else "导入数据" in labels


@each_place
def test_a_page_on_the_example_is_drawn_whole_and_leads_on(place, demo_study):
    app = opened(place, study="demo")
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert any(one.value == "下一步" for one in app.caption)
    assert app.query_params["study"] == "demo"


@each_place
def test_a_page_of_an_unknown_study_fails_kindly(place, demo_study):
    app = opened(place, study="没有这个研究")
    assert not app.exception
    assert "没有叫“没有这个研究”的研究" in app.error[0].value


def test_from_an_unknown_study_one_click_leads_back(demo_study):
    app = opened(places.OVERVIEW, study="没有这个研究")
    next(b for b in app.button if b.label == "打开最近的研究").click().run()
    assert not app.exception
    assert not app.error
    assert app.query_params["study"] in pipeline.studies()


UNASKED = {
    "maxdiff",
    "conjoint",
    "price_sensitivity",
    "price_need",
    "gabor_granger",
    "ranking",
    "waves",
}
UNBEGUN = {"action_review", "uplift"}  # they tell of what the example has not begun
ANSWERED = [key for key in catalogue() if key not in UNASKED | UNBEGUN]


@pytest.mark.parametrize("key", [key for key in ANSWERED if key not in {"new_words", "scan"}])
def test_an_analysis_is_shown_with_its_question_its_answer_its_table_and_its_method(
    key, results, caplog
):
    app = opened(places.place_of(key), study="demo", view=key)
    result = results[key]
    assert not app.exception
    assert not [one.message for one in caplog.records if one.name.startswith("streamlit.elements")]
    assert app.title[0].value == catalogue()[key].question
    assert app.dataframe
    assert app.metric or app.subheader  # key figures, or cards in their place
    assert len(app.metric) <= figures.MOST_FIGURES
    assert words.md_text(claims.told(result.findings[0])) in texts(app)
    assert words.md_text(result.notes[0]) in texts(app)
    assert "口径与方法" in [e.label for e in app.expander]


@pytest.mark.parametrize("key", sorted(UNASKED))
def test_a_method_whose_questions_were_not_asked_says_how_to_ask_them(key, results):
    assert results[key] is None
    app = opened(places.place_of(key), study="demo", view=key)
    assert not app.exception
    assert not app.error
    assert not app.dataframe
    assert any("没有找到" in one.value for one in app.info)


@pytest.mark.parametrize("key", sorted(UNBEGUN))
def test_what_has_not_begun_says_how_to_begin(key, results):
    assert results[key] is None
    app = opened(places.place_of(key), study="demo", view=key)
    assert not app.exception
    assert not app.error
    assert not app.dataframe
    assert any("还没有登记过" in one.value for one in app.info)


@pytest.mark.parametrize("key", ANSWERED)
def test_no_table_and_no_column_on_the_screen_has_an_english_name(key, results):
    for name, table in results[key].tables.items():
        assert not table_label(name, of=key).isascii() or name.startswith("Q"), name
        assert any(tables._is_told(column) for column in table.columns), name


def test_a_choice_of_the_address_is_drawn_and_a_wrong_one_gives_the_default(demo_study):
    app = opened(places.TABLES, study="demo", view="crosstab", q="Q5", by="nonsense")
    assert not app.exception
    assert app.selectbox(key="choose:q").value == "Q5"
    assert app.multiselect(key="choose:by").value == ["rfm"]
    assert app.query_params["by"] == "rfm"


def test_an_edited_role_is_saved_as_a_new_revision(own_copy):
    before = store.head(own_copy)
    app = opened(places.MAPPING, study=own_copy.path.name)
    columns = list(before.recipe.sources[0].roles)
    at = columns.index("渠道")
    app.session_state[f"edit:roles:{own_copy.path.name}:0:{before.id}"] = {
        "edited_rows": {at: {"角色": "不导入"}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    next(b for b in app.button if b.label == "保存映射").click().run()
    after = store.head(own_copy)
    assert not app.exception
    assert not app.error
    assert (after.parent, after.recipe.sources[0].roles["渠道"]) == (before.id, "")


def test_an_edit_on_an_old_revision_is_refused_with_who_and_when(own_copy):
    before = store.head(own_copy)
    app = opened(places.MAPPING, study=own_copy.path.name)
    key = f"edit:roles:{own_copy.path.name}:0:{before.id}"
    edits = {"edited_rows": {0: {"角色": "不导入"}}, "added_rows": [], "deleted_rows": []}
    app.session_state[key] = edits
    app.run()
    store.commit(own_copy, before.recipe, parent=before.id, author="王芳", note="别处的修改")
    app.session_state[key] = edits
    next(b for b in app.button if b.label == "保存映射").click().run()
    assert "王芳" in app.error[0].value
    assert store.head(own_copy).author == "王芳"
    assert "载入最新版本" in [b.label for b in app.button]


def test_a_source_is_removed_after_it_was_confirmed(own_copy):
    app = opened(places.MAPPING, study=own_copy.path.name)
    n = len(store.head(own_copy).recipe.sources)
    next(b for b in app.button if b.label == "确认移除").click().run()
    assert not app.exception
    assert len(store.head(own_copy).recipe.sources) == n - 1


def test_a_parameter_of_the_panel_is_recorded_in_the_recipe(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name)
    revision = store.head(own_copy).id
    app.number_input(key=f"rfm:window_days:{revision}").set_value(365)
    next(b for b in app.button if b.label == "应用").click().run()
    assert not app.exception
    assert store.head(own_copy).recipe.params["rfm"] == {"window_days": 365}
    assert "最近 365 天" in texts(app)


def _recorded(study, key: str, **params: object) -> None:
    """Put parameters into the recipe as they are, as a study from elsewhere may hold them."""
    before = store.head(study)
    recipe = before.recipe.model_copy(update={"params": {key: params}})
    store.commit(study, recipe, parent=before.id, author="别处", note="参数")


def _press(app: AppTest, label: str) -> None:
    next(b for b in app.button if b.label == label).click().run()


def test_a_parameter_that_gives_no_result_is_told_and_not_recorded(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name)
    before = store.head(own_copy)
    app.text_input(key=f"rfm:as_of:{before.id}").set_value("2025/12/31")
    _press(app, "应用")
    assert not app.exception
    assert len(app.error) == 1
    assert "应为 2025\\-12\\-31 这样的日期" in app.error[0].value
    assert store.head(own_copy) == before
    assert app.title[0].value == catalogue()["rfm"].question
    assert app.dataframe


WRONG = {
    "rfm": {"as_of": "2025/12/31"},
    "topics": {"n_topics": 30, "question": "没有这道题"},
    "topline": {"questions": ["Q99"]},
}


@pytest.mark.parametrize("key", list(WRONG))
def test_a_wrong_parameter_of_the_recipe_is_mended_on_the_page(key, own_copy):
    _recorded(own_copy, key, **WRONG[key])
    app = opened(places.place_of(key), study=own_copy.path.name, view=key)
    assert not app.exception
    assert len(app.error) == 1
    assert app.title[0].value == catalogue()[key].question
    _mend(app, key, store.head(own_copy).id)
    _press(app, "应用")
    assert not app.exception
    assert not app.error
    assert app.dataframe
    assert store.head(own_copy).recipe.params[key] == {}


def _mend(app: AppTest, key: str, revision: int) -> None:
    """Set every wrong parameter of the panel back to its default."""
    match key:
        case "rfm":
            app.text_input(key=f"rfm:as_of:{revision}").set_value("")
        case "topics":
            app.number_input(key=f"topics:n_topics:{revision}").set_value(0)
            app.selectbox(key=f"topics:question:{revision}").set_value("")


def test_a_wrong_choice_beside_an_answer_is_mended_there(own_copy):
    _recorded(own_copy, "keyness", by="Q99")
    app = opened(places.WORDS, study=own_copy.path.name, view="keyness")
    assert not app.exception
    assert len(app.error) == 1
    default = catalogue()["keyness"].params().by
    box = app.selectbox(key=f"live:keyness:by:{store.head(own_copy).id}")
    assert box.options[0] == "（自动）"  # as its help tells, nothing chosen is a choice of the tool
    box.set_value(default).run()
    assert not app.exception
    assert not app.error
    assert app.dataframe


def test_a_wrong_choice_of_the_recipe_does_not_stop_the_panel_of_a_page_that_asks_itself(own_copy):
    _recorded(own_copy, "crosstab", by="Q99")
    app = opened(places.TABLES, study=own_copy.path.name, view="crosstab")
    app.segmented_control(key=f"crosstab:weight:{store.head(own_copy).id}").set_value("none")
    _press(app, "应用")
    assert not app.error
    assert store.head(own_copy).recipe.params["crosstab"] == {"breaks": ["Q99"], "weight": "none"}
    _press(app, "报告也用这个选择")
    params = pipeline.params_of(own_copy, "crosstab")
    assert (params.rows, params.breaks, params.weight) == (["Q2"], ["rfm"], "none")


def test_parameters_of_an_old_revision_are_refused_with_who_and_when(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name)
    before = store.head(own_copy)
    app.number_input(key=f"rfm:window_days:{before.id}").set_value(365)
    store.commit(own_copy, before.recipe, parent=before.id, author="王芳", note="别处的修改")
    _press(app, "应用")
    assert not app.exception
    assert "王芳" in app.error[0].value
    assert store.head(own_copy).author == "王芳"
    _press(app, "载入最新版本")
    assert not app.error
    assert app.number_input(key=f"rfm:window_days:{before.id + 1}").value == 0


def _few_names() -> None:
    from typing import Literal

    import streamlit as st
    from pydantic import BaseModel, Field

    from pages.ui import fields, form

    class Params(BaseModel):
        by: str = Field(default="Q99", title="人群", json_schema_extra={"one_of": "breaks"})
        kind: Literal["a", "b"] = "a"

    for n, names in enumerate(({}, {"Q1": "性别"})):
        asked = fields.Asked("by", Params.model_fields["by"], "Q99", names)
        st.markdown(form._draw(asked, key=f"by:{n}", by=st))


def test_a_value_that_is_no_choice_any_more_is_shown_as_it_is():
    app = AppTest.from_function(_few_names).run()
    assert not app.exception
    assert [one.value for one in app.markdown] == ["Q99", "Q99"]
    assert [one.options for one in app.get("button_group")] == [["Q99"], ["性别", "Q99"]]


def _survey(own_folders: Path, request, text: str) -> str:
    """The name of a study with one questionnaire and nothing else."""
    number = request.session.items.index(request.node)
    study = pipeline.new(own_folders / "studies" / f"问卷 {number}")
    pipeline.add(study, text.encode(), "问卷.csv", hints=pipeline.Hints(table="responses"))
    return study.path.name


def _answers(*columns: tuple[str, tuple[str, ...]]) -> str:
    """A questionnaire of 60 answers: heading and the answers that take turns."""
    heads = ",".join(["答卷编号", *(head for head, _ in columns)])
    rows = (",".join([f"r{i}", *(said[i % len(said)] for _, said in columns)]) for i in range(60))
    return "\n".join([heads, *rows])


def _words(start: str) -> tuple[str, ...]:
    return tuple(f"{start}第{i}次买，{'包装好' * (i % 3)}物流快" for i in range(59))


OPEN = ("1、您还有什么建议？", _words("我"))
CLOSED = ("2、您的性别是？", ("男", "女"))


@pytest.mark.parametrize("view", ["topline", "crosstab"])
def test_a_questionnaire_of_open_questions_is_told_what_it_lacks(view, own_folders, request):
    name = _survey(own_folders, request, _answers(OPEN))
    assert pipeline.choices(pipeline.opened(pipeline.studies()[name]))["questions"] == {}
    app = opened(places.TABLES, study=name, view=view)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == catalogue()[view].question
    assert "还缺可以计数的题目" in texts(app)


def test_a_questionnaire_with_one_closed_question_has_nothing_to_be_crossed_with(own_folders, request):  # fmt: skip
    name = _survey(own_folders, request, _answers(CLOSED, OPEN))
    study = pipeline.opened(pipeline.studies()[name])
    assert len(pipeline.choices(study)["closed_questions"]) == 1
    app = opened(places.TABLES, study=name, view="crosstab")
    assert not app.exception
    assert not app.error
    assert "还缺用来比较的人群" in texts(app)


def test_two_closed_questions_without_orders_are_crossed(own_folders, request):
    name = _survey(own_folders, request, _answers(CLOSED, ("3、您的年级是？", ("一", "二", "三"))))
    app = opened(places.TABLES, study=name, view="crosstab")
    assert not app.exception
    assert not app.error
    assert app.dataframe


def test_a_choice_that_gives_no_result_is_not_offered_to_the_report(own_folders, request):
    name = _survey(own_folders, request, _answers(CLOSED, ("3、您的年级是？", ("一", "二"))))
    pipeline.add(pipeline.opened(pipeline.studies()[name]), ORDERS.encode(), "订单.csv")
    app = opened(places.TABLES, study=name, view="crosstab", by="rfm")
    assert len(app.error) == 1  # none of those who answered is known by the orders
    assert app.title[0].value == catalogue()["crosstab"].question
    assert "报告也用这个选择" not in [b.label for b in app.button]
    app.multiselect(key="choose:by").set_value(["Q3"]).run()
    assert not app.error
    assert "报告也用这个选择" in [b.label for b in app.button]


def test_every_table_of_the_questionnaire_can_be_chosen(results):
    app = opened(places.TABLES, study="demo", view="topline")
    offered = app.selectbox(key="choose:q").options
    assert len(offered) == len(results["topline"].tables)
    assert offered[-1] == "各题一览"


def test_customers_that_only_orders_know_are_counted_on_the_overview(own_folders, request):
    study = pipeline.new(own_folders / "studies" / "只有订单")
    pipeline.add(study, ORDERS.encode(), "订单.csv")
    app = opened(places.OVERVIEW, study="只有订单")
    tile = next(one for one in app.metric if one.label == "客户")
    assert tile.value == "9"
    assert tile.proto.delta_description == "能识别的客户"


def _slow() -> None:
    import time

    import streamlit as st

    from insight import pipeline
    from pages.ui import gate

    study = next(pipeline.opened(path) for path in pipeline.studies().values())
    told = []
    real = st.spinner
    st.spinner = lambda text: told.append(text) or real(text)
    for _ in range(2):
        gate.remembered(study, 1, what="x", step="正在匹配", work=time.time)
    st.spinner = real
    st.markdown(",".join(told))


def test_slow_work_is_named_once_and_then_remembered(demo_study):
    app = AppTest.from_function(_slow).run()
    assert not app.exception
    assert app.markdown[0].value == "正在匹配"


@pytest.fixture
def slow(own_copy, monkeypatch):
    """The name of a study whose next analysis never ends, and what makes it end again."""
    _recorded(own_copy, "rfm", window_days=365)
    app = opened(places.OVERVIEW, study=own_copy.path.name)
    with monkeypatch.context() as patch:
        patch.setenv("INSIGHT_PATIENCE", "0")
        settings.cache_clear()
        patch.setattr(jobs, "worked_out_to_open", child_work.stuck)
        patch.setattr(intake, "prepared", child_work.stuck)
        yield app, patch
    settings.cache_clear()
    jobs.close()


def _moved(app: AppTest, place: Place) -> AppTest:
    return app.switch_page(place.file).run()


def test_slow_work_shows_its_step_and_time_and_the_other_pages_stay_usable(slow):
    app, _ = slow
    _moved(app, places.SEGMENTS)
    assert not app.exception
    assert app.title[0].value == catalogue()["rfm"].question
    assert app.status[0].label.startswith("正在处理：")
    assert re.search(r"已用 \d+ 秒", texts(app))
    assert "取消" in [b.label for b in app.button]
    assert menu_of(app) == {place.title for place in PLACES}
    _moved(app, places.MAPPING)
    assert app.title[0].value == "每一列是什么，哪些行没有用上？"


def test_cancelled_work_says_so_and_can_be_asked_for_again(slow):
    app, patch = slow
    _moved(app, places.SEGMENTS)
    _press(app, "取消")
    app.run()
    assert not app.exception
    assert not app.error
    assert "“RFM 客户分层”已取消，数据没有被改动" in app.info[0].value
    patch.undo()
    settings.cache_clear()
    _press(app, "重新计算")
    assert not app.info
    assert app.dataframe


def test_trying_other_parameters_can_be_cancelled_and_then_they_are_not_recorded(own_copy, monkeypatch):  # fmt: skip
    app, before = opened(places.SEGMENTS, study=own_copy.path.name), store.head(own_copy)
    with monkeypatch.context() as patch:
        patch.setenv("INSIGHT_PATIENCE", "0")
        settings.cache_clear()
        patch.setattr(jobs, "worked_out_to_open", child_work.stuck)
        app.number_input(key=f"rfm:window_days:{before.id}").set_value(365)
        _press(app, "应用")
        assert app.status[0].label.startswith("正在处理：")
        assert app.dataframe  # the answer of before stays
        _press(app, "取消")
        assert "“RFM 客户分层”已取消" in app.error[0].value
        assert "设定没有改动" in app.error[0].value
        assert store.head(own_copy) == before
    settings.cache_clear()
    jobs.close()
    app.run()
    assert not app.error
    _press(app, "应用")
    assert not app.exception
    assert store.head(own_copy).recipe.params["rfm"] == {"window_days": 365}


def test_an_import_that_is_cancelled_changes_nothing_and_can_be_repeated(slow, own_copy):
    app, patch = slow
    before = store.head(own_copy)
    patch.setenv("INSIGHT_PATIENCE", "300")
    settings.cache_clear()
    _moved(app, places.IMPORT)
    app.segmented_control[0].set_value("加入当前研究").run()
    app.file_uploader[0].upload("订单.csv", ORDERS.encode()).run()
    patch.setenv("INSIGHT_PATIENCE", "0")
    settings.cache_clear()
    _press(app, "导入 1 个文件")
    assert app.status[0].label.startswith("正在处理：")
    _press(app, "取消")
    assert "“导入”已取消" in app.info[0].value
    assert store.head(own_copy) == before
    patch.undo()
    settings.cache_clear()
    _press(app, "导入 1 个文件")
    assert not app.exception
    assert store.head(own_copy).note == "导入 订单.csv"


def test_a_time_is_told_in_minutes_when_it_is_long():
    assert [waiting.elapsed(s) for s in (0.9, 59, 61.5)] == ["0 秒", "59 秒", "1 分 1 秒"]


ORDERS = "客户编号,订单号,下单时间,实付金额\n" + "\n".join(
    f"c{i % 9},o{i},2025-0{1 + i % 9}-1{i % 9},{10 + i}" for i in range(40)
)


def test_a_file_becomes_a_study_in_three_clicks_and_a_broken_one_is_left_out(demo_study):
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("三次点击").run()
    app.file_uploader[0].upload("订单.csv", ORDERS.encode())
    app.file_uploader[0].upload("照片.png", b"\x89PNG\r\n\x1a\n").run()
    assert "这是图片" in app.error[0].value
    next(b for b in app.button if b.label == "导入 1 个文件").click().run()
    assert not app.exception
    assert not app.error
    assert pipeline.status(pipeline.opened(pipeline.studies()["三次点击"])).tables == {"orders": 40}
    assert app.query_params["study"] == "三次点击"
    assert "看结果：RFM 客户分层" in [b.label for b in app.button]


def test_an_import_that_fails_leaves_no_empty_study_behind(demo_study, own_folders):
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("没有成").run()
    keys = set((own_folders / "keys").iterdir())
    app.file_uploader[0].upload("订单.csv", ORDERS.encode())
    app.file_uploader[0].upload("订单 2.csv", ORDERS.encode()).run()
    _press(app, "导入 2 个文件")
    assert not app.exception
    assert "已经导入过" in app.error[0].value
    assert "没有成" not in pipeline.studies()
    assert not (own_folders / "studies" / "没有成").exists()
    assert set((own_folders / "keys").iterdir()) == keys
    assert app.file_uploader


def test_an_import_into_a_study_is_all_or_nothing(own_copy):
    before = store.head(own_copy)
    app = opened(places.IMPORT, study=own_copy.path.name)
    app.segmented_control[0].set_value("加入当前研究").run()
    app.file_uploader[0].upload("订单.csv", ORDERS.encode())
    app.file_uploader[0].upload("订单 2.csv", ORDERS.encode()).run()
    _press(app, "导入 2 个文件")
    assert "已经导入过" in app.error[0].value
    assert store.head(own_copy) == before


def test_differences_of_shares_are_shown_in_points_and_changes_in_percent():
    frame = pl.DataFrame({"share_difference": [0.218], "change_on_year": [0.053], "nps": [12.0]})
    assert tables.spoken(frame).row(0) == (21.8, 5.3, 12.0)
    formats = [columns.column(c, frame)["type_config"]["format"] for c in frame.columns]
    assert formats == ["%.1f", "%.1f%%", "%,d"]


@pytest.mark.parametrize(
    ("amounts", "form", "heading"),
    [
        ([-176_924.6, 131_729.0], "yen", "消费变化"),  # which the grid writes as -¥176,925
        ([12.5, 99.9], "¥%,.2f", "消费变化"),
        ([-1.82, 15.45], "%,.2f", "消费变化（元）"),
    ],
)
def test_the_sign_of_an_amount_never_stands_behind_the_yuan(amounts, form, heading):
    frame = pl.DataFrame({"spend_change": amounts})
    shown = columns.column("spend_change", frame)
    assert (shown["type_config"]["format"], shown["label"]) == (form, heading)
    assert "step" not in shown["type_config"] or shown["type_config"]["step"] is None  # it cuts


def test_neither_an_empty_column_nor_an_empty_table_is_shown(monkeypatch):
    drawn, said = [], []
    monkeypatch.setattr(tables.st, "caption", said.append)
    monkeypatch.setattr(tables.st, "dataframe", lambda sheet, **_: drawn.append(sheet.column_names))
    frame = pl.DataFrame({"segment": ["甲"], "margin_rate": pl.Series([None], dtype=pl.Float64)})
    tables.listed(frame, alt="各层")
    tables.listed(frame.clear(), alt="各层")
    assert drawn == [["segment"]]
    assert said == ["这张表里没有符合条件的行。"]


@pytest.mark.parametrize(("query", "target"), [(b"", "./"), (b"study=a%26b&view=rfm", "./?study=a%26b&view=rfm")])  # fmt: skip
def test_the_first_page_is_also_found_by_its_name(query, target):
    route = next(r for r in server.ROUTES if r.path == "/overview")
    scope = {"type": "http", "method": "GET", "path": "/overview", "headers": [], "query_string": query}  # fmt: skip
    answer = route.endpoint(Request(scope))
    assert (answer.status_code, answer.headers["location"]) == (307, target)


def test_samples_of_an_identity_do_not_show_who_it_is(own_copy):
    columns = {c.name: c for c in offering.columns_of(own_copy, 0)}
    assert columns["手机号"].samples
    assert all(re.fullmatch(r"1\d\d\*\*\*", value) for value in columns["手机号"].samples)
    assert columns["会员号"].role == "客户编号"
    assert all(value.endswith("***") for value in columns["会员号"].samples)
    assert not any("*" in value for value in columns["渠道"].samples)


def test_a_study_name_that_is_no_folder_name_is_refused(demo_study):
    app = opened(places.IMPORT, study="demo")
    app.segmented_control[0].set_value("新建研究").run()
    app.text_input[0].set_value("../外面").run()
    app.file_uploader[0].upload("订单.csv", ORDERS.encode()).run()
    next(b for b in app.button if b.label == "导入 1 个文件").click().run()
    assert "研究名称" in app.error[0].value


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "..", "a\\b", ".x", "x.", "甲" * 41, 'a"b', "a\nb"]
)
def test_a_folder_name_is_one_step_of_a_path_everywhere(name):
    with pytest.raises(BadParameter):
        words.folder_name(name)


def test_markdown_in_words_is_escaped_letter_for_letter():
    assert words.md_text("3~5次 10~20元") == "3\\~5次 10\\~20元"
    assert words.md_text("![x](http://a.cn/i.png)").startswith("\\!\\[x\\]\\(http\\:\u2060\\/")
    assert words.md_text("a@b.cn") == "a\u2060\\@\u2060b\\.cn"
    assert words.md_text(":material/home:") == "\\:\u2060material\\/home\\:\u2060"
    assert words.md_text("一\n# 二\u202e三\x00") == "一 \\# 二 三"
    assert words.md_text("a->b") == "a\\-\u2060\\>b"


def test_a_mistake_is_a_value_and_a_fault_is_not():
    assert isinstance(tried(lambda: pipeline.params_of(None, "没有")), UnknownName)
    with pytest.raises(ZeroDivisionError):
        tried(lambda: 1 / 0)


def _faulty():
    from pages.ui import broken

    broken(ValueError("13800138000"))


def test_our_own_fault_is_told_in_chinese_and_logged_without_the_data(caplog):
    app = AppTest.from_function(_faulty).run()
    assert not app.exception
    assert "数据没有被改动" in app.error[0].value
    assert "ValueError" in caplog.text
    assert "13800138000" not in caplog.text


def test_what_is_lacking_is_told_by_table_and_mended_where_it_can_be():
    lacks = ("订单：客户编号", "订单：订单号", "文本：内容")
    assert lacking_words(lacks) == "订单（客户编号、订单号）、文本（内容）"
    assert mending(lacks[:2], {"orders": 9}) is places.MAPPING
    assert mending(lacks, {"orders": 9}) is places.IMPORT


def test_every_analysis_has_a_page():
    assert {places.place_of(key) for key in catalogue()} <= set(PLACES)


def test_every_place_has_an_ascii_address_of_its_own():
    paths = [place.path for place in PLACES]
    assert all(path.isascii() for path in paths)
    assert len(set(paths)) == len(paths)
    assert {ROOT / place.file for place in PLACES} == set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_the_first_thing_a_page_does_after_asking_for_its_right_is_to_pass_the_gate(page):
    statements = ast.parse(page.read_text("utf-8")).body
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    acting = [s for s in statements if not isinstance(s, quiet) and not _is_constant(s)]
    assert ast.unparse(acting[0]).startswith("ui.require(")
    assert ast.unparse(acting[1]) == "context = ui.enter()"


def _is_constant(statement: ast.stmt) -> bool:
    return not any(isinstance(node, ast.Call) for node in ast.walk(statement))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_fits_on_a_screen(page):
    assert len(page.read_text("utf-8").splitlines()) <= 80


def test_the_frame_is_short_and_mistakes_are_caught_in_one_place():
    assert len((ROOT / "streamlit_app.py").read_text("utf-8").splitlines()) <= 60
    files = (ROOT / "pages").rglob("*.py")
    caught = [
        (file.stem, ast.unparse(node.type or node))
        for file in sorted(files)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
    ]
    of_pages = [("states", "Conflict"), ("states", "InsightError")]
    beside = [
        ("once", "InsightError"),
        ("server", "UnsafeServing"),
        *[("signing", "NotSignedIn")] * 2,
    ]
    assert sorted(caught) == sorted([*of_pages, *beside])


def test_nothing_on_the_screen_is_html():
    for file in (ROOT / "pages").rglob("*.py"):
        assert "unsafe_allow" not in file.read_text("utf-8"), file


def test_the_theme_has_the_palette_of_the_charts():
    theme = CONFIG["theme"]
    assert theme["chartCategoricalColors"] == list(charts.PALETTE)
    assert len(theme["chartSequentialColors"]) == len(theme["chartDivergingColors"]) == 10
    assert theme["light"]["primaryColor"] == charts.ACCENT


def test_the_server_is_locked_down_by_default():
    server_, client = CONFIG["server"], CONFIG["client"]
    assert (server_["address"], server_["enableStaticServing"], server_["fileWatcherType"]) == ("127.0.0.1", False, "none")  # fmt: skip
    assert (server_["maxUploadSize"], server_["maxMessageSize"], server_["disconnectedSessionTTL"]) == (200, 64, 600)  # fmt: skip
    assert (client["toolbarMode"], client["showErrorDetails"], client["disableDataExport"]) == ("minimal", "none", True)  # fmt: skip
    assert not CONFIG["browser"]["gatherUsageStats"]
    assert not CONFIG["runner"]["postScriptGC"]


def _answered(path: str, body: bytes = b"", *, length: int = 0) -> tuple[dict[str, str], bytes]:
    """Headers and body that the guarded server sends for ``path``."""

    async def inner(scope, receive, send):
        assert b"accept-encoding" not in dict(scope["headers"]) or "." in path
        told = [(b"content-type", b"text/html"), (b"content-length", str(length).encode())]
        await send(
            {"type": "http.response.start", "status": 200, "headers": told if length else []}
        )
        await send({"type": "http.response.body", "body": body})

    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", b"gzip")]}
    asyncio.run(server.guarded(inner)(scope, None, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return headers, sent[1]["body"]


def test_every_answer_carries_the_security_headers():
    headers, _ = _answered("/static/js/index.js")
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "cache-control" not in headers


def test_downloads_are_never_cached_and_pages_say_that_they_are_chinese():
    assert _answered("/media/abc.csv")[0]["cache-control"] == "no-store"
    page = b'<!DOCTYPE html><html lang="en"><head>'
    assert _answered("/segments", page)[1] == page.replace(b'"en"', b'"zh"')


def test_an_address_that_names_a_row_opens_the_people_behind_it(demo_study):
    app = opened(places.SEGMENTS, study="demo", view="rfm", who="segments", row="重要挽留客户")
    found = pipeline.people(demo_study, "rfm", {"segment": "重要挽留客户"})
    assert not app.exception
    assert not app.error
    assert words.md_text(found.in_words) in texts(app)
    assert [tab.label for tab in app.tabs] == [
        f"名单 {found.persons.height:,}", f"订单 {found.n_lines:,}", f"原话 {found.quotes.height:,}",
    ]  # fmt: skip
    assert found.quotes["quote"][0] in [one.value for one in app.text]


def test_an_address_that_names_no_row_opens_nothing(demo_study):
    app = opened(places.SEGMENTS, study="demo", view="rfm", who="segments", row="没有这一层")
    assert not app.exception
    assert not app.error
    assert not app.tabs
    assert app.dataframe


def test_the_people_of_a_chosen_question_are_those_of_the_page(demo_study):
    table = pipeline.run(demo_study, "crosstab", changes={"question": "Q5", "by": "frequency"}).tables["table"]  # fmt: skip
    row = table.row(1, named=True)
    app = opened(places.TABLES, study="demo", view="crosstab", q="Q5", by="frequency", who="table", row=[row[c] for c in ("row", "column", "question", "break")])  # fmt: skip
    assert not app.exception
    assert f"{row['n']:,} 份答卷（基数 {row['base']:,}）" in texts(app)


def test_a_result_goes_into_the_report_and_out_again_on_its_page(own_copy):
    app = opened(places.TABLES, study=own_copy.path.name, view="crosstab", q="Q5", by="frequency")
    _press(app, "加入报告")
    assert not app.exception
    (one,) = pipeline.picks(own_copy)
    assert (one.key, one.params["rows"], one.params["breaks"]) == ("crosstab", ["Q5"], ["frequency"])  # fmt: skip
    app.multiselect(key="choose:by").set_value(["value_tier"]).run()
    assert "加入报告" in [b.label for b in app.button]
    app.multiselect(key="choose:by").set_value(["frequency"]).run()
    _press(app, "已在报告中，移出")
    assert pipeline.picks(own_copy) == ()


def test_the_report_page_lists_orders_and_drops_what_was_chosen(own_copy):
    for key in ("rfm", "topline"):
        pipeline.pick(own_copy, key)
    app = opened(places.REPORT, study=own_copy.path.name)
    assert [n for n in ("RFM 客户分层", "问卷总表") if f"**{n}**" in texts(app)] == ["RFM 客户分层", "问卷总表"]  # fmt: skip
    _press(app, "下移")
    assert [one.key for one in pipeline.picks(own_copy)] == ["topline", "rfm"]
    _press(app, "移出")
    assert [one.key for one in pipeline.picks(own_copy)] == ["rfm"]
    _press(app, "恢复为收录全部分析")
    assert pipeline.picks(own_copy) == ()
    assert "收录全部能回答的分析" in texts(app)


def test_the_report_page_makes_several_files_at_once_and_one_of_them_alone(own_copy):
    pipeline.pick(own_copy, "topline")
    app = opened(places.REPORT, study=own_copy.path.name)
    app.pills(key="report:forms").set_value(["pptx", "html"]).run()
    assert "PowerPoint 模板（可选）" in [one.label for one in app.get("file_uploader")]
    _press(app, "生成报告")
    assert not app.exception
    assert "trace.json" in texts(app)
    (_, data) = app.session_state["report"]
    assert sorted(unpacked(data)) == ["report.html", "report.pptx", "trace.json"]
    app.pills(key="report:forms").set_value(["html"]).run()
    assert "trace.json" not in texts(app)


def test_a_choice_for_the_report_on_an_old_revision_is_refused(own_copy):
    app = opened(places.SEGMENTS, study=own_copy.path.name)
    before = store.head(own_copy)
    store.commit(own_copy, before.recipe, parent=before.id, author="王芳", note="别处的修改")
    _press(app, "加入报告")
    assert not app.exception
    assert "王芳" in app.error[0].value
    assert pipeline.picks(own_copy) == ()


def test_a_page_carries_the_script_that_speaks_chinese_and_says_its_length():
    page = b'<html lang="en"><head></head></html>'
    headers, body = _answered("/segments", page, length=len(page))
    assert b'<script src="./shell/zh.js"></script></head>' in body
    assert headers["content-length"] == str(len(body))
    assert _answered("/static/a.js", b"</head>")[1] == b"</head>"


def test_white_is_readable_on_the_primary_colour_in_light_and_dark():
    for mode in ("light", "dark"):
        assert _contrast("#FFFFFF", CONFIG["theme"][mode]["primaryColor"]) >= 4.5


def test_what_is_selected_is_readable_on_its_tint_of_the_primary_colour_in_light_and_dark():
    for mode in ("light", "dark"):
        theme = CONFIG["theme"][mode]
        tint = _mixed(theme["primaryColor"], theme["backgroundColor"], share=0.1)
        assert _contrast(theme["linkColor"], tint) >= 4.5
    style = re.search(rb"<style>(.+?)</style>", _answered("/segments", b"<head></head>")[1])
    assert style is not None
    colours = tuple(CONFIG["theme"][mode]["linkColor"] for mode in ("light", "dark"))
    assert f"color:light-dark({','.join(colours)})" in style[1].decode()


def _mixed(first: str, second: str, *, share: float) -> str:
    parts = ([int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (first, second))
    return "#" + "".join(
        f"{round(a * share + b * (1 - share)):02X}" for a, b in zip(*parts, strict=True)
    )


def _contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    low, high = sorted(_luminance(colour) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
