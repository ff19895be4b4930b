"""Which few items together reach most people: TURF over a multiple choice, or over high scores."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import BOXES, NONE_OF_THESE, Sample, chosen, nets, parts, sample
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, QuestionsMissing, TooFewRows, UnknownName
from insight.members import Members, later
from insight.schema import Question, QuestionKind
from insight.settings import settings
from insight.stats.proportions import Rule
from insight.stats.reach import MOST_EXACT, ItemSet, best_sets, greedy_sets
from insight.wording import count, listed, percent

TITLE = "TURF 组合"
GREEDY, EXACT = "逐个加入", "全部组合"
_HOW = "一道多选题（“您会购买以下哪些口味”），或一个每行一个项目的评分矩阵（最高两分算会选）"


class Params(BaseModel):
    """Which items, and how many of them at most."""

    question: str = Field(
        default="",
        title="题目",
        description="多选题，或评分矩阵（最高两分算会选）；留空用选项最多的多选题",
        json_schema_extra={"one_of": "questions"},
    )
    without: str = Field(
        default="",
        title="不参加的选项",
        description="写出选项，用、隔开；“以上都没有”一类会自动去掉",
    )
    most: int = Field(default=5, ge=2, le=10, title="最多放几个")
    places: int = Field(default=3, ge=1, le=10, title="每种个数列出前几名")
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """The sets that reach most, one by one and out of all sets."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    question = _question(dataset, params.question)
    people = sample(dataset.responses, use_weight=params.use_weight)
    takes, asked = _takes(people.responses, question, params.without)
    base = int(asked.sum())
    if base < rule.tiny_base:
        raise TooFewRows(f"回答了 {question.id} 的人", base, rule.tiny_base)
    if takes.width < 2:
        raise NothingToTell(
            TITLE, f"{question.id} 只有 {takes.width} 个选项", "至少要有两个选项才谈得上组合。"
        )
    marks, weight = takes.to_numpy(), people.weight.filter(asked).to_numpy()
    if not marks.any():
        raise NothingToTell(TITLE, f"没有人选过 {question.id} 的任何一项", "请换一道题。")
    most = min(params.most, takes.width)
    sets = _listed(marks, weight, most=most, places=params.places)
    table = _table(sets, takes.columns, marks)
    growth = _growth(table)
    return Result(
        {"sets": table, "growth": growth},
        {"growth": _picture(growth)},
        _findings(table, question=question, people=people, rule=rule),
        _notes(question, people, base=base, width=takes.width, rule=rule),
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who takes at least one item of each set."""

    def reached(name: str) -> pl.DataFrame:
        assert dataset.responses is not None
        question = _question(dataset, params.question)
        people = sample(dataset.responses, use_weight=params.use_weight)
        takes, asked = _takes(people.responses, question, params.without)
        ids = people.responses["respondent_id"].filter(asked)
        columns = list(_KEYS[name])
        return pl.concat(
            pl.DataFrame({c: [str(row[c])] * int(hit.sum()) for c in columns}, schema=dict.fromkeys(columns, pl.String))
            .with_columns(ids.filter(hit))
            for row in result.tables[name].iter_rows(named=True)
            if (hit := takes.select(pl.any_horizontal(row["items"].split("、"))).to_series()) is not None
        )  # fmt: skip

    return {
        name: Members(later(lambda name=name: reached(name), *columns, "respondent_id"), ("respondent_id",), "n")  # type: ignore[misc]
        for name, columns in _KEYS.items()
    }  # fmt: skip


_KEYS: Mapping[str, tuple[str, ...]] = {"sets": ("method", "items"), "growth": ("items",)}


def _question(dataset: Dataset, id_: str) -> Question:
    assert dataset.responses is not None
    there = [q for q in dataset.questionnaire.questions if set(q.columns) & set(dataset.responses.columns)]  # fmt: skip
    if not id_:
        multi = [q for q in there if q.kind is QuestionKind.MULTI]
        if not multi:
            raise QuestionsMissing(TITLE, "多选题或评分矩阵", _HOW)
        return max(multi, key=lambda q: len(q.options))
    question = next((q for q in there if q.id == id_), None)
    if question is None:
        raise UnknownName("题目", id_, [q.id for q in there])
    if question.kind not in (QuestionKind.MULTI, QuestionKind.MATRIX, QuestionKind.RANK):
        raise BadParameter("题目", f"{id_} 不是多选题、评分矩阵或排序题")
    return question


def _takes(
    responses: pl.DataFrame, question: Question, without: str
) -> tuple[pl.DataFrame, pl.Series]:
    """(n_asked x n_items) who takes what, and (n) who was asked."""
    if question.kind is QuestionKind.MATRIX:
        rows = [(p, nets(responses, p)) for p in parts(question, responses)]
        answers = pl.DataFrame(
            [boxes[BOXES[0]].alias(p.wording.rsplit("｜", 1)[-1]) for p, boxes in rows if BOXES[0] in boxes.columns]
        )  # fmt: skip
    else:
        answers = chosen(responses, question)
    left = {name.strip() for name in without.split("、")} - {""}
    if unknown := left - set(answers.columns):
        raise UnknownName("选项", min(unknown), answers.columns)
    real = answers.select(
        n for n in answers.columns if n not in left and not NONE_OF_THESE.search(n)
    )
    real = real.rename({n: n.replace("、", "/") for n in real.columns if "、" in n})
    if not real.width:
        raise BadParameter(
            "题目", f"{question.id} 没有可以组合的选项（评分矩阵要有四个以上的分值）"
        )
    asked = answers.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return real.filter(asked).fill_null(value=False), asked


def _listed(
    marks: np.ndarray, weight: np.ndarray, *, most: int, places: int
) -> list[tuple[str, int, ItemSet]]:
    found = [(GREEDY, 1, s) for s in greedy_sets(marks, weight=weight, most=most)]
    if marks.shape[1] > MOST_EXACT:
        return found
    exact = best_sets(marks, weight=weight, most=most, places=places)
    sizes = [len(s.items) for s in exact]
    return found + [(EXACT, sizes[: at + 1].count(sizes[at]), s) for at, s in enumerate(exact)]


def _table(
    sets: list[tuple[str, int, ItemSet]], names: list[str], marks: np.ndarray
) -> pl.DataFrame:
    """(n_sets) method, size, rank, items, reach_share, frequency [items taken per person], n [reached], base."""
    rows = [
        (method, len(s.items), rank, "、".join(names[i] for i in s.items), s.reach, s.frequency,
         int(marks[:, list(s.items)].any(axis=1).sum()), len(marks))
        for method, rank, s in sets
    ]  # fmt: skip
    schema = {
        "method": pl.String, "size": pl.Int64, "rank": pl.Int64, "items": pl.String, "reach_share": pl.Float64,
        "frequency": pl.Float64, "n": pl.Int64, "base": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _growth(table: pl.DataFrame) -> pl.DataFrame:
    """(n_sizes) items, added, reach_share, added_share, n, base: what each further item brings."""
    greedy = table.filter(pl.col("method") == GREEDY)
    return greedy.select(
        "items",
        added=pl.col("items").str.split("、").list.last(),
        reach_share="reach_share",
        added_share=pl.col("reach_share").diff().fill_null(pl.col("reach_share")),
        n="n",
        base="base",
    )


def _picture(growth: pl.DataFrame) -> alt.TopLevelMixin:
    numbered = pl.format("{}. ＋{}", pl.int_range(1, pl.len() + 1), "added").alias("added")
    drawn = growth.with_row_index("at").select(
        "at", numbered, "reach_share", "added_share", "n", "base"
    )
    return charts.bars(drawn, label="added", value="reach_share", order=drawn["added"].to_list())


def _findings(
    table: pl.DataFrame, *, question: Question, people: Sample, rule: Rule
) -> tuple[Finding, ...]:
    best = table.with_row_index("at").filter(rank=1)
    exact = best.filter(pl.col("method") == EXACT)
    ranked = exact if exact.height else best
    one, many = ranked.row(0, named=True), ranked.row(-1, named=True)
    text = (
        f"{question.id}：{count(many['base'])} 人里，只放“{one['items']}”能满足 {percent(one['reach_share'])}；"
        f"放 {many['size']} 个——{listed(many['items'].split('、'), most=10)}——至少满足一项的人达到 {people.percent(many['reach_share'])}"
        f"（{count(many['n'])} 人）{rule.caution(many['base'])}。"
    )
    cells = [Cell("sets", one["at"], "reach_share")]
    cells += [Cell("sets", many["at"], c) for c in ("base", "size", "reach_share", "n")]
    return (Finding(text, many["base"], tuple(cells)),)


def _notes(
    question: Question, people: Sample, *, base: int, width: int, rule: Rule
) -> tuple[str, ...]:
    exact = (
        f"“{EXACT}”比较了每种个数的所有组合，是确实最好的；“{GREEDY}”每次加入新增触达最多的一项，不一定最好。"
        if width <= MOST_EXACT
        else f"共 {width} 个选项，超过 {MOST_EXACT} 个，没有比较全部组合；只列出每次加入新增触达最多的一项的结果，不一定最好。"
    )
    takes = "最高两分算会选" if question.kind is QuestionKind.MATRIX else "排在第一算会选" if question.kind is QuestionKind.RANK else "勾选算会选"  # fmt: skip
    return (
        f"基数：回答了“{question.id} {question.wording}”的 {count(base)} 人；{takes}；“以上都没有”一类的选项不参加组合。",
        "触达 = 至少会选组合里一项的人的占比；频次 = 平均每人会选组合里的几项（Miaoulis 等 1990）。触达相同时取频次高的。",
        exact,
        rule.small_bases,
        people.note,
    )


ANALYSIS = Analysis(
    key="turf",
    title=TITLE,
    question="只能放几个时，哪几个放在一起能满足最多的人？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=220,
    theme="取舍",
)
