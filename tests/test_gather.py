"""Several sources of one kind become one table, and nobody's ids collide."""

from __future__ import annotations

import polars as pl
from clean_tables import SECRET

from insight.clean import Cleaned, clean, propose
from insight.gather import Part, gather
from insight.readers import read
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


def _texts(ids, text="好"):
    return Part(
        "texts", Cleaned(pl.DataFrame({"text_id": ids, "text": [text] * len(ids)}), NO_ISSUES)
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
    clash = gather([_texts(["a"]), _texts(["a"], "差")]).joined.tables["texts"]
    assert clash["text_id"].to_list() == ["1-a", "2-a"]


def test_the_month_of_an_order_is_that_of_the_local_clock():
    orders = Cleaned(
        pl.DataFrame({"order_id": ["1"], "ordered_at": [1_735_689_599], "amount": [1.0]}), NO_ISSUES
    )
    assert gather([Part("orders", orders)]).joined.tables["orders"]["ordered_month"].to_list() == [
        202412
    ]


def _orders(*rows, name="a.csv"):
    frame = pl.DataFrame(
        rows,
        schema={"order_id": pl.String, "ordered_at": pl.Int64, "amount": pl.Float64},
        orient="row",
    )
    return Part("orders", Cleaned(frame, NO_ISSUES), name)


def test_rows_that_two_exports_share_count_once_and_are_said():
    march = [("1", 0, 10.0), ("2", 5, 20.0), ("2", 5, 20.0)]
    gathered = gather(
        [_orders(*march, name="三月.csv"), _orders(*march, ("3", 9, 5.0), name="四月.csv")]
    )
    assert gathered.joined.tables["orders"]["amount"].sum() == 55.0
    assert gathered.notes == (("四月.csv", "orders", "有 3 行与“三月.csv”完全相同，只计一次"),)


def test_the_same_line_twice_in_one_export_stays_twice():
    assert gather([_orders(("1", 0, 10.0), ("1", 0, 10.0))]).joined.tables["orders"].height == 2


def test_a_later_export_of_the_same_answers_adds_only_the_new_ones():
    gathered = gather(
        [_survey(["1", "2"], ["是", "否"]), _survey(["1", "2", "3"], ["是", "否", "是"])]
    )
    assert gathered.joined.tables["responses"]["respondent_id"].to_list() == ["1", "2", "3"]


def test_a_customer_of_two_files_is_one_customer():
    def customers(*rows):
        schema = {"key_customer_id": pl.String, "gender": pl.String}
        return Part(
            "customers", Cleaned(pl.DataFrame(rows, schema=schema, orient="row"), NO_ISSUES)
        )

    both = gather([customers(("m1", "女"), ("m2", "男")), customers(("m1", "不详"))])
    assert both.joined.tables["customers"].select("customer_id", "gender").rows() == [
        ("m1", "女"),
        ("m2", "男"),
    ]
    assert [said for _, _, said in both.notes] == ["有 1 位客户已在其他行出现，保留最先导入的一行"]


def test_an_option_that_somebody_was_not_shown_stays_without_an_answer():
    question = Question(
        id="Q1", wording="选", kind=QuestionKind.MULTI, columns=("a", "b"),
        options=(Option(label="甲", column="a"), Option(label="乙", column="b")),
    )  # fmt: skip
    frame = pl.DataFrame(
        {"respondent_id": ["1"], "a": [True], "b": pl.Series([None], dtype=pl.Boolean)}
    )
    part = Part("responses", Cleaned(frame, NO_ISSUES, Questionnaire(questions=(question,))))
    assert gather([part]).joined.tables["responses"]["b"].to_list() == [None]


def test_shared_rows_are_found_although_the_files_write_their_numbers_differently():
    whole = pl.DataFrame(
        {"order_id": ["1", "2"], "ordered_at": [0, 5], "amount": [7.0, 8.0], "quantity": [1, 2]}
    )
    broken = pl.DataFrame(
        {"order_id": ["2", "3"], "ordered_at": [5, 9], "amount": [8.0, 9.0], "quantity": [2.0, 0.5]}
    )
    parts = [Part("orders", Cleaned(f, NO_ISSUES), n) for f, n in ((whole, "甲"), (broken, "乙"))]
    gathered = gather(parts)
    assert gathered.joined.tables["orders"]["order_id"].to_list() == ["1", "2", "3"]
    assert gathered.notes == (("乙", "orders", "有 1 行与“甲”完全相同，只计一次"),)


def _lines(rows, *extra, name):
    columns = ["order_id", "ordered_at", "product", "amount", *extra]
    frame = pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows])
    return Part("orders", Cleaned(frame, NO_ISSUES), name)


