"""MaxDiff: which items each respondent was shown, and which they called best and worst."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing
from insight.schema import Question
from insight.tasks.asked import columns, last_words, named, positions
from insight.tasks.designed import attributes_of, design_of, versions_seen

TITLE = "MaxDiff"
_WORST = re.compile(r"最不|最没|最少|最差|最次|最低|worst|least|^W\d+$", re.IGNORECASE)
_BEST = re.compile(r"最|best|most|^B\d+$", re.IGNORECASE)
_HOW = (
    "每个任务两道单选题，“以下几项里哪一项最重要”和“哪一项最不重要”，选项就是展示的项目"
    "（各人看到的项目不同时，再导入一个设计文件：版本、任务、位置、项目）"
)


@dataclass(frozen=True, slots=True)
class BestWorst:
    """Who saw which items together, and which of them they chose.

    Attributes
    ----------
    shown : (n_rows) row [of the respondent, 0-based], task, item, is_best, is_worst; answered tasks only,
        sorted
    items : in the order of the questionnaire
    n_unusable : tasks left out: one item for both, only one of the two, or an item that was not shown
    """

    shown: pl.DataFrame
    items: tuple[str, ...]
    n_unusable: int


def best_worst(
    dataset: Dataset,
    people: pl.DataFrame,
    *,
    best: Sequence[str] = (),
    worst: Sequence[str] = (),
    design: str = "",
    sets: str = "",
) -> BestWorst:
    """Read the tasks of a MaxDiff exercise.

    Parameters
    ----------
    people : (n) respondents, columns of the questionnaire
    best, worst : ids of the questions in the order of the tasks; empty: recognised by their wording
    design : name of the design file; "" = the only one that lists items, else the options of the questions
    sets : what each task showed, "苹果、梨、桃；苹果、葡萄、瓜", instead of a design

    Raises
    ------
    QuestionsMissing : the questionnaire has no such tasks, or it is not known what they showed.
    BadParameter : the numbers of best, worst and sets do not agree.
    """
    pairs = _pairs(dataset, best, worst)
    told = _told(dataset, people, pairs=pairs, design=design, sets=sets)
    tasks = [_answers(people, pair, task) for task, pair in enumerate(pairs, 1)]
    answered = pl.concat(tasks).filter(pl.any_horizontal(pl.col("best", "worst").is_not_null()))
    joined = told.join(answered, on=["row", "task"]).sort("row", "task", "alternative")
    is_best, is_worst = (
        (pl.col("item") == pl.col(c)) | (tidy_number(pl.col(c)) == pl.col("alternative"))
        for c in ("best", "worst")
    )
    marked = joined.with_columns(is_best=is_best.fill_null(False), is_worst=is_worst.fill_null(False))  # fmt: skip
    whole = (
        (pl.col("is_best").sum() == 1)
        & (pl.col("is_worst").sum() == 1)
        & ~(pl.col("is_best") & pl.col("is_worst")).any()
    ).over("row", "task")
    usable = marked.filter(whole).select("row", "task", "item", "is_best", "is_worst")
    items = tuple(told.sort("row", "task", "alternative")["item"].unique(maintain_order=True))
    n_usable = usable.select("row", "task").unique().height
    if not n_usable:
        raise QuestionsMissing(TITLE, "能和展示的项目对上的回答", _HOW)
    return BestWorst(usable, _ordered(items), answered.height - n_usable)


def tidy_number(values: pl.Expr) -> pl.Expr:
    """A text as a whole number, null where it is none."""
    return values.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)


def _ordered(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _pairs(
    dataset: Dataset, best: Sequence[str], worst: Sequence[str]
) -> list[tuple[Question, Question]]:
    if not best and not worst:
        return _recognised(dataset)
    first, last = named(dataset, best), named(dataset, worst)
    if len(first) != len(last):
        raise BadParameter("最差题", f"选“最好”的有 {len(first)} 题，选“最差”的有 {len(last)} 题，应一一对应")  # fmt: skip
    return list(zip(first, last, strict=True))


def _recognised(dataset: Dataset) -> list[tuple[Question, Question]]:
    """Neighbours of which one asks for the best and the other for the worst of the same options."""
    found: list[tuple[Question, Question]] = []
    before: set[str] = set()
    for first, second in pairwise(columns(dataset)):
        if first.id not in before and (pair := _pair(first, second)):
            found.append(pair)
            before = {first.id, second.id}
    if len(found) < 2:
        raise QuestionsMissing(TITLE, "成对的“最……”和“最不……”单选题（至少两个任务）", _HOW)
    return found


def _pair(first: Question, second: Question) -> tuple[Question, Question] | None:
    """The question for the best and that for the worst of the same options, where two neighbours are that."""
    worst = [bool(_WORST.search(last_words(q))) for q in (first, second)]
    best = [bool(_BEST.search(last_words(q))) for q in (first, second)]
    options = [{o.label for o in q.options} for q in (first, second)]
    alike = not options[0] or not options[1] or len(options[0] & options[1]) >= 2
    if not alike or worst.count(True) != 1 or not best[worst.index(False)]:
        return None
    return (second, first) if worst[0] else (first, second)


def _answers(people: pl.DataFrame, pair: tuple[Question, Question], task: int) -> pl.DataFrame:
    """(n) row, task, best, worst as the words or the number in the cell."""
    picked = [
        (positions(people[q.columns[0]], q) if people[q.columns[0]].dtype.is_numeric() else people[q.columns[0]]).cast(pl.String)
        for q in pair
    ]  # fmt: skip
    return pl.DataFrame({"best": picked[0], "worst": picked[1]}).with_row_index("row").select(
        pl.col("row").cast(pl.Int64), pl.lit(task, pl.Int64).alias("task"), "best", "worst"
    )  # fmt: skip


def _told(
    dataset: Dataset,
    people: pl.DataFrame,
    *,
    pairs: Sequence[tuple[Question, Question]],
    design: str,
    sets: str,
) -> pl.DataFrame:
    """(rows) row, task, alternative, item: what each respondent was shown."""
    rows = pl.DataFrame({"row": pl.arange(len(people), eager=True)})
    if sets:
        return rows.join(_of_sets([re.split(r"[、,，]", one) for one in _split(sets)], len(pairs)), how="cross")  # fmt: skip
    plan = design_of(dataset, design) if dataset.designs is not None else None
    if plan is not None and (long := _itemised(plan)) is not None:
        seen = rows.with_columns(versions_seen(dataset, people, plan))
        return seen.join(long, on="version").drop("version")
    labels = [list(dict.fromkeys(o.label for q in pair for o in q.options)) for pair in pairs]
    if any(len(shown) < 2 or all(s.isdigit() for s in shown) for shown in labels):
        raise QuestionsMissing(TITLE, "每个任务展示了哪些项目", _HOW)
    return rows.join(_of_sets(labels, len(pairs)), how="cross")


def _split(sets: str) -> list[str]:
    return [one for one in re.split(r"[；;\n]", sets) if one.strip()]


def _of_sets(sets: Sequence[Sequence[str]], n_tasks: int) -> pl.DataFrame:
    if len(sets) != n_tasks:
        raise BadParameter("各任务的项目", f"写了 {len(sets)} 个任务，题目却有 {n_tasks} 对")
    rows = [(t, a, item.strip()) for t, shown in enumerate(sets, 1) for a, item in enumerate(shown, 1)]  # fmt: skip
    schema = {"task": pl.Int64, "alternative": pl.Int64, "item": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _itemised(design: pl.DataFrame) -> pl.DataFrame | None:
    """version, task, alternative, item; a design with one row a task lists its items side by side."""
    if "item" in design.columns and design["item"].null_count() < len(design):
        return design.select("version", "task", "alternative", "item").drop_nulls()
    side_by_side = attributes_of(design)
    if len(side_by_side) < 2 or design.select("version", "task").is_duplicated().any():
        return None
    numbers = {name: at for at, name in enumerate(side_by_side, 1)}
    long = design.unpivot(side_by_side, index=["version", "task"], value_name="item")
    place = pl.col("variable").replace_strict(numbers, return_dtype=pl.Int64)
    return long.select("version", "task", place.alias("alternative"), "item").drop_nulls()
