"""Which wave of a repeated survey every respondent belongs to: by file, by a question, or by the day of the answer."""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

from insight.dataset import Dataset
from insight.errors import QuestionsMissing, TooFewRows, UnknownName
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break

Grain = Literal["自动", "月", "季", "年"]
TITLE = "波次比较"
FILE, SUBMITTED = "file", "submitted_at"
MOST = 24  # waves; more make no readable table
_WAVE = re.compile(
    r"(?i)波次|期次|批次|轮次|第几[期波轮批]|\bwave\b|\bmonth\b|\bperiod\b|调查(月份|时间|日期)"
)
_FEW = 12  # more spans than this and the next longer ones are taken


def wave_choices(dataset: Dataset) -> dict[str, str]:
    """Key -> Chinese label of everything that can tell the waves apart."""
    if dataset.responses is None:
        return {}
    columns = dataset.columns("responses")
    known = {FILE: "导入的文件", SUBMITTED: "提交时间"}
    asked = dataset.questionnaire.of_kind(QuestionKind.SINGLE, QuestionKind.DATE)
    told = {q.id: f"{q.id} {q.wording}" for q in asked if q.columns[0] in columns}
    return {key: label for key, label in known.items() if key in columns} | told


def waves_of(dataset: Dataset, by: str, *, grain: Grain) -> Break:
    """The waves in their order, and everybody's wave.

    Parameters
    ----------
    by : a key of ``wave_choices``; "" = the first that makes two waves of: files, a question on the wave, dates
    grain : how long a wave of dates is; "自动" = months, quarters or years, the shortest that make at most twelve

    Raises
    ------
    UnknownName : there is no such key.
    QuestionsMissing : nothing tells waves apart.
    TooFewRows : what was named makes only one wave.
    """
    known = wave_choices(dataset)
    if by and by not in known:
        raise UnknownName("波次", by, tuple(known))
    made = (_made(dataset, key, known[key], grain) for key in ([by] if by else _likely(dataset)))
    found = next((one for one in made if 2 <= len(one.groups) <= MOST), None)
    if found:
        return found
    if by:
        raise TooFewRows(f"“{known[by]}”里能比较的波次（最多 {MOST} 波）", len(_made(dataset, by, known[by], grain).groups), 2)  # fmt: skip
    raise QuestionsMissing(
        TITLE,
        "两波以上的答卷：同一问卷的几个文件、写明波次或日期的题，或者跨月的提交时间",
        "第几波？（一题单选或日期），或者把每一波的文件都导入同一个研究",
    )


def _likely(dataset: Dataset) -> list[str]:
    """What tells the waves where the user named nothing, best first."""
    known = wave_choices(dataset)
    asked = [q for q in dataset.questionnaire.questions if q.id in known]
    named = [q.id for q in asked if _WAVE.search(q.wording)]
    dates = [q.id for q in asked if q.kind is QuestionKind.DATE and q.id not in named]
    return [key for key in (FILE, *named, SUBMITTED, *dates) if key in known]


def _made(dataset: Dataset, key: str, label: str, grain: Grain) -> Break:
    assert dataset.responses is not None
    question = dataset.questionnaire.find(key)
    column = question.columns[0] if question else key
    waves = dataset.responses[column]
    is_date = key == SUBMITTED or (question is not None and question.kind is QuestionKind.DATE)
    if is_date:
        waves, span = _spans(waves, grain)
        label = f"{label}（按{span}）"
    members = dataset.responses.select("respondent_id", group=waves.cast(pl.String)).drop_nulls()
    return Break(key, label, _ordered(members["group"], question), members.sort("respondent_id"))


def _spans(moments: pl.Series, grain: Grain) -> tuple[pl.Series, str]:
    """The span of time of every moment, and how long the spans are."""
    at = pl.from_epoch(moments.cast(pl.Int64), time_unit="s").dt
    made = pl.DataFrame([at.strftime("%Y-%m").alias("月"), at.year().alias("y"), at.quarter().alias("q"), at.strftime("%Y").alias("年")])  # fmt: skip
    made = made.with_columns(pl.format("{}Q{}", "y", "q").alias("季"))
    short = (name for name in ("月", "季", "年") if made[name].drop_nulls().n_unique() <= _FEW)
    name = next(short, "年") if grain == "自动" else grain
    return made[name], name


def _ordered(groups: pl.Series, question: Question | None) -> tuple[str, ...]:
    """The waves that hold anybody: options in the order of the questionnaire, all else by name."""
    present = set(groups)
    listed = [o.label for o in question.options if o.label in present] if question else []
    return (*listed, *sorted(present - set(listed), key=_natural))


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Numbers by their size: 第 2 波 before 第 10 波."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, int(p)) if p.isdigit() else (1, p) for p in parts if p)
