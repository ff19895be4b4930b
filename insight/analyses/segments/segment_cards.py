"""What is special about each segment: what it buys, what it answers, what it says, and its own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import used
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.distinctive import (
    ANSWER,
    LEVEL,
    MEAN,
    MEDIAN,
    PURCHASE,
    SHARE,
    WORD,
    looks,
    standing_out,
)
from insight.segmentation.portrait import known_of
from insight.segmentation.profile import profile
from insight.settings import settings
from insight.stats.differences import size_of_share
from insight.text.telling import LONGEST, Said, excerpt, telling
from insight.units import unit_of, written
from insight.voices import voices, with_words
from insight.wording import count

REST = "其余客户"
MOST_QUOTES, PER_SEGMENT, MOST_DRAWN = 3, 2, 16
CARDS = (
    "segment", "kind", "item", "statistic", "unit", "n", "base", "value", "rest_value", "base_rest", "effect",
    "effect_size", "p_adjusted",
)  # fmt: skip
_QUOTES = ("segment", "quote", "said_words", "source", "question", "text_id")
_SAID: Mapping[str, pl.DataType | type[pl.DataType]] = MappingProxyType({
    "text_id": pl.String, "text": pl.String, "customer_id": pl.String, "words": pl.List(pl.String),
})  # fmt: skip
_PROFILE = (
    "segment", "n_customers", "share_of_customers", "spend", "share_of_spend", "spend_per_customer",
    "average_order_value", "orders_per_customer", "repurchase_rate", "median_days_since_last",
)  # fmt: skip
_TESTS = {SHARE: "Fisher 精确检验（mid-p，双侧）", MEAN: "Mann–Whitney U 检验（双侧）", MEDIAN: "Mann–Whitney U 检验（双侧）"}  # fmt: skip


class Params(BaseModel):
    """Whose cards."""

    by: str = Field(default="rfm", title="分层方式", json_schema_extra={"one_of": "breaks"})


def run(dataset: Dataset, params: Params) -> Result:
    """Look at everything that is known of the customers, segment by segment."""
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    segments = break_of(dataset, params.by, unit="customer_id")
    people = segments.members.join(customers, on="customer_id", how="semi", maintain_order="left")
    if people["group"].n_unique() < 2:
        raise TooFewRows(f"“{segments.label}”里有客户的组", people["group"].n_unique(), 2)
    own = profile(customers, people, last_at=ledger.span(dataset.orders)[1]).select(_PROFILE)
    said = _said(dataset)
    tested = looks(known_of(dataset, segments, said), people)
    cards = standing_out(tested, own["segment"].to_list()).select(CARDS)
    own = _counted(own, tested, cards)
    tables = {"cards": cards, "segments": own, "quotes": _quotes(dataset, said, people, own, cards)}
    told = tuple(_findings(tables, n_looks=tested.height))
    return Result(tables, _picture(cards), told, _notes(segments, tested, said))


def _said(dataset: Dataset) -> pl.DataFrame:
    """(n_texts) text_id, text [masked], customer_id, words: what known customers said."""
    if not {"text_id", "text", "customer_id"} <= dataset.columns("texts"):
        return pl.DataFrame(schema=_SAID)
    assert dataset.texts is not None
    known = dataset.texts.select("text_id", "customer_id").drop_nulls()
    said = voices(dataset).join(known, on="text_id", maintain_order="left")
    return with_words(said, dataset).select(*_SAID)


def _counted(own: pl.DataFrame, tested: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """The segments with how much was looked at, and how much of it stands out."""
    for frame, name in ((tested, "n_looks"), (cards, "n_standing_out")):
        found = frame.group_by("segment").agg(pl.len().cast(pl.Int64).alias(name))
        own = own.join(found, on="segment", how="left", maintain_order="left")
    return own.with_columns(pl.col("n_looks", "n_standing_out").fill_null(0))


def _quotes(
    dataset: Dataset, said: pl.DataFrame, people: pl.DataFrame, own: pl.DataFrame, cards: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    """Up to three texts of each segment, of its own people, that use its own words."""
    solid = own.filter(pl.col("n_customers") >= settings().tiny_base)["segment"]
    placed = said.join(people, on="customer_id").sort("text_id")
    words = cards.filter(kind=WORD)
    chosen = []
    for segment in solid:
        wanted = dict(words.filter(segment=segment).select("item", "effect").iter_rows())
        part = placed.filter(group=segment)
        texts = [
            Said(text, person, frozenset(used))
            for text, person, used in part.select("text", "customer_id", "words").iter_rows()
        ]
        for at in telling(texts, wanted, most=MOST_QUOTES):
            used = sorted(texts[at].words & wanted.keys(), key=lambda word: (-wanted[word], word))
            quote = excerpt(texts[at].text, used)
            chosen.append((segment, quote, "、".join(used), part["text_id"][at]))
    found = pl.DataFrame(chosen, schema=dict.fromkeys(("segment", "quote", "said_words", "text_id"), pl.String), orient="row")  # fmt: skip
    return _with_source(found, dataset)


def _with_source(found: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Where each quote was said, and to which question; never the file, whose name may be a person's."""
    if dataset.texts is None:
        return found.with_columns(source=None, question=None).select(_QUOTES)
    there = set(dataset.texts.columns)
    blank = [pl.lit(None, pl.String).alias(c) for c in ("source", "question") if c not in there]
    said = dataset.texts.with_columns(blank)
    for name, word in (("rating", "评论"), ("speaker", "访谈")):
        if name in there:
            known = pl.when(pl.col(name).is_not_null()).then(pl.lit(word))
            said = said.with_columns(pl.coalesce("source", known))
    where = said.select("text_id", "source", "question")
    return found.join(where, on="text_id", how="left", maintain_order="left").select(_QUOTES)


