"""Questions that several raw columns hold: ticked options, rankings, matrices."""

from __future__ import annotations

import re

import polars as pl

from insight.clean.built import Answers, Built, answers, joined, options
from insight.clean.choices import ordered
from insight.clean.cleaned import together
from insight.clean.columns import is_numeric
from insight.clean.questions import Block, is_other, unique
from insight.clean.singles import column_question, counted, other_text, ranked, ticked
from insight.clean.values import numbers
from insight.schema import Option, Question, QuestionKind

_YES = r"(?i)^(1|1\.0|yes|y|true|是|有|√|✓|✔|选中|已选|checked|selected)$"
_NO = r"(?i)^(0|0\.0|no|n|false|否|×|未选|未选中|不选|unchecked|not selected)$"
_WIDEST = 12


def grid_question(frame: pl.DataFrame, block: Block, *, coded: bool) -> Built:
    """Type a question held by several columns.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    block : the question, its columns and their parts
    coded : whether the file holds option numbers instead of option text
    """
    given = {c: answers(frame[c], coded=coded) for c in block.columns}
    parts = dict(zip(block.columns, block.parts, strict=True))
    written = [c for c in block.columns if is_other(parts[c]) and _is_writing(given[c].values)]
    body = [c for c in block.columns if c not in written and not given[c].values.is_null().all()]
    texts = [_one_text([given[c].values for c in written], block)] if written else []
    core = _core(frame, Block(block.id, block.wording, tuple(body), tuple(parts[c] for c in body)), given=given, coded=coded)  # fmt: skip
    return joined([core, *texts])


def _one_text(values: list[pl.Series], block: Block) -> Built:
    """What was written behind "other", of all its columns together."""
    text = pl.select(pl.concat_str(values, separator="；", ignore_nulls=True)).to_series()
    return other_text(text.set(text == "", None), block)


def _is_writing(values: pl.Series) -> bool:
    filled = values.drop_nulls()
    return not _all(filled, f"{_YES}|{_NO}") and (filled.is_empty() or not is_numeric(filled))


def _core(frame: pl.DataFrame, block: Block, *, given: dict[str, Answers], coded: bool) -> Built:
    columns = [given[c] for c in block.columns]
    filled = [a.values.drop_nulls() for a in columns]
    if not columns:
        return joined([])
    if all(_all(f, f"{_YES}|{_NO}") for f in filled):
        return _ticks(block, columns, labels=block.parts)
    if len(columns) > 1 and all(f.n_unique() == 1 for f in filled):
        return _ticks(block, columns, labels=unique(f[0] for f in filled))
    if len(columns) > 1 and _is_ranking(columns):
        return _ranking(block, columns)
    if len(columns) > 1 and _share_options(filled):
        return _matrix(block, columns)
    return _apart(frame, block, coded=coded)


def _all(filled: pl.Series, pattern: str) -> bool:
    return bool(filled.str.contains(pattern).all())


def _ticks(block: Block, columns: list[Answers], *, labels: tuple[str, ...]) -> Built:
    """Ticked is True; not ticked is False where the respondent saw the question, else null."""
    seen = pl.select(
        pl.any_horizontal(*(a.values.is_not_null() | a.emptied for a in columns))
    ).to_series()
    ticks = []
    for label, answer in zip(labels, columns, strict=True):
        yes = answer.values.is_not_null() & ~answer.values.str.contains(_NO).fill_null(value=False)
        tick = yes.set(~seen | answer.skipped, None)
        ticks.append(tick.alias(f"{block.id}[{label}]"))
    return ticked(block, labels, ticks=ticks)


def _is_ranking(columns: list[Answers]) -> bool:
    """Whether the numbers of each respondent are 1, 2, … m, each once, for at least five of them."""
    if not all(_all(a.values.drop_nulls(), r"^\d{1,2}(\.0+)?$") for a in columns):
        return False
    table = pl.DataFrame({str(i): numbers(a.values) for i, a in enumerate(columns)})
    places = table.select(pl.concat_list(pl.all()).list.drop_nulls().alias("p"))
    ranked_rows = places.filter(pl.col("p").list.len() >= 2)
    is_order = pl.col("p").list.sort() == pl.int_ranges(1, pl.col("p").list.len() + 1).cast(pl.List(pl.Float64))  # fmt: skip
    return len(ranked_rows) >= 5 and ranked_rows.select(is_order.mean()).item() >= 0.95


def _ranking(block: Block, columns: list[Answers]) -> Built:
    names = [f"{block.id}[{part}]" for part in block.parts]
    places = [
        numbers(a.values).cast(pl.Int64).alias(n) for a, n in zip(columns, names, strict=True)
    ]
    return ranked(block, block.parts, places=places)


def _share_options(filled: list[pl.Series]) -> bool:
    """Whether all rows are answered on the same few options."""
    sets = [frozenset(f.unique()) for f in filled]
    together_ = frozenset().union(*sets)
    if len(together_) > _WIDEST:
        return False
    if all(is_numeric(f) for f in filled):
        return all(_all(f, r"^\d{1,2}(\.0+)?$") for f in filled)
    return all(s & frozenset().union(*sets[:i], *sets[i + 1 :]) for i, s in enumerate(sets))


def _matrix(block: Block, columns: list[Answers]) -> Built:
    values = [a.values for a in columns]
    if all(is_numeric(v) for v in values):
        values = [numbers(v).cast(pl.Int64) for v in values]
    names = tuple(f"{block.id}[{part}]" for part in block.parts)
    held = tuple(v.alias(n) for v, n in zip(values, names, strict=True))
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.MATRIX, columns=names,
        options=_options(held), rows=block.parts, base="回答本题的答卷",
    )  # fmt: skip
    return Built((question,), held, together([]))


def _options(held: tuple[pl.Series, ...]) -> tuple[Option, ...]:
    answered = pl.concat([h.rename("label") for h in held]).drop_nulls()
    if answered.dtype == pl.Int64:
        points = answered.unique().sort().cast(pl.String)
        return tuple(Option(label=p, code=p) for p in points)
    return options(ordered(counted(answered)))


def _apart(frame: pl.DataFrame, block: Block, *, coded: bool) -> Built:
    """Blanks of one question that have nothing in common: a question each."""
    named = [part if re.fullmatch(r"\w{1,12}", part, re.ASCII) else "" for part in block.parts]
    return joined(
        column_question(frame, Block(f"{block.id}_{name or place}", f"{block.wording}：{part}", (column,)), coded=coded)
        for place, (name, part, column) in enumerate(zip(named, block.parts, block.columns, strict=True), start=1)
    )  # fmt: skip
