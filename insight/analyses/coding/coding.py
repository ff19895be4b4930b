"""Which needs of the codebook do people speak of, how sure is that, and do they praise or blame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.coders import coded_of
from insight.coding.audit import ALL, audited
from insight.coding.coded import CODED_BY_HAND, Coded, by_hand
from insight.coding.exchange import starter
from insight.coding.learning import LEARN_FROM
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.parameters import Seed
from insight.schema.codebook import Codebook
from insight.sentiment.scoring import lexicon
from insight.settings import settings
from insight.statements.grouping import whole_tagger
from insight.statements.pairs import pair_counts, pairs_of
from insight.voices import voices
from insight.wording import count, percent

MOODS = {"positive": "正面", "negative": "负面", "neutral": "中性"}
MOST_PAIRS = 300


class Params(BaseModel):
    """Which texts are coded."""

    question: str = Field(
        default="", title="题目", description="留空表示全部文本", json_schema_extra={"one_of": "text_questions"}
    )  # fmt: skip
    seed: Seed = 0


def _coded(dataset: Dataset, params: Params) -> tuple[pl.DataFrame, Codebook, Coded]:
    said = voices(dataset, question=params.question)
    if said.is_empty():
        raise TooFewRows("可以编码的文本", 0, 1)
    book = dataset.codebook or starter()
    return said, book, coded_of(said, dataset, book, seed=params.seed)


def summary(said: pl.DataFrame, coded: Coded, book: Codebook) -> pl.DataFrame:
    """(n_needs) need, n_texts, n_people, base [people], share, n_by_hand, n_to_check, share_positive, share_negative; the most people first."""
    told = coded.texts.join(said.select("text_id", "person"), on="text_id")
    mood, everybody = pl.col("polarity"), said["person"].n_unique()
    counted = told.group_by("need").agg(
        pl.len().cast(pl.Int64).alias("n_texts"),
        pl.col("person").n_unique().cast(pl.Int64).alias("n_people"),
        (pl.col("source") == "person").sum().cast(pl.Int64).alias("n_by_hand"),
        (pl.col("status") == "请核对").sum().cast(pl.Int64).alias("n_to_check"),
        (mood == "positive").mean().alias("share_positive"),
        (mood == "negative").mean().alias("share_negative"),
    )
    names = pl.DataFrame({"need": [c.name for c in book.codes]}, schema={"need": pl.String})
    zero = pl.col("n_texts", "n_people", "n_by_hand", "n_to_check").fill_null(0)
    return (
        names.join(counted, on="need", how="left", maintain_order="left")
        .with_columns(zero, base=pl.lit(everybody, dtype=pl.Int64))
        .with_columns(share=pl.col("n_people") / pl.col("base"))
        .select("need", "n_texts", "n_people", "base", "share", "share_positive", "share_negative", "n_by_hand", "n_to_check")
        .sort("n_people", descending=True, maintain_order=True)
    )  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Code every text and count."""
    said, book, coded = _coded(dataset, params)
    needs = summary(said, coded, book)
    if not needs["n_texts"].sum():
        raise TooFewRows("符合编码本的文本", 0, 1)
    tables = {"needs": needs, "texts": coded.texts.with_columns(pl.col("polarity").replace(MOODS))}
    if (found := _pairs(dataset, said, coded)).height:
        tables["pairs"] = pair_counts(found, "need", most=MOST_PAIRS)
    checked = {
        t: k for t, k in by_hand(dataset.codes, "audit").items() if t in set(said["text_id"])
    }
    if checked:
        tables["audit"] = audited(_by_tool(coded, book), checked, book, codes=dataset.codes)
    if coded.coder.words.height:
        names = {c.key: c.name for c in book.codes}
        tables["words"] = coded.coder.words.with_columns(pl.col("need").replace(names))
    return Result(tables, {"needs": _chart(needs)}, tuple(_findings(tables)), _notes(dataset, coded, book, params))  # fmt: skip


def _pairs(dataset: Dataset, said: pl.DataFrame, coded: Coded) -> pl.DataFrame:
    """(n_pairs) need, text_id, person, aspect, opinion, polarity: what is said of each need."""
    told = coded.said.join(said.select("text_id", "person"), on="text_id")
    words = lexicon(dataset.codebook.positive, dataset.codebook.negative)
    found = pairs_of(told, tag=whole_tagger(dataset.lexicon), using=words)
    return found.with_columns(pl.col("polarity").replace(MOODS))


