"""Several sources of one kind become one table, and nobody's ids collide."""

from __future__ import annotations

import polars as pl

from insight.clean import Cleaned
from insight.gather import Part, gather
from insight.schema import Option, Question, QuestionKind, Questionnaire

NO_ISSUES = pl.DataFrame()


def _survey(ids, answers, *, wording="满意吗", said=None):
    single = Question(
        id="Q1",
        wording=wording,
        kind=QuestionKind.SINGLE,
        columns=("Q1",),
        options=(Option(label="是"),),
    )
    spoken = Question(id="Q2", wording="为什么", kind=QuestionKind.OPEN, columns=("Q2",))
    frame = pl.DataFrame(
        {"respondent_id": ids, "Q1": answers, "Q2": said or [None] * len(ids)},
        schema={"respondent_id": pl.String, "Q1": pl.String, "Q2": pl.String},
    )
    return Part("responses", Cleaned(frame, NO_ISSUES, Questionnaire(questions=(single, spoken))))


def _texts(ids):
    return Part(
        "texts", Cleaned(pl.DataFrame({"text_id": ids, "text": ["好"] * len(ids)}), NO_ISSUES)
    )


def test_a_second_batch_of_the_same_questionnaire_is_stacked():
    gathered = gather([_survey(["1"], ["是"]), _survey(["2"], ["否"])])
    assert gathered.joined.tables["responses"]["Q1"].to_list() == ["是", "否"]
    assert [q.id for q in gathered.questionnaire.questions] == ["Q1", "Q2"]


def test_an_option_of_one_wave_only_is_not_ticked_in_the_other():
    def wave(ids, ticked):
        options = tuple(Option(label=c, column=f"Q1[{c}]") for c in ticked)
        question = Question(
            id="Q1",
            wording="选",
            kind=QuestionKind.MULTI,
            columns=tuple(f"Q1[{c}]" for c in ticked),
            options=options,
        )
        frame = pl.DataFrame({"respondent_id": ids} | {f"Q1[{c}]": v for c, v in ticked.items()})
        return Part("responses", Cleaned(frame, NO_ISSUES, Questionnaire(questions=(question,))))

    both = gather(
        [wave(["1", "2"], {"甲": [True, None]}), wave(["3"], {"甲": [False], "乙": [True]})]
    )
    # respondent 2 was not asked and stays without an answer
    assert both.joined.tables["responses"]["Q1[乙]"].to_list() in (
        [False, None, True],
        [None, None, True],
    )


def test_equal_respondent_numbers_of_two_files_stay_two_people():
    gathered = gather([_survey(["1"], ["是"]), _survey(["1"], ["否"], wording="别的题")])
    assert gathered.joined.tables["responses"]["respondent_id"].to_list() == ["1-1", "2-1"]


def test_another_questionnaire_keeps_its_own_questions():
    gathered = gather([_survey(["1"], ["是"]), _survey(["2"], ["否"], wording="别的题")])
    assert [q.id for q in gathered.questionnaire.questions] == ["Q1", "Q2", "S2_Q1", "S2_Q2"]
    assert gathered.joined.tables["responses"]["S2_Q1"].to_list() == [None, "否"]


def test_open_answers_become_texts_of_their_respondent():
    texts = gather([_survey(["1", "2"], ["是", "是"], said=["太贵", None])]).joined.tables["texts"]
    assert texts.select("text_id", "respondent_id", "text", "question").rows() == [
        ("1-Q2", "1", "太贵", "为什么")
    ]


def test_ids_of_one_text_file_are_kept_and_clashing_ones_numbered():
    assert gather([_texts(["a", "b"])]).joined.tables["texts"]["text_id"].to_list() == ["a", "b"]
    assert gather([_texts(["a"]), _texts(["a"])]).joined.tables["texts"]["text_id"].to_list() == [
        "1-a",
        "2-a",
    ]


def test_the_month_of_an_order_is_that_of_the_local_clock():
    orders = Cleaned(
        pl.DataFrame({"order_id": ["1"], "ordered_at": [1_735_689_599], "amount": [1.0]}), NO_ISSUES
    )
    assert gather([Part("orders", orders)]).joined.tables["orders"]["ordered_month"].to_list() == [
        202412
    ]
