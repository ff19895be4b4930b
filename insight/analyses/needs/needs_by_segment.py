"""What does each segment need: mention rates with letters, and what the people who say so spend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.coding.coded import code_texts
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.ledger import customer_table
from insight.members import Members, later
from insight.needs import (
    OPEN_TEXT,
    Raised,
    from_codes,
    from_options,
    from_texts,
    labels_of,
    need_matrix,
    need_questions,
    need_ranking,
    together,
)  # fmt: skip
from insight.parameters import Correcting, NumberOfTopics, Significance, rule_of
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break, break_of
from insight.sentiment.scoring import lexicon
from insight.stats.banner import TOTAL, cell_words, column_table, headings, higher_pairs
from insight.stats.proportions import Rule
from insight.voices import voices
from insight.wording import count, money, percent, points

TITLE = "各人群的需求"
MOST_DRAWN, MOST_FINDINGS = 40, 8


class Params(BaseModel):
    """Where needs come from, and by which groups they are compared."""

    by: str = Field(default="rfm", title="人群", json_schema_extra={"one_of": "breaks"})
    questions: list[str] = Field(
        default_factory=list,
        title="需求题（多选）",
        description="留空时自动选题干谈到需要、看重、不满等的多选题；没有这样的题就用全部多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    use_topics: bool = Field(
        default=True, title="使用开放文本", description="把开放题、评论和访谈里的主题也作为需求"
    )
    n_topics: NumberOfTopics = 0
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"


def heard(dataset: Dataset, params: Params) -> tuple[Raised, tuple[str, ...]]:
    """Everything customers need, by any source, and notes on the sources that gave nothing.

    Raises
    ------
    MissingColumns : neither texts nor multi-selects can be traced to customers.
    """
    options = [from_options(_responses(dataset), q) for q in _questions(dataset, params)]
    has_texts = params.use_topics and {"text_id", "text", "customer_id"} <= dataset.columns("texts")
    if not has_texts and not options:
        raise MissingColumns(
            TITLE,
            ("文本：内容", "问卷：多选题"),
            "两者有其一即可，并且要能对应到客户，请在“导入数据”里补上。",
        )
    if not has_texts or dataset.texts is None:
        return together(options), ()
    said = voices(dataset).join(
        dataset.texts.select("text_id", "customer_id"), on="text_id", maintain_order="left"
    )
    if dataset.codebook:
        return together([_by_codebook(dataset, said), *options]), (_FROM_CODEBOOK,)
    try:
        return together([from_texts(said, dataset.lexicon, n_topics=params.n_topics), *options]), ()
    except TooFewRows as few:
        if not options:
            raise
        return together(options), (f"开放文本没有参与：{few.message}",)


_FROM_CODEBOOK = "开放文本的需求来自这个研究的编码本（见“需求编码”），不再另找主题。"


def _by_codebook(dataset: Dataset, said: pl.DataFrame) -> Raised:
    book = dataset.codebook
    words = lexicon(book.positive, book.negative)
    coded = code_texts(said, book, codes=dataset.codes, lexicon=words)
    return from_codes(said, coded.texts, [code.name for code in book.codes])


def _responses(dataset: Dataset) -> pl.DataFrame:
    assert dataset.responses is not None
    return dataset.responses


def _questions(dataset: Dataset, params: Params) -> tuple[Question, ...]:
    """The multi-selects to use; none where the answers cannot be traced to customers."""
    chosen = [dataset.questionnaire.find(name) for name in params.questions]
    known = [q.id for q in dataset.questionnaire.of_kind(QuestionKind.MULTI)]
    for name, question in zip(params.questions, chosen, strict=True):
        if question is None:
            raise UnknownName("多选题", name, known)
        if question.kind is not QuestionKind.MULTI:
            raise BadParameter("需求题", f"{name} 不是多选题")
    there = dataset.columns("responses")
    asked = [q for q in chosen if q] or need_questions(dataset.questionnaire)
    return tuple(q for q in asked if "customer_id" in there and there & set(q.columns))


def run(dataset: Dataset, params: Params) -> Result:
    """Needs of all sources against one break of the customers."""
    assert dataset.orders is not None
    rule = rule_of(params.correction, params.level)
    raised, missing = heard(dataset, params)
    banner = break_of(dataset, params.by, unit="customer_id")
    known = raised.people.join(banner.members, on="customer_id", how="semi").height
    if known < rule.tiny_base:
        raise TooFewRows(f"说过需求并能归入“{banner.label}”的客户", known, rule.tiny_base)
    matrix = need_matrix(
        raised,
        members=banner.members,
        groups=banner.groups,
        spend=customer_table(dataset.orders),
        rule=rule,
    )
    ranking = need_ranking(matrix)
    return Result(
        {"matrix": matrix, "needs": ranking, "columns": _columns(matrix, banner)},
        {"matrix": _heat(matrix, raised, banner=banner)},
        (*_differences(matrix, banner, rule), *_largest(ranking, rule)),
        _notes(banner, rule, outside=len(raised.people) - known, missing=missing),
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers who raise each need in each segment, and the texts they say it in."""

    def raised_by() -> pl.DataFrame:
        groups = break_of(dataset, params.by, unit="customer_id").members
        told = heard(dataset, params)[0].mentions().join(groups, on="customer_id")
        return told.rename({"group": "segment"}).select(known)

    known = ("need", "source", "segment", "customer_id", "text_id")
    inner, unit = later(raised_by, *known), ("customer_id",)
    everybody = inner.drop("segment")
    matrix = pl.concat([inner, inner.with_columns(segment=pl.lit(TOTAL))])
    return {"matrix": Members(matrix, unit, "n"), "needs": Members(everybody, unit, "n")}