def _by_tool(coded: Coded, book: Codebook) -> dict[str, frozenset[str]]:
    """text_id -> keys, without what people said."""
    keys = {c.name: c.key for c in book.codes}
    found: dict[str, set[str]] = {}
    for text_id, need in coded.texts.filter(pl.col("status") != CODED_BY_HAND).select("text_id", "need").iter_rows():  # fmt: skip
        found.setdefault(text_id, set()).add(keys[need])
    return {text_id: frozenset(needs) for text_id, needs in found.items()}


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who speaks of each need, and the texts they do it in."""

    def told() -> pl.DataFrame:
        said, _, coded = _coded(dataset, params)
        return coded.texts.join(said, on="text_id").select("need", "text_id", "person")

    def paired() -> pl.DataFrame:
        said, _, coded = _coded(dataset, params)
        return _pairs(dataset, said, coded).select(names)

    names = ("need", "aspect", "opinion", "polarity", "text_id", "person")
    told_pairs = Members(later(paired, *names), ("person",), "n_people")
    by_need = Members(later(told, "need", "text_id", "person"), ("person",), "n_people")
    return {"needs": by_need, **({"pairs": told_pairs} if "pairs" in result.tables else {})}


def _chart(needs: pl.DataFrame) -> alt.TopLevelMixin:
    small = needs.with_columns(is_small=pl.col("base") < settings().small_base)
    drawn = small.select("need", "share", "n_people", "base", "is_small")
    return charts.bars(drawn, label="need", value="share", title="提到各项需求的人")


def _findings(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    needs = tables["needs"]
    first = needs.row(0, named=True)
    yield Finding(
        f"最多人提到的是“{first['need']}”：{count(first['base'])} 人里有 {count(first['n_people'])} 人（{percent(first['share'])}）。",
        first["base"],
        tuple(Cell("needs", 0, c) for c in ("base", "n_people", "share")),
    )  # fmt: skip
    blamed = needs.with_row_index("row").filter(pl.col("n_texts") >= settings().small_base)
    for row in blamed.sort("share_negative", "row", descending=[True, False]).head(1).iter_rows(named=True):  # fmt: skip
        text = f"批评最多的是“{row['need']}”：提到它的 {count(row['n_texts'])} 条文本里 {percent(row['share_negative'])} 是负面的。"
        yield Finding(text, row["n_texts"], tuple(Cell("needs", row["row"], c) for c in ("n_texts", "share_negative")))  # fmt: skip
    if "audit" in tables and (audit := tables["audit"].row(0, named=True))["precision"] is not None:
        text = (
            f"抽查 {count(audit['n'])} 条：自动编码的 {count(audit['n_given'])} 个里 {count(audit['n_right'])} 个正确，"
            f"精确率 {percent(audit['precision'])}（95% 置信区间 {percent(audit['precision_low'])} 到 {percent(audit['precision_high'])}）。"
        )
        cells = ("n", "n_given", "n_right", "precision", "precision_low", "precision_high")
        yield Finding(text, audit["n"], tuple(Cell("audit", 0, c) for c in cells))


def _notes(dataset: Dataset, coded: Coded, book: Codebook, params: Params) -> tuple[str, ...]:
    asked = f"“{params.question}”的回答" if params.question else "全部文本"
    notes = [
        f"范围：{asked}；访谈里主持人的话不计入；单位是人，同一人说多少次都只算 1 人，一人可以有几项需求。",
        f"编码本：{len(book.codes)} 项需求，规则在同一句里查找，一句符合任何一条规则就算提到。",
        "情感：提到该需求的小句用词典判断（否定、程度、转折都算；“高”“大”看说的是什么：油耗高是负面，性价比高是正面），说不准的归为中性。",
        "评价搭配：同一小句里的名词和离它最近的评价词；在公开的相机、汽车、笔记本、手机评论上，判出正负的搭配里 96% 正确。",
    ]
    if not dataset.codebook:
        notes.insert(
            0,
            "这个研究还没有自己的编码本，这里用的是内置的通用编码本；请在“声音·编码”里改成自己的。",
        )
    coder, n_coded = coded.coder, len(coded.coder.truth)
    if n_coded < LEARN_FROM:
        notes.append(f"人工编码 {count(n_coded)} 条，满 {LEARN_FROM} 条后由模型补充规则没有覆盖的说法；没有人核对过的编码都标为“请核对”。")  # fmt: skip
    else:
        notes.append(
            f"人工编码 {count(n_coded)} 条：规则词按精确率剪枝，其余文本由两个逻辑回归的平均判断。"
        )
    if coder.precision is not None and coder.recall is not None:
        notes.append(f"五折交叉验证：精确率 {percent(coder.precision)}，召回率 {percent(coder.recall)}（在人工编码过、模型没有见过的文本上）。")  # fmt: skip
    if coder.sure_from is not None:
        notes.append(f"置信度不低于 {percent(coder.sure_from)} 的编码标为“自动编码”，交叉验证里其中九成以上正确；其余标为“请核对”。")  # fmt: skip
    if dataset.codes is None or not (dataset.codes["purpose"] == "audit").any():
        notes.append(f"还没有抽查；抽查后这里报告{ALL}的精确率、召回率和 Wilson 区间。")
    return tuple(notes)


ANALYSIS = Analysis(
    key="coding",
    title="需求编码",
    question="按编码本，多少人提到哪项需求？",
    needs={"texts": ("text_id", "text")},
    params=Params,
    run=run,
    members=members,
    place=10,
)
