"""The page of the special methods: Kano's pairs are shown for checking, and what was put right can be undone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from insight import pipeline
from insight.study import Study
from pages.ui import places
from tests.test_app import opened


@pytest.fixture
def own_study(demo_study, own_folders: Path):
    """A copy of the example that a test may change."""
    path = own_folders / "studies" / "kano_pairs"
    shutil.copytree(demo_study.path, path)
    yield pipeline.opened(path)
    shutil.rmtree(path)


def _pairs(study: Study) -> str:
    return str(pipeline.params_of(study, "kano").pairs)


def test_named_pairs_are_used_and_one_click_goes_back_to_the_wording(own_study):
    pipeline.set_params(
        own_study, pipeline.params_of(own_study, "kano", {"pairs": "Q9_1=Q10_1"}), key="kano"
    )
    app = opened(places.RESEARCH, study="kano_pairs", view="kano")
    assert not app.exception
    assert _pairs(own_study) == "Q9_1=Q10_1"
    back = next(b for b in app.button if b.label == "改回按题干识别")
    back.click().run()
    assert not app.exception
    assert _pairs(own_study) == ""
    assert "改回按题干识别" not in [b.label for b in app.button]