def _picture(cards: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    """The strongest shares of each segment beside everybody else's."""
    shares = cards.with_row_index("at").filter(unit=SHARE)
    best = shares.filter(pl.int_range(pl.len()).over("segment", "kind") < 1)
    if best.is_empty():
        return {}
    drawn = best.head(MOST_DRAWN).select(
        "at", pl.format("{}｜{}", "segment", "item").alias("item"),
        pl.col("rest_value").alias("rest_share"), pl.col("value").alias("share"),
    )  # fmt: skip
    title = "每一层最突出的购买、回答和用词"
    return {"cards": charts.paired_bars(drawn, label="item", values=("rest_share", "share"), title=title)}  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame], *, n_looks: int) -> Iterator[Finding]:
    """The strongest items of each segment, or that it has none."""
    cards = tables["cards"].with_row_index("at")
    for row, own in enumerate(tables["segments"].iter_rows(named=True)):
        special = cards.filter(segment=own["segment"])
        if special.is_empty():
            yield _nothing(own, row, n_looks)
        large = special.filter(pl.col("effect_size") != size_of_share(0.0))
        best = (special if large.is_empty() else large).filter(pl.int_range(pl.len()).over("kind") < 1)  # fmt: skip
        for one in best.head(PER_SEGMENT).iter_rows(named=True):
            yield _stands_out(one, n_looks)


def _nothing(own: Mapping[str, object], row: int, n_looks: int) -> Finding:
    n = int(str(own["n_customers"]))
    name = f"“{own['segment']}”（{count(n)} 人）"
    if not own["n_looks"]:
        few = f"{name}或{REST}不足 {settings().tiny_base} 人，不作比较。"
        return Finding(few, n, (Cell("segments", row, "n_customers"),))
    text = f"{name}没有显著不同于{REST}的地方，检验了 {count(int(str(own['n_looks'])))} 项。"
    cells = tuple(Cell("segments", row, c) for c in ("n_customers", "n_looks"))
    return Finding(text, n, cells, _family("", n_looks))


