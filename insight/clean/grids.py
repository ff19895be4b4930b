"""Questions that several raw columns hold: ticked options, rankings, matrices, sums, blanks."""

from __future__ import annotations

import re

import polars as pl

from insight.clean.blanks import blanks, is_shares, table_rows
from insight.clean.built import ANSWERED, NOTHING, Built, built, counted, joined, options
from insight.clean.choices import ordered
from insight.clean.columns import is_numeric
from insight.clean.kinds import is_rating, is_slider
from insight.clean.questions import Block, is_other
from insight.clean.rankings import is_items, is_places, item_columns, place_columns
from insight.clean.reading import Answers, Reading
from insight.clean.singles import column_question, found_kind
from insight.clean.ticks import is_tick, is_ticks, other_text, tick_columns
from insight.clean.told import told_kind
from insight.clean.values import numbers
from insight.errors import BadKind
from insight.schema import QUESTION_KIND_LABELS, Option, Question, QuestionKind

_FEW = 5  # answers that ratings may look like places in
_MOST_SHARED = 12  # options that the rows of a matrix have in common
_ONE_COLUMN = frozenset({
    QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.NUMBER, QuestionKind.OPEN, QuestionKind.DATE, QuestionKind.ID, QuestionKind.WEIGHT,
})  # fmt: skip
_SCORES = frozenset({QuestionKind.SCALE, QuestionKind.NPS})
_BLANK = frozenset({QuestionKind.OPEN, QuestionKind.NUMBER})


def grid_question(frame: pl.DataFrame, block: Block, *, reading: Reading) -> Built:
    """Type a question held by several columns.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    block : the question, its columns and their parts

    Raises
    ------
    BadKind : the user gave it a kind that its columns cannot be.
    """
    given = {c: reading.answers(frame[c], question=block.id) for c in block.columns}
    parts = dict(zip(block.columns, block.parts, strict=True))
    written = [c for c in block.columns if is_other(parts[c]) and _is_writing(given[c].values)]
    body = [c for c in block.columns if c not in written and not given[c].values.is_null().all()]
    text = _one_text([given[c].values for c in written]) if written else None
    core = Block(block.id, block.wording, tuple(body), tuple(parts[c] for c in body))
    kind = reading.kind(block.id)
    if kind is not None:
        _check(core, [given[c] for c in body], kind)
    texts = NOTHING if text is None else other_text(text, block)
    if not body:
        return texts
    columns = [given[c] for c in body]
    if set(part_ids(core)) & reading.decisions.kinds.keys():
        return joined([_apart(frame, core, reading=reading), texts])
    kind = kind or _found(core, columns, reading=reading)
    if kind is QuestionKind.MULTI:
        own = next((parts[c] for c in written if not _names_text(parts[c])), None)
        lone = own is not None and not any(is_other(p) for p in core.parts)
        return joined([tick_columns(core, columns, written=text if lone else None), texts])
    return joined([_built(frame, core, columns=columns, kind=kind, reading=reading), texts])


def _built(
    frame: pl.DataFrame, block: Block, *, columns: list[Answers], kind: QuestionKind | None, reading: Reading
) -> Built:  # fmt: skip
    match kind:
        case None:
            return _apart(frame, block, reading=reading)
        case QuestionKind.RANK:
            return (place_columns if is_places(columns, is_told=True) else item_columns)(
                block, columns
            )
        case QuestionKind.MATRIX:
            return _matrix(block, columns)
    return blanks(frame, block, columns=columns, kind=kind)


def _found(block: Block, columns: list[Answers], *, reading: Reading) -> QuestionKind | None:
    """The kind that several columns speak for together; None where each is a question of its own."""
    filled = [a.values.drop_nulls() for a in columns]
    if is_ticks(filled):
        return QuestionKind.MULTI
    if len(columns) == 1:
        return None
    numeric = all(is_numeric(f) for f in filled)
    told = told_kind(block, reading)
    if _is_ranking(block, columns, told=told):
        return QuestionKind.RANK
    if numeric and is_shares(columns, is_told=told is QuestionKind.SHARES):
        return QuestionKind.SHARES
    if numeric and is_slider(filled, wording=block.wording):
        return QuestionKind.SLIDER
    if _share_options(filled, numeric=numeric, is_told=told is QuestionKind.MATRIX):
        return QuestionKind.MATRIX
    kinds = {found_kind(f, block, reading=reading) for f in filled}
    if kinds <= _SCORES:
        return QuestionKind.MATRIX
    if table_rows(block.parts):
        return QuestionKind.TABLE
    return QuestionKind.BLANKS if kinds <= _BLANK else None


