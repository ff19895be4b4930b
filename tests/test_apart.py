"""What pages ask of whole tables is answered in a child: the server's own process reads none of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from shown_study import shown
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.errors import UnknownName
from insight.pipeline import apart, jobs
from insight.schema import Exclusions
from insight.schema.recodes import recode_of
from insight.study import Study
from pages.ui import places

ROOT = Path(__file__).parents[1]
SURVEY = "答卷编号,会员号,Q1 您的性别,Q2 您还有什么建议？\n" + "".join(
    f"R{i},M{i % 12},{'男' if i % 3 else '女'},{'发货太慢了，希望快一点' if i % 2 else '豆子很香，包装也好看'}{i}\n"
    for i in range(36)
)


@pytest.fixture(scope="module")
def filled(own_folders) -> Iterator[Study]:
    with shown("分开的研究") as study:
        pipeline.add(study, SURVEY.encode(), "问卷.csv", hints=pipeline.Hints(table="responses"))
        yield study


@pytest.fixture
def reads_nothing(monkeypatch):
    """In this process no whole table can be read."""

    def refused(*_args: object, **_named: object) -> None:
        raise AssertionError("a whole table was read in the server's own process")

    for name in [n for n in sys.modules if n.startswith("insight.pipeline.")]:
        for door in {"load", "unweighted", "verified", "cleaned_of"} & vars(sys.modules[name]).keys():  # fmt: skip
            monkeypatch.setattr(sys.modules[name], door, refused)


def _rule(study: Study):
    return pipeline.read_rule(study, "消费>=110")


DOORS = {
    "the rows that can be opened": lambda study: pipeline.rows_with_people(study, "rfm"),
    "the people of a row": lambda study: pipeline.people(study, "rfm", {"segment": _segment(study)}),
    "an audience that is tried": lambda study: pipeline.try_audience(study, _rule(study)),
    "the people of an audience": lambda study: pipeline.audience_people(study, _rule(study), most=3),
    "the groups of a break": lambda study: pipeline.groups_of(study, "rfm"),
    "who would be left out": lambda study: pipeline.would_leave_out(study, Exclusions(respondents=("R1",))),
    "a recode that is tried": lambda study: pipeline.preview_recode(study, MERGED),
    "the shares of a margin": lambda study: pipeline.present_shares(study, "rfm"),
    "the texts for rules": lambda study: pipeline.searchable(study).texts,
    "what describes a person": lambda study: pipeline.describing(study),
    "the answers that stand out": lambda study: pipeline.rare_answers(study),
    "the edits of topics": lambda study: pipeline.topic_edits(study),
}  # fmt: skip
MERGED = recode_of({"do": "merge", "question": "Q1", "groups": {"全部": ["男", "女"]}})


def _segment(study: Study) -> str:
    return str(pipeline.run(study, "rfm").tables["segments"]["segment"][0])


@pytest.mark.parametrize("door", DOORS)
def test_what_a_page_asks_is_read_in_a_child_and_is_what_it_would_be_here(door, filled, monkeypatch, reads_nothing):  # fmt: skip
    there = DOORS[door](filled)
    monkeypatch.undo()
    monkeypatch.setattr(apart, "inside", lambda: True)
    assert str(there) == str(DOORS[door](filled))


def test_a_mistake_comes_back_from_the_child_as_itself(filled, reads_nothing):
    with pytest.raises(UnknownName, match="没有这一层"):
        pipeline.people(filled, "rfm", {"segment": "没有这一层"})


def test_an_analysis_comes_with_what_of_it_can_be_opened(filled, reads_nothing):
    jobs.analysis(filled, "concentration").result()
    called = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "call", lambda *a, **k: called.append(a))
        assert pipeline.rows_with_people(filled, "concentration")
    assert called == []


def test_a_page_with_the_drawer_open_reads_no_table_in_the_server(filled, reads_nothing):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    asked = {"study": filled.name, "view": "rfm", "who": "segments", "row": _segment(filled)}
    app.query_params["study"] = filled.name
    app.run()
    app.switch_page(places.SEGMENTS.file)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert [tab.label.split()[0] for tab in app.tabs] == ["名单", "订单", "原话"]
