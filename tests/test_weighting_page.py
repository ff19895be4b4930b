"""On the screen: weights are tried and used, and a filter chosen once narrows every table of answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from insight import pipeline
from insight.schema.audiences import Audience
from pages.ui import places
from tests.test_app import opened


@pytest.fixture
def own_study(demo_study, own_folders: Path):
    """A copy of the example that a test may change."""
    path = own_folders / "studies" / "weighed"
    shutil.copytree(demo_study.path, path)
    yield pipeline.opened(path)
    shutil.rmtree(path)


def test_the_weights_that_are_shown_count_after_one_click(own_study):
    app = opened(places.WEIGHTS, study="weighed")
    assert not app.exception
    assert not pipeline.weighting(own_study).is_on
    use = next(b for b in app.button if b.label == "用这些权重")
    use.click().run()
    assert not app.exception
    assert pipeline.weighting(own_study).margins == ("value_tier", "orders.region")
    assert "正在用这些权重" in [b.label for b in app.button]
    next(b for b in app.button if b.label == "不加权").click().run()
    assert not pipeline.weighting(own_study).is_on


def test_a_filter_is_chosen_beside_the_question_and_told_at_the_table(own_study):
    rule = pipeline.read_rule(own_study, "Q2=女")
    pipeline.save_audience(own_study, Audience(name="女的", rule=rule))
    app = opened(places.TABLES, study="weighed", view="topline")
    assert not app.exception
    only = next(box for box in app.selectbox if box.label == "只看")
    only.select("女的").run()
    assert not app.exception
    assert pipeline.study_filter(own_study) == "女的"
    assert any("筛选：只看“女的”" in c.value for c in app.caption)