def _is_ranking(block: Block, columns: list[Answers], *, told: QuestionKind | None) -> bool:
    """Whether columns hold places or items; few ratings that look like places are none."""
    is_told = told is QuestionKind.RANK
    filled = [a.values.drop_nulls() for a in columns]
    if all(is_numeric(f) for f in filled):
        few = max(map(len, filled)) < _FEW
        return not (few and is_rating(block.wording) and not is_told) and is_places(columns, is_told=is_told)  # fmt: skip
    return (is_told or _meet(filled)) and is_items(columns, is_told=is_told)


def _check(block: Block, columns: list[Answers], kind: QuestionKind) -> None:
    """Refuse a kind that several columns cannot be (BadKind)."""
    filled = [a.values.drop_nulls() for a in columns]
    reason = ""
    if kind in _ONE_COLUMN:
        reason = f"它在表里有 {len(columns)} 列，这种题型只有一列"
    elif kind is QuestionKind.MULTI and not is_ticks(filled):
        reason = "有的格子里既不是勾选，也不是选项本身"
    elif kind in {QuestionKind.SHARES, QuestionKind.SLIDER} and not all(map(is_numeric, filled)):
        reason = "有的列不是数字"
    elif kind is QuestionKind.MATRIX and pl.concat(filled).n_unique() > _MOST_SHARED**2:
        reason = "各行没有共同的选项"
    if reason:
        raise BadKind(block.id, QUESTION_KIND_LABELS[kind], reason)


def _one_text(values: list[pl.Series]) -> pl.Series:
    """What was written behind "other", of all its columns together (n)."""
    text = pl.select(pl.concat_str(values, separator="；", ignore_nulls=True)).to_series()
    return text.set(text == "", None)


def _is_writing(values: pl.Series) -> bool:
    filled = values.drop_nulls()
    return not is_tick(filled) and (filled.is_empty() or not is_numeric(filled))


def _names_text(part: str) -> bool:
    """Whether a part is the text behind an option rather than the option (``6_TEXT``)."""
    return re.search(r"(^|_)text$", part, re.IGNORECASE) is not None


def _meet(filled: list[pl.Series]) -> bool:
    """Whether every column has answers that another one has too."""
    sets = [frozenset(f.unique()) for f in filled]
    return all(s & frozenset().union(*sets[:i], *sets[i + 1 :]) for i, s in enumerate(sets))


def _share_options(filled: list[pl.Series], *, numeric: bool, is_told: bool) -> bool:
    """Whether all rows are answered on the same few options; few answers need not meet where the header says so."""
    if pl.concat(filled).n_unique() > _MOST_SHARED:
        return False
    if numeric:
        return all(bool(f.str.contains(r"^\d{1,2}(\.0+)?$").all()) for f in filled)
    return is_told or _meet(filled)


def _matrix(block: Block, columns: list[Answers]) -> Built:
    values = [a.values for a in columns]
    if all(is_numeric(v) for v in values):
        values = [numbers(v).cast(pl.Int64) for v in values]
    names = tuple(f"{block.id}[{part}]" for part in block.parts)
    held = [v.alias(n) for v, n in zip(values, names, strict=True)]
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.MATRIX, columns=names,
        options=_options(held), rows=block.parts, base=ANSWERED,
    )  # fmt: skip
    return built(question, held, why=[a.why for a in columns])


def _options(held: list[pl.Series]) -> tuple[Option, ...]:
    answered = pl.concat([h.rename("label") for h in held]).drop_nulls()
    if answered.dtype == pl.Int64:
        points = answered.unique().sort().cast(pl.String)
        return tuple(Option(label=p, code=p) for p in points)
    return options(ordered(counted(answered)))


def part_ids(block: Block) -> tuple[str, ...]:
    """What the columns of a block are called where each is a question of its own: "Q3_1"."""
    named = (part if re.fullmatch(r"\w{1,12}", part, re.ASCII) else "" for part in block.parts)
    return tuple(f"{block.id}_{name or place}" for place, name in enumerate(named, start=1))


def _apart(frame: pl.DataFrame, block: Block, *, reading: Reading) -> Built:
    """Columns of one question that have nothing in common: a question each."""
    asked = zip(part_ids(block), block.parts, block.columns, strict=True)
    return joined(
        column_question(frame, Block(id_, f"{block.wording}：{part}", (column,)), reading=reading)
        for id_, part, column in asked
    )
