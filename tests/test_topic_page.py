"""The page of the topics: merged, seeded, moved and taken back by clicks; quality as coloured labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_topics import planted

from insight import pipeline
from insight import study as store
from insight.settings import settings
from pages.ui import places

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder():
    """A study of 108 reviews whose topics are known already, where the app finds it."""
    study = pipeline.new(settings().studies_dir / "主题页面")
    rows = "".join(f"t{at:03},{text}\n" for at, text in enumerate(planted()[0]))
    pipeline.add(study, f"评论编号,评论内容\n{rows}".encode(), name="评论.csv")
    pipeline.set_params(study, pipeline.params_of(study, "topics", {"n_topics": 4}), key="topics")
    pipeline.topics(study)
    return study


@pytest.fixture
def study(folder):
    """The study without edits."""
    yield folder
    if steps := pipeline.topic_edits(folder):
        pipeline.remove_topic_edits(folder, [step.index for step in steps])


def opened(study, **address):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params["study"] = study.path.name
    app.run()
    app.switch_page(places.TOPICS.file)
    for name, value in {"study": study.path.name, "view": "edit", **address}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def button(app, label):
    return next(b for b in app.button if b.label.startswith(label))


def choose(app, do):
    next(g for g in app.segmented_control if g.label == "做什么").set_value(do).run()


def test_two_topics_are_merged_and_the_step_is_taken_back(study):
    labels = pipeline.topics(study)["label"].to_list()[:2]
    app = opened(study)
    assert button(app, "记录这一步").disabled
    app.multiselect[0].set_value(labels).run()
    app.text_input[0].set_value("服务").run()
    button(app, "记录这一步").click().run()
    assert not app.exception
    (edit,) = store.head(study).recipe.topic_edits
    assert ([t.label for t in edit.topics], edit.name) == (labels, "服务")
    assert "服务" in pipeline.topics(study)["label"].to_list()
    app = opened(study)
    assert any("合并" in m.value and "为“服务”" in m.value for m in app.markdown)
    button(app, "撤销").click().run()
    assert store.head(study).recipe.topic_edits == ()


def test_a_name_that_is_taken_is_said_beside_its_step(study):
    first, second = pipeline.topics(study)["label"].to_list()[:2]
    pipeline.add_topic_edit(study, {"do": "rename", "topic": first, "name": second})
    pipeline.topics(study)
    app = opened(study)
    assert any("没有应用" in w.value and "已经有主题叫" in w.value for w in app.warning)


def test_a_comment_is_found_before_it_is_moved(study):
    app = opened(study)
    choose(app, "move")
    assert len(app.dataframe) == 2
    next(t for t in app.text_input if t.label == "含有").set_value("快递员").run()
    assert not app.exception
    assert all("快递员" in text for text in app.dataframe[1].value["text"])
    assert button(app, "记录这一步").disabled


def test_a_topic_of_seed_words_is_recorded(study):
    app = opened(study)
    choose(app, "seed")
    app.text_input[0].set_value("退换货").run()
    app.text_input[1].set_value("退款、退货, 换货").run()
    button(app, "记录这一步").click().run()
    assert not app.exception
    (edit,) = store.head(study).recipe.topic_edits
    assert (edit.name, edit.words) == ("退换货", ("退款", "退货", "换货"))


def test_the_topics_show_their_quality_and_the_way_to_edit_them(study):
    app = opened(study, view="topics")
    assert any("词语一致性" in m.value for m in app.markdown)
    assert not app.exception
