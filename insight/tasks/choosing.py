"""Choice-based conjoint: which alternatives each respondent saw in every task, and which one they chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.schema import Question
from insight.tasks.asked import NO_ALTERNATIVE, named, positions, says_positions
from insight.tasks.designed import versions_seen
from insight.tasks.profiles import Levels, plan_of, questions_missing, runs, varying


@dataclass(frozen=True, slots=True)
class ChoiceTasks:
    """The sets that were shown and what was chosen of them.

    Attributes
    ----------
    rows : (n_rows) row [of the respondent, 0-based], task, alternative [0 = none of them], is_chosen, the
        attributes as text [null for none]; usable tasks only, sorted
    levels : attribute -> its levels
    constant : attributes that never differ within a task, so that their worth cannot be known
    has_none : whether "none of them" could be chosen
    n_unusable : answered tasks that the design does not know
    """

    rows: pl.DataFrame
    levels: Levels
    constant: tuple[str, ...]
    has_none: bool
    n_unusable: int


def choice_tasks(
    dataset: Dataset, people: pl.DataFrame, *, questions: Sequence[str] = (), design: str = ""
) -> ChoiceTasks:
    """Read the tasks of a choice exercise.

    Parameters
    ----------
    people : (n) respondents, columns of the questionnaire
    questions : ids in the order of the tasks; empty: the block of as many questions as there are tasks
    design : name of the design file; "" = the only one

    Raises
    ------
    QuestionsMissing : there is no design, or no block of questions that answers it.
    BadParameter : the number of questions is not that of the tasks.
    """
    plan = plan_of(dataset, design)
    levels, constant = varying(plan, within=("version", "task"))
    tasks = plan["task"].unique().sort().to_list()
    most = int(plan["alternative"].max())  # type: ignore[arg-type]
    asked = _asked(dataset, people, questions, n_tasks=len(tasks), most=most)
    seen = versions_seen(dataset, people, plan)
    answers = pl.concat(
        pl.DataFrame({"version": seen, "chosen": positions(people[q.columns[0]], q)})
        .with_row_index("row")
        .with_columns(task=pl.lit(task, pl.Int64), row=pl.col("row").cast(pl.Int64))
        for q, task in zip(asked, tasks, strict=True)
    ).drop_nulls("chosen")
    none = (answers["chosen"] == NO_ALTERNATIVE) | (answers["chosen"] == most + 1)
    answers = answers.with_columns(chosen=answers["chosen"].set(none, NO_ALTERNATIVE))
    rows = answers.join(
        plan.select("version", "task", "alternative", *dict(levels)), on=["version", "task"]
    )
    if none.any():
        rows = pl.concat(
            [rows, answers.with_columns(alternative=pl.lit(NO_ALTERNATIVE, pl.Int64))],
            how="diagonal",
        )
    rows = rows.with_columns(is_chosen=pl.col("alternative") == pl.col("chosen"))
    whole = (pl.col("is_chosen").sum() == 1).over("row", "task")
    rows = rows.filter(whole).sort("row", "task", "alternative").drop("version", "chosen")
    n_usable = int(rows["is_chosen"].sum())
    if not n_usable:
        raise questions_missing("能和设计对上的选择题回答")
    return ChoiceTasks(rows, levels, constant, bool(none.any()), len(answers) - n_usable)  # fmt: skip


def _asked(
    dataset: Dataset, people: pl.DataFrame, ids: Sequence[str], *, n_tasks: int, most: int
) -> tuple[Question, ...]:
    if ids:
        found = named(dataset, ids)
        if len(found) != n_tasks:
            raise BadParameter("题目", f"指定了 {len(found)} 题，设计里却有 {n_tasks} 个任务")
        return found

    def fits(question: Question) -> bool:
        answers = people[question.columns[0]]
        if answers.dtype.is_temporal() or answers.n_unique() > most + 3:
            return False
        told = positions(answers, question).drop_nulls()
        return not told.is_empty() and bool(told.is_between(0, most + 1).all())

    blocks = runs(dataset, length=n_tasks, fits=fits)
    block = min(blocks, key=lambda b: _doubt(people, b, most=most), default=None)
    if block is None:
        raise questions_missing(f"和设计一样多的选择题（{n_tasks} 题，各 {most} 个备选项）")
    return block


def _doubt(people: pl.DataFrame, block: Sequence[Question], *, most: int) -> tuple[bool, bool]:
    """What speaks against a block being the choices: answers that name no alternative, more answers than alternatives."""
    answers = [people[q.columns[0]] for q in block]
    named_ = [says_positions(a, q) for a, q in zip(answers, block, strict=True)]
    highest = [positions(a, q).max() for a, q in zip(answers, block, strict=True)]
    return not all(named_), any(isinstance(h, int) and h > most for h in highest)
