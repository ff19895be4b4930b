"""The page of the survey tables: tests and scales stand beside the tables, by theme, and answer at once."""

from __future__ import annotations

import pytest

from insight.analyses import find
from pages.ui import places
from tests.test_app import opened


@pytest.mark.parametrize(("view", "theme"), [("independence", "检验"), ("group_test", "检验"), ("reliability", "量表")])  # fmt: skip
def test_tests_and_scales_are_reached_by_their_theme(view, theme, demo_study):
    app = opened(places.TABLES, study=demo_study.path.name, view=view)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == find(view).question
    assert app.segmented_control(key="choose:theme").value == theme
    assert app.dataframe


def test_the_compared_question_is_chosen_above_the_answer(demo_study):
    app = opened(places.TABLES, study=demo_study.path.name, view="group_test")
    box = next(b for b in app.selectbox if b.label == "题目")
    box.select("Q7").run()
    assert not app.exception
    told = " ".join(m.value for m in app.markdown)
    assert "Q7" in told
