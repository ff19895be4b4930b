"""Two exports of the same answers: the kind of a question is set once, on either file."""

from __future__ import annotations

import pytest

from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import BadKind
from insight.pipeline import Hints
from insight.schema import Decisions, QuestionKind

HEADER = "序号,1、满意吗,2、几口人,3、打几分\n"
WORDS = ("很满意", "一般", "不满意")


def export(satisfied):
    """Thirty answers; how the first question is written is what the exports differ in."""
    return HEADER + "".join(
        f"{i},{satisfied[i % 3]},{i % 4 + 1},{i % 5 + 1}\n" for i in range(1, 31)
    )


@pytest.fixture
def twins(study):
    for name, text, preset in (
        ("按文本.csv", export(WORDS), "wjx_text"),
        ("按序号.csv", export("123"), "wjx_code"),
    ):
        told = Decisions(preset=preset)
        roles = {"序号": "respondent_id"}
        hints = Hints(table="responses", roles=roles, decisions=told)
        pipeline.add(study, text.encode(), name, hints=hints)
    assert kinds(study)["Q1"] is QuestionKind.SINGLE
    return study


def kinds(study, index=None):
    return {q.id: q.kind for q in pipeline.questions(study, index)}


@pytest.mark.parametrize("index", [0, 1])
def test_a_kind_that_is_set_on_one_of_them_holds_for_both_and_they_stay_one_table(twins, index):
    head = store.head(twins).id
    pipeline.retype(twins, index, {"Q3": QuestionKind.NUMBER}, parent=head)
    assert kinds(twins)["Q3"] is kinds(twins, 0)["Q3"] is kinds(twins, 1)["Q3"] is QuestionKind.NUMBER  # fmt: skip
    assert list(kinds(twins)) == ["Q1", "Q2", "Q3"]  # no question stands there twice
    assert store.head(twins).id == head + 1
    pipeline.retype(twins, 1 - index, {"Q3": None}, parent=store.head(twins).id)
    assert kinds(twins)["Q3"] is QuestionKind.SCALE
    assert not any(s.decisions.kinds for s in store.head(twins).recipe.sources)


def test_a_kind_that_one_of_them_cannot_be_is_refused_and_nothing_is_changed(twins):
    head = store.head(twins).id
    with pytest.raises(BadKind, match="题目 Q1 不能当作"):
        pipeline.retype(twins, 1, {"Q1": QuestionKind.SCALE}, parent=head)
    assert store.head(twins).id == head


def test_the_command_line_sets_it_once(twins, capsys):
    path = str(twins.path)
    assert main(["questions", path, "--source", "按序号.csv", "--kind", "Q2=数值"]) == 0
    capsys.readouterr()
    assert kinds(twins, 0)["Q2"] is kinds(twins)["Q2"] is QuestionKind.NUMBER


def test_another_questionnaire_keeps_its_kinds(twins):
    other = export(WORDS).replace("打几分", "住几年").replace("30,", "31,")
    pipeline.add(twins, other.encode(), "另一份.csv", hints=Hints(table="responses"))
    before = kinds(twins, 2)
    pipeline.retype(twins, 0, {"Q3": QuestionKind.NUMBER}, parent=store.head(twins).id)
    assert kinds(twins, 2) == before
