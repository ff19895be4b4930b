"""Questions with something to fill in on every row: blanks, tables, sliders, shares of a sum."""

from __future__ import annotations

import re

import polars as pl

from insight.clean.built import ANSWERED, Built, built, masked
from insight.clean.cleaned import EMPTIED, flag, together
from insight.clean.columns import is_numeric
from insight.clean.questions import Block
from insight.clean.reading import Answers
from insight.clean.values import numbers
from insight.schema import Question, QuestionKind

_CELL = re.compile(r"(.+?)\s*(?:—+|--|｜|_|!|:|：)\s*(.+)|r(\d+)c(\d+)", re.IGNORECASE)
_LEAST_ROWS, _NEARLY_ALL, _ROUNDING = 5, 0.95, 0.005


def is_shares(columns: list[Answers], *, is_told: bool = False) -> bool:
    """Whether the numbers of nearly every respondent add up to the same sum, within 0.5 %.

    Fewer than five respondents show it only where the question says so (``is_told``).
    """
    table = pl.DataFrame({str(i): numbers(a.values) for i, a in enumerate(columns)})
    filled = table.filter(pl.any_horizontal(pl.all().is_not_null()))
    sums = filled.select(pl.sum_horizontal(pl.all())).to_series()
    varied = table.unpivot()["value"].drop_nulls().n_unique() > 2
    middle = float(sums.median() or 0)  # type: ignore[arg-type]
    least = 1 if is_told else _LEAST_ROWS
    if len(sums) < least or not varied or middle <= 0:
        return False
    return float(((sums - middle).abs() <= _ROUNDING * middle).mean() or 0) >= _NEARLY_ALL  # type: ignore[arg-type]


def table_rows(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Parts as "行｜列" where they are all rows by all columns of a table; else nothing.

    >>> table_rows(("甲_价格", "甲_数量", "乙_价格", "乙_数量"))
    ('甲｜价格', '甲｜数量', '乙｜价格', '乙｜数量')
    """
    matches = [_CELL.fullmatch(part) for part in parts]
    cells = [(m[1] or m[3], m[2] or m[4]) for m in matches if m]
    rows, columns = ({cell[i] for cell in cells} for i in (0, 1))
    if len(rows) < 2 or len(columns) < 2 or len(set(cells)) != len(rows) * len(columns):
        return ()
    return tuple(f"{row}｜{column}" for row, column in cells) if len(cells) == len(parts) else ()


def blanks(
    frame: pl.DataFrame, block: Block, *, columns: list[Answers], kind: QuestionKind
) -> Built:
    """A question of which every column is a number or a text to fill in.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    block : the question, its columns and their parts
    columns : the answers of each column
    kind : BLANKS, TABLE, SLIDER or SHARES; the last two are numbers throughout
    """
    rows = (table_rows(block.parts) if kind is QuestionKind.TABLE else ()) or block.parts
    names = tuple(f"{block.id}[{row}]" for row in rows)
    question = Question(
        id=block.id, wording=block.wording, kind=kind, columns=names, rows=rows, base=ANSWERED
    )
    read = [numbers(a.values) if is_numeric(a.values) else masked(a.values) for a in columns]
    lost = [
        flag(frame.select("__line__", column), values.is_null() & a.values.is_not_null(), column=column, reason="不是数字，本题按未回答处理", action=EMPTIED)
        for column, values, a in zip(block.columns, read, columns, strict=True)
    ]  # fmt: skip
    held = (values.alias(name) for values, name in zip(read, names, strict=True))
    return built(question, held, why=[a.why for a in columns], issues=together(lost))
