"""What is special about each segment: tests against scipy, planted and absent differences, quotes of its own people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import orders_of, shared
from scipy.stats import hypergeom, mannwhitneyu
from statsmodels.stats.multitest import multipletests
from test_app import opened, texts

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.segmentation.answered import options_of, scores_of
from insight.segmentation.distinctive import MEAN, PURCHASE, WORD, Known, looks, standing_out
from insight.segmentation.traits import made_of
from insight.stats.differences import cohens_h, ranks_against_rest, ranks_differ
from insight.text.telling import LONGEST, Said, excerpt, telling
from insight.units import Unit, in_words, unit_of
from pages.ui import places, tables

DAY = 86_400
N = 240


def test_one_ranking_gives_every_group_the_test_of_scipy():
    rng = np.random.default_rng(3)
    values, group = rng.integers(0, 9, 200).astype(float), rng.integers(0, 4, 200)
    effects, p_values = ranks_against_rest(values, group, n_groups=4)
    for g in range(4):
        own, rest = values[group == g], values[group != g]
        alone = ranks_differ(own, rest)
        assert effects[g] == pytest.approx(alone.effect)
        assert p_values[g] == pytest.approx(mannwhitneyu(own, rest, method="asymptotic").pvalue)


def test_equal_numbers_and_empty_groups_are_not_tested():
    effects, p_values = ranks_against_rest(np.ones(6), np.array([0, 0, 0, 1, 1, 1]), n_groups=3)
    assert effects[:2].tolist() == [0.0, 0.0]
    assert np.isnan(p_values).all()
    assert np.isnan(effects[2])


def test_cohens_h_of_a_half_and_a_quarter():
    assert cohens_h(np.array([0.5]), np.array([0.25]))[0] == pytest.approx(np.pi / 6)


# --- looks -----------------------------------------------------------------------------------------


def _members(**sizes: int) -> pl.DataFrame:
    rows = [(f"{name}{i:03}", name) for name, n in sizes.items() for i in range(n)]
    return pl.DataFrame(rows, schema=["customer_id", "group"], orient="row")


def _held(**holders: list[str]) -> pl.DataFrame:
    rows = [(PURCHASE, "买过", item, who) for item, ids in holders.items() for who in ids]
    return pl.DataFrame(rows, schema=["kind", "measure", "item", "customer_id"], orient="row")


def _scored(values: dict[str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [("回答", "满意度", MEAN, "分", who, v) for who, v in values.items()],
        schema={c: pl.String for c in ("kind", "item", "statistic", "unit", "customer_id")} | {"value": pl.Float64},
        orient="row",
    )  # fmt: skip


def _everybody(members: pl.DataFrame) -> pl.DataFrame:
    return members.select(pl.lit("买过").alias("measure"), "customer_id")


@pytest.fixture
def counted():
    """30 of 40 甲 and 15 of 60 乙 have beans; 甲 gives 4 and 5, 乙 2 and 3; everybody has milk."""
    members = _members(甲=40, 乙=60)
    ids = members["customer_id"].to_list()
    held = _held(豆=ids[:30] + ids[40:55], 奶=ids, 茶=ids[:2] + ids[40:42])
    scores = {who: (4.0 if i < 40 else 2.0) + i % 2 for i, who in enumerate(ids)}
    return looks(Known(held, _everybody(members), _scored(scores)), members)


def test_shares_and_means_have_their_own_base_and_that_of_the_rest(counted):
    beans = counted.filter(segment="甲", item="豆").row(0, named=True)
    assert (beans["n"], beans["base"], beans["value"], beans["rest_value"], beans["base_rest"]) == (30, 40, 0.75, 0.25, 60)  # fmt: skip
    liked = counted.filter(segment="甲", item="满意度").row(0, named=True)
    assert (liked["n"], liked["value"], liked["rest_value"], liked["effect"]) == (40, 4.5, 2.5, 1.0)


def test_what_everybody_or_hardly_anybody_has_is_not_looked_at(counted):
    assert set(counted["item"]) == {"豆", "满意度"}


def test_every_look_is_in_one_family(counted):
    table = hypergeom(100, 45, 40)
    mid_p = 2 * (table.sf(30) + table.pmf(30) / 2)
    beans = counted.filter(item="豆", segment="甲")
    assert beans["p_value"].item() == pytest.approx(mid_p)
    expected = multipletests(counted["p_value"].to_numpy(), method="fdr_bh")[1]
    assert counted["p_adjusted"].to_list() == pytest.approx(expected.tolist())
    assert counted.height == 4


def test_a_group_of_nine_is_not_looked_at():
    members = _members(甲=9, 乙=60, 丙=60)
    held = _held(豆=members["customer_id"].to_list()[:40])
    found = looks(Known(held, _everybody(members), _scored({})), members)
    assert set(found["segment"]) == {"乙", "丙"}


def test_of_two_opposite_answers_the_more_common_one_counts_once():
    members = _members(甲=40, 乙=60)
    ids = members["customer_id"].to_list()
    held = _held(会员=ids[:30] + ids[40:55], 散客=ids[30:40] + ids[55:])
    found = looks(Known(held, _everybody(members), _scored({})), members)
    assert found.select("segment", "item").rows() == [("乙", "散客"), ("甲", "会员")]


def test_words_are_told_only_where_they_are_said_more():
    members = _members(甲=60, 乙=60)
    ids = members["customer_id"].to_list()
    held = _held(售后=ids[:50]).with_columns(kind=pl.lit(WORD))
    found = looks(Known(held, _everybody(members), _scored({})), members)
    assert found.height == 2
    assert standing_out(found, ["甲", "乙"]).select("segment", "item").rows() == [("甲", "售后")]


def test_the_strongest_of_a_kind_comes_first_in_the_order_of_the_segments():
    members = _members(甲=60, 乙=60)
    ids = members["customer_id"].to_list()
    held = _held(豆=ids[:30] + ids[60:62], 器具=ids[:50] + ids[60:62])
    found = looks(Known(held, _everybody(members), _scored({})), members)
    first = standing_out(found, ["乙", "甲"])
    assert first.select("segment", "item").rows() == [("乙", "器具"), ("乙", "豆"), ("甲", "器具"), ("甲", "豆")]  # fmt: skip


def test_what_makes_the_groups_is_named():
    assert made_of("rfm", "RFM 八类") >= {"spend", "n_orders", "days_since_last", "RFM 八类"}  # fmt: skip
    assert made_of("customers.level", "会员等级") == {"会员等级"}


# --- quotes ----------------------------------------------------------------------------------------

SAID = [
    Said("客服一直不回消息，售后也没有人管。", "甲", frozenset({"客服", "消息", "售后"})),
    Said("售后电话打不通，客服让我等三天。", "乙", frozenset({"客服", "售后", "电话", "等"})),
    Said("物流很快，包装也结实。", "丙", frozenset({"物流", "包装", "结实"})),
    Said("客服不回", "丁", frozenset({"客服", "回"})),
    Said("好", "戊", frozenset({"好"})),
]


def test_quotes_use_the_words_that_matter_and_then_other_ones():
    wanted = {"客服": 0.5, "售后": 0.4, "物流": 0.3}
    assert telling(SAID, wanted) == [1, 2, 0]  # both words, the third word, what is left


def test_quotes_are_of_different_people_and_never_said_twice():
    again = [SAID[0], replace(SAID[0], person="己"), replace(SAID[1], person="甲"), SAID[4]]
    assert telling(again, {"客服": 1.0}) == [2, 1]  # 甲 says more there; 己 said the same as 甲
    assert all(again[at].text != "好" for at in telling(again, {}))


def test_the_order_of_the_texts_does_not_matter():
    wanted = {"客服": 0.5, "物流": 0.3}
    first = [SAID[at].text for at in telling(SAID, wanted)]
    turned = SAID[::-1]
    assert [turned[at].text for at in telling(turned, wanted)] == first


def test_where_no_word_is_special_the_text_that_says_most_comes_first():
    assert telling(SAID, {}, most=1) == [1]


def test_of_a_long_text_the_stretch_with_the_word_is_quoted():
    long = "今天天气不错我们去逛街买了很多东西。" * 8 + "客服一直没有人理睬我们非常失望。" + "后来就回家吃饭了没有别的事情。" * 4  # fmt: skip
    quote = excerpt(long, ["客服"])
    assert quote.startswith("……客服一直没有人理睬")
    assert len(quote) <= LONGEST + 4
    assert excerpt("客服不回", ["客服"]) == "客服不回"


# --- the analysis ----------------------------------------------------------------------------------


def _lines(rng: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "customer_id": f"c{i:03}", "order_id": f"o{i}-{j}", "ordered_at": int(rng.integers(0, 300)) * DAY,
            "amount": float(rng.integers(50, 500)), "category": str(rng.choice(["豆", "器具", "礼盒"])),
        }
        for i in range(N) for j in range(int(rng.integers(1, 4)))
    ]  # fmt: skip


WORDS = ["客服", "物流", "包装", "价格", "口味", "香气", "新鲜", "发票", "优惠", "会员"]
QUESTIONS = Questionnaire(
    questions=(
        Question(
            id="Q1", wording="最看重什么", kind=QuestionKind.SINGLE, columns=("Q1",),
            options=tuple(Option(code=str(i), label=label) for i, label in enumerate(("价格", "品质", "服务"))),
        ),
        Question(id="Q2", wording="满意度", kind=QuestionKind.SCALE, columns=("Q2",)),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def plain() -> Dataset:
    """240 customers who buy, answer and say at random."""
    rng = np.random.default_rng(11)
    ids = [f"c{i:03}" for i in range(N)]
    responses = pl.DataFrame(
        {
            "respondent_id": [f"r{i}" for i in range(N)], "customer_id": ids,
            "Q1": rng.choice(["价格", "品质", "服务"], N), "Q2": rng.integers(1, 6, N).astype(float),
        }
    )  # fmt: skip
    said = ["，".join(f"{w}一般" for w in rng.choice(WORDS, 3, replace=False)) for _ in ids]
    told = pl.DataFrame({"text_id": [f"t{i:03}" for i in range(N)], "text": said, "customer_id": ids, "rating": 3.0})  # fmt: skip
    return Dataset(orders=orders_of(_lines(rng)), responses=responses, texts=told, questionnaire=QUESTIONS)  # fmt: skip


def _levels(dataset: Dataset, levels: list[str]) -> Dataset:
    people = pl.DataFrame({"customer_id": [f"c{i:03}" for i in range(N)], "level": levels})
    return replace(dataset, customers=people)


def _cards(dataset: Dataset, by: str = "customers.level"):
    analysis = find("segment_cards")
    return answer(analysis, dataset, analysis.params(by=by))


def test_groups_drawn_at_random_have_nothing_special(plain):
    """The false discovery rate of a study without any difference is its chance of a single item: 5 %."""
    studies = [
        _cards(_levels(plain, np.random.default_rng(seed).choice(["金", "银", "铜"], N).tolist()))
        for seed in range(12)
    ]
    assert sum(not s.tables["cards"].is_empty() for s in studies) <= 2
    silent = next(s for s in studies if s.tables["cards"].is_empty())
    looked = silent.tables["segments"]["n_looks"].to_list()
    assert min(looked) >= 15
    assert [f.text for f in silent.findings] == [
        f"“{s}”（{n} 人）没有显著不同于其余客户的地方，检验了 {k} 项。"
        for s, n, k in silent.tables["segments"].select("segment", "n_customers", "n_looks").rows()
    ]
    assert silent.charts == {}


@pytest.fixture(scope="module")
def planted(plain) -> Dataset:
    """金 is the first third: it buys tools, wants service, is unhappy, and speaks of 客服 with a phone number."""
    gold = [f"c{i:03}" for i in range(80)]
    is_gold = pl.col("customer_id").is_in(gold)
    lines = plain.orders.collect().to_native()
    lines = lines.with_columns(category=pl.when(is_gold).then(pl.lit("器具")).otherwise("category"))
    said = pl.when(is_gold).then(pl.lit("客服不理人，请打 13812345678，售后太差")).otherwise("text")
    answers = {"Q1": pl.lit("服务"), "Q2": pl.lit(1.0)}
    changed = replace(
        plain,
        orders=orders_of(lines.drop("ordered_month").to_dicts()),
        responses=plain.responses.with_columns(pl.when(is_gold).then(v).otherwise(c).alias(c) for c, v in answers.items()),
        texts=plain.texts.with_columns(text=said),
    )  # fmt: skip
    return _levels(changed, ["金" if f"c{i:03}" in gold else "银" for i in range(N)])


def test_a_planted_difference_of_each_kind_stands_on_the_card(planted):
    table = _cards(planted).tables["cards"].filter(segment="金")
    told = {row["item"]: row for row in table.to_dicts()}
    tools = told["买过的品类：器具"]
    assert (tools["n"], tools["base"], tools["value"]) == (80, 80, 1.0)
    service = told["Q1 最看重什么：服务"]
    assert (service["n"], service["base"], service["kind"]) == (80, 80, "回答")
    happy = told["Q2 满意度"]
    assert (happy["value"], happy["unit"], happy["statistic"]) == (1.0, "分", "均值")
    said = told["售后"]
    assert (said["n"], said["base"], said["rest_value"], said["kind"]) == (80, 80, 0.0, "原话词")


def test_quotes_are_of_the_segment_and_masked(planted):
    quotes = _cards(planted).tables["quotes"]
    gold = {f"t{i:03}" for i in range(80)}
    assert set(quotes.filter(segment="金")["text_id"]) <= gold
    assert not set(quotes.filter(segment="银")["text_id"]) & gold
    assert quotes.filter(segment="金").height == 1  # everybody says the same: it is quoted once
    quote = quotes.filter(segment="金").row(0, named=True)
    assert "13812345678" not in quote["quote"]
    assert "138****5678" in quote["quote"]
    assert quote["source"] == "评论"
    assert "售后" in quote["said_words"]


def test_sentences_say_whose_how_many_and_the_family(planted):
    result = _cards(planted)
    told = result.findings[0]
    n_looks = result.tables["segments"]["n_looks"].sum()
    assert "其余客户" in told.text
    assert f"全部 {n_looks} 项检验" in told.test
    assert any(f"共检验 {n_looks} 项" in note for note in result.notes)


def test_a_question_is_never_its_own_item_and_a_break_is_not_tested_by_what_makes_it(planted):
    by_answer = _cards(planted, "Q1").tables["cards"]
    assert not by_answer["item"].str.starts_with("Q1").any()
    assert by_answer["item"].str.starts_with("Q2").any()
    by_tier = _cards(planted, "value_tier").tables["cards"]
    assert "消费金额" not in by_tier["item"]


def test_answers_of_one_customer_count_once():
    responses = pl.DataFrame({
        "respondent_id": ["1", "2", "3"], "customer_id": ["a", "a", None], "Q1": ["价格", "服务", "价格"], "Q2": [2.0, 4.0, 5.0],
    })  # fmt: skip
    dataset = Dataset(responses=responses, questionnaire=QUESTIONS)
    held, asked = options_of(dataset)
    assert held["item"].sort().to_list() == ["Q1 最看重什么：价格", "Q1 最看重什么：服务"]
    assert asked.rows() == [("Q1 最看重什么", "a")]
    assert scores_of(dataset).rows() == [("Q2 满意度", "分", "a", 3.0)]
    assert options_of(dataset, besides="Q1")[0].is_empty()


def test_orders_alone_make_cards(planted):
    result = _cards(replace(planted, responses=None, texts=None))
    assert set(result.tables["cards"]["kind"]) == {"购买"}
    assert result.tables["quotes"].is_empty()
    assert any("没有能对应到客户的文本" in note for note in result.notes)


def test_small_groups_are_named_but_neither_compared_nor_quoted(planted):
    few = _levels(planted, ["金" if i < 5 else "银" for i in range(N)])
    result = _cards(few)
    assert result.tables["cards"].is_empty()
    assert "金" not in result.tables["quotes"]["segment"]
    assert "“金”（5 人）或其余客户不足 10 人，不作比较。" in [f.text for f in result.findings]


def test_one_group_or_an_unknown_break_is_said_in_one_sentence(plain):
    lines = plain.orders.collect().to_native().with_columns(category=pl.lit("豆")).drop("ordered_month")  # fmt: skip
    with pytest.raises(TooFewRows, match="主要购买品类"):
        _cards(Dataset(orders=orders_of(lines.to_dicts())), "orders.category")
    with pytest.raises(UnknownName):
        _cards(plain, "没有这个")


# --- on the screen, in files, on real data ---------------------------------------------------------


def test_a_value_is_written_in_the_unit_of_its_row():
    row = {"value": 0.25, "unit": "占比"}
    assert unit_of("value", beside=row) is Unit.SHARE
    assert in_words(0.25, column="value", beside=row) == "25.0%"
    assert in_words(1234.0, column="rest_value", beside={"unit": "元"}) == "¥1,234"
    assert in_words(12.0, column="value", beside={"unit": "天"}) == "12"
    assert unit_of("value", beside=["value", "unit"]) is Unit.NUMBER


def test_the_page_shows_a_card_for_each_segment(demo_study):
    app = opened(places.SEGMENTS, study=demo_study.path.name, view="segment_cards")
    assert not app.exception
    said = texts(app).replace("\\", "")
    result = pipeline.run(demo_study, "segment_cards")
    assert [s.value for s in app.subheader] == result.tables["segments"]["segment"].to_list()
    strongest = result.tables["cards"].row(0, named=True)
    assert strongest["item"] in said
    assert f"{strongest['value'] * 100:.1f}%" in said
    assert result.tables["quotes"]["quote"][0][:12] in said
    app.button(key="card:0").click().run()
    assert not app.exception
    assert app.query_params["who"] == "segments"


def test_a_table_shows_each_value_in_its_unit_and_keeps_the_number():
    frame = pl.DataFrame(
        {"item": ["豆", "客单价"], "unit": ["占比", "元"], "value": [0.25, 1234.4]}
    )
    assert tables.spoken(frame)["value"].to_list() == ["25.0%", "¥1,234"]
    assert frame["value"].to_list() == [0.25, 1234.4]


@pytest.fixture(scope="module")
def superstore(tmp_path_factory):
    path = shared("data/tableau_superstore_zh/示例 - 超市.xls")
    study = pipeline.new(tmp_path_factory.mktemp("superstore") / "study")
    pipeline.add(study, path.read_bytes(), path.name)
    return study


@pytest.fixture(scope="module")
def buyers() -> pl.DataFrame:
    """The customers of the sheet, read by other means: the 158 who spend most, and what they buy."""
    sheet = pl.read_excel(shared("data/tableau_superstore_zh/示例 - 超市.xls"), sheet_name="订单")
    own = sheet.group_by("客户 ID").agg(
        spend=pl.col("销售额").sum(), n=pl.col("订单 ID").n_unique(),
        has=pl.col("类别").eq("技术").any(),
    )  # fmt: skip
    return own.sort("spend", descending=True).with_columns(high=pl.int_range(pl.len()) < 158)


def test_what_high_spenders_of_the_superstore_buy_is_what_the_sheet_says(superstore, buyers):
    table = pipeline.run(superstore, "segment_cards", changes={"by": "value_tier"}).tables["cards"]
    row = table.filter(segment="高消费", item="买过的品类：技术").row(0, named=True)
    high = buyers.filter("high")
    assert (row["n"], row["base"], row["base_rest"]) == (int(high["has"].sum()), 158, 632)
    assert row["rest_value"] == pytest.approx(buyers.filter(~pl.col("high"))["has"].mean())
    orders = table.filter(segment="高消费", item="订单数").row(0, named=True)
    assert orders["value"] == high["n"].median()
    rest = buyers.filter(~pl.col("high"))["n"]
    test = mannwhitneyu(high["n"].to_numpy(), rest.to_numpy(), method="asymptotic")
    assert orders["effect"] == pytest.approx(2 * test.statistic / (158 * 632) - 1)


def test_regions_of_the_superstore_which_its_makers_drew_at_random_have_nothing_special(superstore):
    result = pipeline.run(superstore, "segment_cards", changes={"by": "orders.region"})
    assert (
        result.tables["segments"]["n_looks"].sum() == 20 * result.tables["segments"]["n_looks"][0]
    )
    assert result.tables["cards"].is_empty()
    assert "没有显著不同于其余客户的地方" in result.findings[0].text
