"""Rows that two exports share count once: which columns tell that they are the same, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from insight.clean.waterfall import counted_once
from insight.gather.parts import Part, stacked

Notes = list[tuple[str, str, str]]


_LINE = ("order_id", "ordered_at", "product", "quantity", "amount")


_DETAIL = ("order_id", "line_id", "product", "sku", "quantity", "unit_price")


_MADE_UP = r"^L\d+$"  # an order id that only counts lines says nothing about another file


_TIMES = frozenset({"submitted_at", "started_at"})


_ALIKE = {
    "orders": "是同样的订单（编号、时间、商品、数量、金额都相同）",
    "order_lines": "是同样的明细（订单号、商品、数量、单价都相同）",
    "responses": "是同样的答卷（编号、提交时间和共有题目的回答都相同）",
}


def shared_once(parts: Sequence[Part]) -> tuple[list[Part], Notes]:
    """Every row that two files of one kind share stays in one of them: the one that says more."""
    once: list[Part] = []
    notes: Notes = []
    for part in parts:
        for at, earlier in enumerate(once):
            if earlier.table == part.table:
                once[at], part, said = _once_of(earlier, part)
                notes += said
        once.append(part)
    return once, notes


def _once_of(earlier: Part, later: Part) -> tuple[Part, Part, Notes]:
    """Both parts without what they share in the one with fewer columns, and what was found."""
    compared = _compared(earlier, later)
    if not compared:
        return earlier, later, []
    frames = (earlier.cleaned.frame, later.cleaned.frame)
    richer = frames[1].width > frames[0].width
    poorer, other = (frames[0], frames[1]) if richer else (frames[1], frames[0])
    rest = _without(poorer, other, columns=compared)
    if later.table == "responses" and rest.height < poorer.height:
        sure = _told_apart(poorer, counted=_counts_rows(earlier) or _counts_rows(later))
        if not sure.any():
            return earlier, later, [(later.name, later.table, f"与“{earlier.name}”{_NAMELESS}")]
        rest = _without(poorer, other, columns=compared, sure=sure)
    if rest.height == poorer.height:
        return earlier, later, []
    whole = {*compared, *(["respondent_id"] if later.table == "responses" else [])}
    equal = whole == set(poorer.columns) == set(other.columns)
    alike = "完全相同" if equal else _ALIKE[later.table]
    n = poorer.height - rest.height
    said = (later.name, later.table, f"有 {n:,} 行与“{earlier.name}”{alike}，只计一次")
    if richer:
        return _holding(earlier, rest), later, [said]
    return earlier, _holding(later, rest), [said]


_NAMELESS = "的题目相同，但两份都没有答卷编号和提交时间，无法判断有没有同一份答卷，全部计入"


def _told_apart(frame: pl.DataFrame, *, counted: bool) -> pl.Series:
    """Which answered questionnaires (n, Boolean) carry an id or a time; others may be different people who answer alike.

    Ids that only count the rows of a file (``counted``) say nothing about another file.
    """
    telling = [frame[c].is_not_null() for c in frame.columns if c in _TIMES or c.startswith("key_")]
    if not counted:
        telling.append(~frame["respondent_id"].str.contains(_MADE_UP))
    nobody = pl.repeat(value=False, n=len(frame), eager=True)
    return pl.select(pl.any_horizontal(nobody, *telling)).to_series()


def _counts_rows(part: Part) -> bool:
    survey = part.cleaned.questionnaire
    return survey is not None and survey.counts_rows


def _holding(part: Part, frame: pl.DataFrame) -> Part:
    waterfall = counted_once(part.cleaned.waterfall, frame)
    return replace(part, cleaned=replace(part.cleaned, frame=frame, waterfall=waterfall))


def _compared(earlier: Part, later: Part) -> list[str]:
    """The columns in which a row of both files must be equal to be the same; none where it cannot be told."""
    frames = (earlier.cleaned.frame, later.cleaned.frame)
    both = [c for c in frames[1].columns if c in frames[0].columns]
    if _counts_rows(earlier) or _counts_rows(later):
        both.remove("respondent_id")
    if later.table == "orders" and all(_has_order_ids(f) for f in frames):
        return [c for c in _LINE if c in both]
    if later.table == "order_lines":
        return [c for c in _DETAIL if c in both]
    if _style(earlier) != _style(later):
        return []  # two exports of the same answers are merged by ``surveys``
    if set(frames[0].columns) == set(frames[1].columns):
        return both
    dated = {"respondent_id", "submitted_at"} <= set(both)
    if later.table != "responses" or not dated or not _asked(earlier) & _asked(later):
        return []
    return both if all(f["submitted_at"].is_not_null().all() for f in frames) else []


def _has_order_ids(orders: pl.DataFrame) -> bool:
    return (
        not orders["order_id"].is_null().any()
        and not orders["order_id"].str.contains(_MADE_UP).any()
    )


def _style(part: Part) -> str:
    """What stands for an option in its file: its text, its number or its score."""
    survey = part.cleaned.questionnaire
    return survey.answers if survey else ""


def _asked(part: Part) -> set[str]:
    """The columns that hold answers."""
    survey = part.cleaned.questionnaire
    return {c for q in survey.questions for c in q.columns} if survey else set()


def _without(
    frame: pl.DataFrame, earlier: pl.DataFrame, *, columns: list[str], sure: pl.Series | None = None
) -> pl.DataFrame:
    """``frame`` without the rows of ``earlier``; a row that stands there twice is taken off twice.

    Only the rows that are ``sure`` (n, Boolean; None = all) are compared, the others stay.
    """
    if frame.is_empty():
        return frame
    common = stacked([earlier.clear().select(columns), frame.clear().select(columns)])
    types = common.schema  # 7 here may be 7.0 there
    turn = pl.int_range(pl.len()).over(columns).alias("__turn__")
    now, before = (f.select(columns).cast(types).with_columns(turn) for f in (frame, earlier))
    is_new = (
        now.with_row_index("__row__")
        .join(before, on=[*columns, "__turn__"], how="anti", nulls_equal=True)
        .select("__row__")
        .sort("__row__")["__row__"]
    )
    if sure is not None:
        is_new = pl.concat([is_new, (~sure).arg_true()]).unique().sort()
    return frame[is_new]