def _stands_out(one: Mapping[str, object], n_looks: int) -> Finding:
    value, rest = (written(one[c], unit_of(c, beside=one)) for c in ("value", "rest_value"))
    n, base = int(str(one["n"])), int(str(one["base"]))
    caution = f"（不足 {settings().small_base} 人，仅作方向性参考）" if min(base, int(str(one["base_rest"]))) < settings().small_base else ""  # fmt: skip
    if one["unit"] == SHARE:
        who = f"{count(base)} 人里有 {count(n)} 人（{value}）"
        what = {PURCHASE: f"符合“{one['item']}”", ANSWER: f"选了“{one['item']}”", WORD: f"说到“{one['item']}”"}  # fmt: skip
        told = f"{who}{what[str(one['kind'])]}，{REST}为 {rest}"
    else:
        unit = "" if one["unit"] == used().name else f" {one['unit']}".rstrip()
        told = f"{count(n)} 人的“{one['item']}”{one['statistic']}为 {value}{unit}，{REST}为 {rest}{unit}"  # fmt: skip
    text = f"“{one['segment']}”：{told}，差异{one['effect_size']}{caution}。"
    cells = tuple(Cell("cards", int(str(one["at"])), c) for c in ("n", "base", "value", "rest_value"))  # fmt: skip
    return Finding(text, base, cells, _family(_TESTS[str(one["statistic"])], n_looks))


def _family(test: str, n_looks: int) -> str:
    named = test or "Fisher 精确检验与 Mann–Whitney U 检验"
    return f"{named}，q≤{LEVEL:g}，全部 {count(n_looks)} 项检验一起做 Benjamini–Hochberg 校正"


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers of each segment, those behind each item, and who said each quote."""
    assert dataset.orders is not None
    segments = break_of(dataset, params.by, unit="customer_id")
    buyers = ledger.customer_table(dataset.orders).select("customer_id")
    people = segments.members.join(buyers, on="customer_id", how="semi")
    people = people.select("customer_id", segment="group")

    def behind() -> pl.DataFrame:
        known = known_of(dataset, segments, _said(dataset))
        told = [f.select("kind", "item", "customer_id") for f in (known.held, known.scored)]
        own = result.tables["cards"].select("segment", "kind", "item")
        return pl.concat(told).join(people, on="customer_id").join(own, on=("segment", "kind", "item"), how="semi").select(names)  # fmt: skip

    names, unit = ("segment", "kind", "item", "customer_id"), ("customer_id",)
    return {
        "cards": Members(later(behind, *names), unit, "n"),
        "segments": Members(people.lazy(), unit, "n_customers"),
        "quotes": Members(result.tables["quotes"].lazy().select("text_id"), ("text_id",)),
    }


def _notes(segments: Break, tested: pl.DataFrame, said: pl.DataFrame) -> tuple[str, ...]:
    kinds = dict(tested.group_by("kind").len().iter_rows())
    each = "、".join(f"{kind} {count(kinds.get(kind, 0))} 项" for kind in (PURCHASE, ANSWER, WORD))
    asked = "；没有能对应到客户的文本" if said.is_empty() else ""
    return (
        f"分层方式：{segments.label}{segments.note}；每一层与其余有归属的客户比较，单位是客户（一人答几份卷、说几次话只算一次），未加权。",
        f"共检验 {count(tested.height)} 项（{each}{asked}），{_family('', tested.height)}；只列通过的，原话词只列说得更多的。",
        "分层所依据的购买指标（如 RFM 的消费、次数、最近购买）和题目本身不作检验：它们必然不同。",
        "占比的效应量为 Cohen's h（0.2 小、0.5 中、0.8 大），数值的为 Cliff's δ（0.147 小、0.33 中、0.474 大）；购买数值取中位数，打分取均值。",
        "基数：品类以全组客户为基数；地区、渠道和客户属性以有该项信息的客户为基数；回答以被问到的客户为基数；原话词以说过话的客户为基数，访谈员的话不计入。",
        f"原话：每层最多 {MOST_QUOTES} 条，出自不同的人，优先含有该层特征词的；没有特征词时取说得具体的。个人信息已遮盖，超过 {LONGEST} 字的只摘一段。",
        f"少于 5 人有的项目不看；不足 {settings().tiny_base} 人的组不比较，也不引原话；不足 {settings().small_base} 人的只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="segment_cards",
    title="分层卡片",
    question="每一层客户买什么、怎么答、怎么说，特别在哪里？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=25,
    theme="对比",
    reads_words=True,
)