def _columns(matrix: pl.DataFrame, banner: Break) -> pl.DataFrame:
    """(n_sources x (1 + n_segments)) source, segment, letter, base, flag."""
    cells = matrix.rename({"segment": "column"}).with_columns(effective_base="base")
    tables = [
        column_table(part, banner.groups).select(
            pl.lit(source).alias("source"),
            pl.col("column").alias("segment"),
            "letter",
            "base",
            "flag",
        )
        for (source,), part in cells.group_by("source", maintain_order=True)
    ]
    return pl.concat(tables)


def _heat(matrix: pl.DataFrame, raised: Raised, *, banner: Break) -> alt.TopLevelMixin:
    width = len(matrix) // len(raised.needs)
    names = [name for name in labels_of(raised.needs) for _ in range(width)]
    drawn = matrix.with_row_index("at").select(
        "at",
        pl.Series("need", names),
        pl.col("segment").replace(headings(banner.groups)),
        *("share", "n", "base", "revenue"),
        cell_words(matrix),
        is_small=pl.col("flag") != "",
    )
    return charts.heat(drawn.head(MOST_DRAWN * width), row="need", column="segment", value="share", text="words")  # fmt: skip


def _differences(matrix: pl.DataFrame, banner: Break, rule: Rule) -> Iterator[Finding]:
    """For every need with a letter, the segment that stands out most; solid bases come first."""
    told = matrix.select(pl.col("flag") != "", -pl.col("share_difference").fill_null(-1.0)).rows()
    share, width = matrix["share"].to_list(), len(banner.groups) + 1
    pairs = higher_pairs(matrix["letters"], n_columns=len(banner.groups))
    best: dict[int, tuple[int, int]] = {}
    for high, low in sorted(pairs, key=lambda pair: (told[pair[0]], share[pair[1]], pair)):
        best.setdefault(high // width, (high, low))
    for high, low in list(best.values())[:MOST_FINDINGS]:
        yield _stands_out(matrix, high=high, low=low, rule=rule)


def _stands_out(matrix: pl.DataFrame, *, high: int, low: int, rule: Rule) -> Finding:
    row, other = matrix.row(high, named=True), matrix.row(low, named=True)
    verb = "提到" if row["source"] == OPEN_TEXT else "选择"
    who = f"“{row['segment']}”" + ("" if row["segment"].endswith("客户") else "客户")
    cells = [Cell("matrix", high, c) for c in ("n", "share", "base", "letters", "revenue")]
    from_rest = row["p_value"] is not None and row["p_value"] <= max(rule.levels)
    if from_rest and row["share_difference"] > 0:
        compared = f"比其他客户高 {points(row['share_difference'])}"
        cells += [Cell("matrix", high, "share_difference")]
    else:
        compared = f"高于“{other['segment']}”的 {percent(other['share'])}"
        cells += [Cell("matrix", low, "share")]
    text = (
        f"{who}里 {count(row['n'])} 人（{percent(row['share'])}，基数 {count(row['base'])}）{verb}“{row['need']}”，"
        f"{compared}；{verb}的客户共消费 {money(row['revenue'])}{rule.caution(row['base'])}。"
    )
    return Finding(text, row["base"], tuple(cells), rule.test)


def _largest(ranking: pl.DataFrame, rule: Rule) -> Iterator[Finding]:
    """The need behind which stands most money."""
    row = ranking.row(0, named=True)
    if row["revenue"] is None or not row["n"]:
        return
    verb = "提到" if row["source"] == OPEN_TEXT else "选择"
    text = (
        f"涉及金额最大的需求是“{row['need']}”：{count(row['base'])} 位客户里 {count(row['n'])} 位（{percent(row['share'])}）{verb}它，"
        f"他们共消费 {money(row['revenue'])}{rule.caution(row['base'])}；一位客户可以有几项需求，各项金额不能相加。"
    )
    cells = tuple(Cell("needs", 0, c) for c in ("base", "n", "share", "revenue"))
    yield Finding(text, row["base"], cells)


def _notes(banner: Break, rule: Rule, *, outside: int, missing: Sequence[str]) -> tuple[str, ...]:
    left = f"；另有 {count(outside)} 位说过需求的客户没有人群归属，不在表中" if outside else ""
    return (
        f"人群：按“{banner.label}”{banner.note}划分，单位是客户（同一客户多次发言或多份答卷只算一次）{left}。",
        "基数：开放文本以说过有实质内容的话的客户为基数，多选题以看到该题的客户为基数；访谈员的话不计入。",
        "提到：一段话主要在谈、或至少两成在谈某个主题，就算该客户提到它；多选题里的“其他”“以上都没有”不算需求。",
        "金额：提到该需求的客户的全部消费净额（实付减退款，客户不重复计），不是由需求带来的收入；各需求之间不能相加，基数不同的来源之间也不宜直接比大小。",
        *rule.footnotes,
        "“比其他客户高”：与同一需求下不属于该人群的客户比较（合并方差 z 检验，未校正），只在有字母时才写。",
        "权重：未加权。",
        *missing,
    )


ANALYSIS = Analysis(
    key="needs_by_segment",
    title=TITLE,
    question="各人群最需要什么，背后有多少消费？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("customer_id",),
    },
    params=Params,
    run=run,
    members=members,
)
