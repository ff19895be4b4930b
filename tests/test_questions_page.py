"""The page of the questions: kinds are corrected, a recode is looked at, recorded and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight import study as store
from insight.schema import QuestionKind
from insight.settings import settings
from pages.ui import places

ROOT = Path(__file__).parents[1]
FILE = "序号,1、年龄,2、满意度,3、爱好\n" + "".join(
    f"{i},{('18-24岁', '25-34岁', '45岁以上')[i % 3]},{1 + i % 5},{'甲┋乙' if i % 2 else '甲'}\n"
    for i in range(30)
)


@pytest.fixture
def surveyed(request):
    """A study with one questionnaire of thirty answers, where the app finds it."""
    study = pipeline.new(settings().studies_dir / f"题目{abs(hash(request.node.name)) % 10**6}")
    pipeline.add(study, FILE.encode(), "问卷.csv")
    return study


def opened(study, question=""):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = study.path.name
    app.run()
    app.switch_page(places.QUESTIONS.file)
    app.query_params["study"] = study.path.name
    if question:
        app.query_params["question"] = question
    app.run()
    assert not app.exception
    return app


def button(app, label):
    return next(b for b in app.button if b.label == label)


def test_every_question_is_listed_with_its_kind_and_counts(surveyed):
    app = opened(surveyed, "Q3")
    assert app.title[0].value == "每道题是什么题型，怎样计数？"
    (options, *_) = app.dataframe[-1:]
    assert options.value.to_dict("records") == [
        {"选项": "甲", "人数": 30},
        {"选项": "乙", "人数": 15},
    ]
    assert "选项之间的符号" in [s.label for s in app.selectbox]


def test_a_kind_chosen_in_the_editor_is_saved(surveyed):
    app = opened(surveyed)
    key = f"edit:kinds:{surveyed.path.name}:0:{store.head(surveyed).id}"
    app.session_state[key] = {"edited_rows": {1: {"题型": "单选"}}, "added_rows": [], "deleted_rows": []}  # fmt: skip
    app.run()
    button(app, "保存题型").click().run()
    assert not app.exception
    assert pipeline.load(surveyed).questionnaire.find("Q2").kind is QuestionKind.SINGLE


def test_a_kind_that_cannot_be_is_said_and_nothing_is_changed(surveyed):
    app = opened(surveyed)
    before = store.head(surveyed).id
    key = f"edit:kinds:{surveyed.path.name}:0:{before}"
    app.session_state[key] = {"edited_rows": {0: {"题型": "数值"}}, "added_rows": [], "deleted_rows": []}  # fmt: skip
    app.run()
    button(app, "保存题型").click().run()
    assert "题目 Q1 不能当作数值" in app.error[0].value.replace("\\", "")
    assert store.head(surveyed).id == before


def test_a_kind_chosen_on_an_old_revision_is_refused_with_who_changed_it(surveyed):
    app = opened(surveyed)
    before = store.head(surveyed)
    key = f"edit:kinds:{surveyed.path.name}:0:{before.id}"
    edits = {"edited_rows": {1: {"题型": "单选"}}, "added_rows": [], "deleted_rows": []}
    app.session_state[key] = edits
    app.run()
    store.commit(surveyed, before.recipe, parent=before.id, author="王芳", note="别处的修改")
    app.session_state[key] = edits
    button(app, "保存题型").click().run()
    assert "王芳" in app.error[0].value
    assert store.head(surveyed).author == "王芳"


def test_a_recode_is_seen_before_it_is_recorded_and_can_be_taken_back(surveyed):
    app = opened(surveyed, "Q2")
    app.selectbox(key="recode:what:Q2").select("top").run()
    app.text_input(key="recode:into:Q2").input("Q2_T2B").run()
    before, after = (frame.value["n"].to_list() for frame in app.dataframe[-2:])
    assert (before, after) == ([6, 6, 6, 6, 6], [12, 18])
    assert pipeline.recodes(surveyed) == ()
    button(app, "记录这个重编码").click().run()
    assert not app.exception
    assert [told for _, told in pipeline.recodes(surveyed)] == ["Q2 最高 2 档 → Q2_T2B"]
    button(app, "撤销").click().run()
    assert pipeline.recodes(surveyed) == ()


def test_a_recode_that_does_not_fit_is_said(surveyed):
    app = opened(surveyed, "Q2")
    app.selectbox(key="recode:what:Q2").select("bands").run()
    app.text_input(key="recode:bands:Q2").input("4，2").run()
    assert "分界点要从小到大" in app.warning[0].value.replace("\\", "")