def test_an_order_that_a_second_export_tells_with_more_columns_counts_once_and_keeps_them():
    march = _lines([("1", 0, "茶", 10.0), ("1", 0, "杯", 20.0), ("2", 5, "茶", 10.0)], name="三月")
    april = _lines(
        [("1", 0, "茶", 10.0, "抖音"), ("1", 0, "杯", 20.0, "抖音"), ("3", 9, "盘", 7.0, "淘宝")], "channel", name="四月",
    )  # fmt: skip
    for parts in ([march, april], [april, march]):
        gathered = gather(parts)
        orders = gathered.joined.tables["orders"].sort("order_id", "product")
        assert orders.select("order_id", "product", "channel").rows() == [
            ("1", "杯", "抖音"), ("1", "茶", "抖音"), ("2", "茶", None), ("3", "盘", "淘宝"),
        ]  # fmt: skip
        assert orders["amount"].sum() == 47.0
        (note,) = gathered.notes
        assert note == (
            parts[1].name, "orders",
            f"有 2 行与“{parts[0].name}”是同样的订单（编号、时间、商品、数量、金额都相同），只计一次",
        )  # fmt: skip


def test_an_order_whose_status_changed_between_two_exports_counts_once():
    before = _lines([("1", 0, "茶", 10.0, "已付款")], "status", name="三月")
    after = _lines([("1", 0, "茶", 10.0, "交易成功")], "status", name="四月")
    assert gather([before, after]).joined.tables["orders"].height == 1


def test_two_lines_of_an_order_that_differ_in_product_or_money_are_two():
    first = _lines([("1", 0, "茶", 10.0)], name="三月")
    second = _lines([("1", 0, "杯", 10.0, "x"), ("1", 0, "茶", 11.0, "x")], "channel", name="四月")
    assert gather([first, second]).joined.tables["orders"].height == 3


def test_lines_that_have_no_order_number_of_their_own_are_never_taken_for_the_same():
    one = _lines([("L2", 0, "茶", 10.0)], name="甲")
    two = _lines([("L2", 0, "茶", 10.0, "x")], "channel", name="乙")
    assert gather([one, two]).joined.tables["orders"].height == 2


def _answers(rows, *columns, name):
    """A dated survey with single questions; ``uid`` is no question."""
    questions = tuple(
        Question(id=c, wording=c, kind=QuestionKind.SINGLE, columns=(c,)) for c in columns if c != "uid"
    )  # fmt: skip
    names = ("respondent_id", "submitted_at", *columns)
    frame = pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    return Part("responses", Cleaned(frame, NO_ISSUES, Questionnaire(questions=questions)), name)


def test_an_answer_that_a_second_export_tells_with_more_columns_counts_once_and_keeps_them():
    plain = _answers([("1", 100, "是"), ("2", 200, "否")], "Q1", name="一")
    linked = _answers([("1", 100, "是", "u1"), ("2", 200, "否", "u2")], "Q1", "uid", name="二")
    for parts in ([plain, linked], [linked, plain]):
        gathered = gather(parts)
        responses = gathered.joined.tables["responses"]
        assert responses.select("respondent_id", "uid").rows() == [("1", "u1"), ("2", "u2")]
        assert [q.id for q in gathered.questionnaire.questions] == ["Q1"]
        assert [said for _, _, said in gathered.notes] == [
            f"有 2 行与“{parts[0].name}”是同样的答卷（编号、提交时间和共有题目的回答都相同），只计一次"
        ]


def test_answers_of_one_number_that_differ_in_time_or_in_a_shared_answer_are_two():
    first = _answers([("1", 100, "是"), ("2", 200, "否")], "Q1", name="一")
    second = _answers([("1", 101, "是", "a"), ("2", 200, "是", "b")], "Q1", "uid", name="二")
    assert gather([first, second]).joined.tables["responses"].height == 4


def test_two_questionnaires_without_a_shared_question_are_never_taken_for_the_same():
    first = _answers([("1", 100, "是")], "Q1", name="一")
    second = _answers([("1", 100, "是")], "Q2", name="二")
    assert gather([first, second]).joined.tables["responses"].height == 2


def _wave(name, rows, *, header="1、您的性别,2、满意度,3、城市") -> Part:
    (raw,) = read("\n".join([header, *rows]).encode(), name)
    return Part("responses", clean(raw, propose(raw, table="responses"), secret=SECRET), name)


def test_two_waves_without_ids_or_times_keep_everybody_who_answered_alike():
    spring = ["男,5,北京", "女,4,上海", "男,3,北京"]
    gathered = gather([_wave("春.csv", spring), _wave("秋.csv", [*spring[:2], "女,3,北京"])])
    assert gathered.joined.tables["responses"].height == 6
    assert gathered.notes == (
        ("秋.csv", "responses", "与“春.csv”的题目相同，但两份都没有答卷编号和提交时间，无法判断有没有同一份答卷，全部计入"),
    )  # fmt: skip


def test_the_same_time_and_answers_are_the_same_questionnaire_without_an_id():
    header = "提交时间,1、您的性别,2、满意度,3、城市"
    rows = ["2024-03-01 10:00:05,男,5,北京", "2024-03-01 10:00:09,女,4,上海", ",男,3,北京"]
    later = ["2024-02-01 10:00:00,男,5,北京", *rows]  # every row one line further down
    gathered = gather([_wave("春.csv", rows, header=header), _wave("全.csv", later, header=header)])
    assert gathered.joined.tables["responses"].height == 5  # the one without a time stays twice
    assert [said for _, _, said in gathered.notes] == ["有 2 行与“春.csv”完全相同，只计一次"]
