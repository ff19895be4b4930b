"""Topics by segment, month and spend: counts by hand, letters by the tables' engine, and the analysis as a whole."""

from __future__ import annotations

from datetime import datetime

import narwhals as nw
import polars as pl
import pytest
from scipy.stats import norm, ttest_ind
from test_topics import planted

from insight.analyses import find
from insight.analysis import answer
from insight.answers import Sample
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.tabulation import crossed, stub_of
from insight.tabulation.banners import banner_of
from insight.tabulation.speaking import SAID_AT, SPEND, TOPICS, asked_of_speakers, speaking

QUESTION = Question(
    id="Q1", wording="性别", kind=QuestionKind.SINGLE, columns=("Q1",), options=(Option(label="女"), Option(label="男"))
)  # fmt: skip


def at(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00+00:00").timestamp())


def orders(spend):
    """One order for each customer."""
    rows = [(f"o{i}", c, at("2025-01-05"), float(s)) for i, (c, s) in enumerate(spend.items())]
    names = ["order_id", "customer_id", "ordered_at", "amount"]
    return nw.from_native(pl.LazyFrame(rows, schema=names, orient="row"))


def small() -> tuple[Dataset, pl.DataFrame, pl.DataFrame]:
    """Five people: a and b are customers who answered, c answered only, d is a customer only, e says nothing."""
    texts = pl.DataFrame(
        [
            ("1", "a", "r1", "2025-01-02"), ("2", "a", None, "2025-02-03"), ("3", "b", "r2", "2025-02-04"),
            ("4", None, "r3", "2025-01-09"), ("5", "d", None, None), ("6", "a", None, "2025-02-08"), ("7", "e", None, "2025-02-08"),
        ],
        schema=["text_id", "customer_id", "respondent_id", "day"], orient="row",
    ).with_columns(said_at=pl.col("day").map_elements(at, return_dtype=pl.Int64), text=pl.lit("…"))  # fmt: skip
    responses = pl.DataFrame({"respondent_id": ["r1", "r2", "r3"], "customer_id": ["a", "b", None], "Q1": ["女", "男", "女"]})  # fmt: skip
    dataset = Dataset(
        orders=orders({"a": 100, "b": 50, "d": 10, "e": 5}),
        responses=responses, texts=texts.drop("day"), questionnaire=Questionnaire(questions=(QUESTION,)),
    )  # fmt: skip
    people = ["c:a", "c:a", "c:b", "r:r3", "c:d", "c:a", "c:e"]
    about = pl.DataFrame({"0": [True, True, False, True, False, False, None], "1": [False, False, True, False, True, True, None]})  # fmt: skip
    return dataset, texts.select("text_id", person=pl.Series(people)), about


def test_everybody_who_speaks_is_one_row_with_topics_answers_months_and_spend():
    dataset, said, about = small()
    made = speaking(dataset, said, about, names=["物流", "口味"])
    rows = made.responses.select("respondent_id", "topics[0]", "topics[1]", "Q1", SPEND, "said_at[2025-01]", "said_at[2025-02]").rows()  # fmt: skip
    assert rows == [
        ("c:a", True, True, "女", 100.0, True, True),
        ("c:b", False, True, "男", 50.0, False, True),
        ("c:d", False, True, None, 10.0, None, None),
        ("r:r3", True, False, "女", None, True, False),
    ]
    assert [q.id for q in made.questionnaire.questions] == ["Q1", TOPICS, SAID_AT, SPEND]


def test_a_person_who_speaks_in_two_months_stands_in_both_columns():
    dataset, said, about = small()
    made = speaking(dataset, said, about, names=["物流", "口味"])
    book = asked_of_speakers(made, breaks=[SAID_AT], banner="", weight="none", least=1)
    cells, _ = crossed([stub_of(book.people.responses, book.questions[0])], book.families, people=book.people, rule=_rule())  # fmt: skip
    assert [f.label for f in book.families] == ["发言时间"]
    counted = cells.filter(pl.col("row") == "物流").select("column", "n", "base").rows()
    assert counted == [("总计", 2, 3), ("2025-01", 2, 2), ("2025-02", 1, 2)]
    assert any("另有 1 人没有人群归属" in note for note in book.notes)


def _rule():
    from insight.stats.proportions import Rule

    return Rule(tiny_base=1, small_base=2)


def test_nobody_who_says_anything_is_told():
    dataset, said, about = small()
    with pytest.raises(TooFewRows, match="说过有实质内容的话的人"):
        speaking(dataset, said, about.with_columns(pl.lit(None, pl.Boolean).alias(c) for c in ("0", "1")), names=["物流", "口味"])  # fmt: skip


@pytest.fixture(scope="module")
def study():
    """Texts of 108 customers; who writes of the taste is mostly in the south, writes in May, and spends 100 more."""
    texts, themes = planted()
    rows = [
        (f"t{i:03}", text, f"c{i:03}", at("2025-05-10" if theme == "口味" else "2025-04-10"))
        for i, (text, theme) in enumerate(zip(texts, themes, strict=True))
    ]
    people = [
        (f"c{i:03}", "南方" if (theme == "口味") != (i % 7 == 0) else ("北方" if i % 2 else "东方"))
        for i, theme in enumerate(themes)
    ]
    spend = {f"c{i:03}": 50 + i % 9 + 100 * (theme == "口味") for i, theme in enumerate(themes)}
    return Dataset(
        orders=orders(spend),
        customers=pl.DataFrame(people, schema=["customer_id", "region"], orient="row"),
        texts=pl.DataFrame(
            rows, schema=["text_id", "text", "customer_id", "said_at"], orient="row"
        ),
    ), spend


@pytest.fixture(scope="module")
def result(study):
    analysis = find("topic_table")
    params = analysis.params(breaks=["customers.region", SAID_AT], n_topics=4)
    return answer(analysis, study[0], params)


@pytest.fixture(scope="module")
def topics(study):
    analysis = find("topics")
    return answer(analysis, study[0], analysis.params(n_topics=4)).tables


def _taste(topics):
    words = pl.col("top_words").str.contains("口味")
    return topics["topics"].filter(words)["label"][0]


def test_counts_are_those_of_the_topics_and_of_the_groups(study, result, topics):
    table, dataset = result.tables["table"], study[0]
    told = topics["texts"].filter(pl.col("topic") > 0).join(topics["topics"].select("topic", "label"), on="topic")  # fmt: skip
    placed = told.join(dataset.texts.select("text_id", "customer_id"), on="text_id").join(dataset.customers, on="customer_id")  # fmt: skip
    for row, column, n in table.filter(pl.col("break") == "地区", pl.col("column") != "总计").select("row", "column", "n").rows():  # fmt: skip
        own = placed.filter(pl.col("label") == row, pl.col("region") == column)
        assert n == own["customer_id"].n_unique(), (row, column)
    assert "至少选一项" not in set(table["row"])


def test_the_letter_of_a_group_follows_the_pooled_z_test(result, topics):
    label = _taste(topics)
    cells = {c: (n, b, s) for c, n, b, s in result.tables["table"].filter(pl.col("row") == label, pl.col("break") == "地区").select("column", "n", "base", "letters").rows()}  # fmt: skip
    (n1, b1, letters), (n2, b2, _) = cells["南方"], cells["北方"]
    pooled = (n1 + n2) / (b1 + b2)
    z = (n1 / b1 - n2 / b2) / (pooled * (1 - pooled) * (1 / b1 + 1 / b2)) ** 0.5
    assert 3 * 2 * norm.sf(z) < 0.01  # three pairs of columns
    column = dict(result.tables["columns"].filter(pl.col("break") == "地区").select("column", "letter").rows())["北方"]  # fmt: skip
    assert column.upper() in letters
    told = result.tables["comparisons"].filter(pl.col("row") == label, pl.col("break") == "地区")
    pair = {frozenset((a, b)): p for a, b, p in told.select("column", "other", "p_value").rows()}
    assert pair[frozenset(("南方", "北方"))] == pytest.approx(2 * norm.sf(abs(z)), rel=1e-6)
    assert f"“{label}”" in result.findings[0].text


def test_months_are_a_break_with_a_line_for_each_topic(result, topics):
    own = result.tables["table"].filter(pl.col("break") == "发言时间", pl.col("row") == _taste(topics))  # fmt: skip
    shares = dict(own.select("column", "share").rows())
    assert shares["2025-05"] > 0.9
    assert shares["2025-04"] < 0.1
    assert "trend" in result.charts


def test_spend_of_those_who_mention_a_topic_is_compared_by_welch(study, result, topics):
    label = _taste(topics)
    number = topics["topics"].filter(label=label)["topic"][0]
    ids = topics["texts"].filter(topic=number)["text_id"]
    who = {f"c{i[1:]}" for i in ids}
    ours = [s for c, s in study[1].items() if c in who]
    rest = [s for c, s in study[1].items() if c not in who]
    row = result.tables["spend"].filter(label=label).row(0, named=True)
    assert row["base"] == len(ours)
    assert row["mean_spend"] == pytest.approx(sum(ours) / len(ours))
    assert row["rest_spend"] == pytest.approx(sum(rest) / len(rest))
    assert row["p_value"] == pytest.approx(ttest_ind(ours, rest, equal_var=False).pvalue, abs=1e-9)
    assert any("平均消费" in f.text and label in f.text for f in result.findings)


def test_weights_of_the_questionnaire_count():
    dataset, said, about = small()
    weighted = dataset.responses.with_columns(weight=pl.Series([3.0, 1.0, 2.0]))
    made = speaking(Dataset(responses=weighted, texts=dataset.texts, questionnaire=dataset.questionnaire), said, about, names=["物流", "口味"])  # fmt: skip
    book = asked_of_speakers(made, breaks=["Q1"], banner="", weight="auto", least=1)
    assert isinstance(book.people, Sample)
    cells, _ = crossed([stub_of(book.people.responses, book.questions[0])], book.families, people=book.people, rule=_rule())  # fmt: skip
    taste = cells.filter(pl.col("row") == "口味", pl.col("column") == "女").row(0, named=True)
    assert (taste["n"], taste["base"], taste["share"]) == (1, 2, pytest.approx(3 / 5))
    assert "1 人权重缺失" in book.people.note
    assert banner_of(made, made.responses, ["Q1"])[0].names == ("女", "男")


def test_a_study_without_orders_has_no_spend(study):
    analysis = find("topic_table")
    alone = Dataset(texts=study[0].texts, customers=study[0].customers)
    found = answer(analysis, alone, analysis.params(breaks=[SAID_AT], n_topics=4))
    assert "spend" not in found.tables
    assert found.findings
