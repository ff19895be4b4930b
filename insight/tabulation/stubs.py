"""The rows of a question's table as codes, made once and counted against every break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import chosen, nets, parts
from insight.bases import Base, on_base, why_missing
from insight.schema import MISSING_LABELS, Question, QuestionKind
from insight.stats.banner import ticks_of
from insight.stats.cells import Coded
from insight.stubs import stub
from insight.tabulation.differing import Differing, differing
from insight.threads import at_once

_SEVERAL = (QuestionKind.MULTI, QuestionKind.RANK)  # one answer does not exclude another


@dataclass(frozen=True, slots=True)
class Stub:
    """The rows of one question.

    Attributes
    ----------
    rows : their names, in the order of ``coded`` and of the rows of each
    nets : of every row, whether it stands for several answers (T2B, NET)
    silent : of every row, whether it counts those without an answer (未答, 拒答)
    """

    question: Question
    rows: tuple[str, ...]
    coded: tuple[Coded, ...]
    nets: tuple[bool, ...]
    silent: tuple[bool, ...]

    @property
    def ticks(self) -> list[bool]:
        """Of every row, whether it counts in the share of all ticks."""
        is_multi = self.question.kind is QuestionKind.MULTI
        return [is_multi and not (n or s) for n, s in zip(self.nets, self.silent, strict=True)]


def rows_of(responses: pl.DataFrame, question: Question, *, base: Base) -> pl.DataFrame:
    """The rows of a question's table (n x n_rows), Boolean, null = outside the base.

    As ``stubs.stub``; a MULTI also has its NET, a MATRIX has the rows of each of its questions.
    """
    if question.kind is QuestionKind.MATRIX:
        each = [_renamed(rows_of(responses, p, base=base), p) for p in parts(question, responses)]
        return pl.concat(each, how="horizontal") if each else responses.select()
    rows = stub(responses, question)
    if question.kind is QuestionKind.MULTI and rows.width > 1:
        rows = pl.concat([rows, _net(responses, question, taken=rows.columns)], how="horizontal")
    is_of_answers = base == "回答本题的人"
    return rows if is_of_answers else on_base(rows, why_missing(responses, question), base=base)


def stub_of(responses: pl.DataFrame, question: Question, *, base: Base = "回答本题的人") -> Stub:
    """The rows of a closed question as codes of the people in ``responses`` (see ``rows_of``)."""
    if question.kind is QuestionKind.MATRIX:
        return _joined(question, [stub_of(responses, p, base=base) for p in parts(question, responses)])  # fmt: skip
    told = None if question.kind in _SEVERAL else differing(responses, question)
    few = told.few if told else responses
    frame = rows_of(few, question, base=base)
    has_more = (
        question.kind is not QuestionKind.SINGLE or base != "回答本题的人"
    )  # than its options
    options = {*(chosen(few, question) if has_more else frame).columns}
    silent = tuple(row in MISSING_LABELS.values() and row not in options for row in frame.columns)
    is_net = [row not in options and not s for row, s in zip(frame.columns, silent, strict=True)]
    is_nps = question.kind is QuestionKind.NPS
    coded = _exclusive(frame, told) if told else ticks_of(frame)
    return Stub(question, tuple(frame.columns), tuple(coded), tuple(n and not is_nps for n in is_net), silent)  # fmt: skip


def stubs_of(
    responses: pl.DataFrame, questions: Sequence[Question], *, base: Base = "回答本题的人"
) -> list[Stub]:
    """``stub_of`` of each question, several at the same time."""
    return list(at_once(lambda q: stub_of(responses, q, base=base), questions))


def _net(responses: pl.DataFrame, question: Question, *, taken: Sequence[str]) -> pl.DataFrame:
    net = nets(responses, question)
    return net.drop([name for name in net.columns if name in taken])


def _exclusive(rows: pl.DataFrame, told: Differing) -> list[Coded]:
    """Answers of which everybody has one at most, as one column of codes; a row may hold several.

    Parameters
    ----------
    rows : (n_different) what the different answers mean; all null = outside the base
    """
    if not rows.width:
        return []
    cells = [row.to_list() for row in rows]
    is_asked = np.any([[one is not None for one in row] for row in cells], axis=0)
    held = np.array([[one is True for one in row] for row in cells]).T[is_asked]
    meanings, same = np.unique(held, axis=0, return_inverse=True)
    codes = np.full(rows.height, len(meanings), dtype=np.intp)
    codes[is_asked] = same
    return [Coded(told.of_each(codes), meanings.T)]


def _joined(question: Question, stubs: Sequence[Stub]) -> Stub:
    """The rows of several questions as those of one."""
    rows = tuple(_named(one.question, row) for one in stubs for row in one.rows)
    each = ("coded", "nets", "silent")
    return Stub(question, rows, *(tuple(x for one in stubs for x in getattr(one, name)) for name in each))  # fmt: skip


def _renamed(rows: pl.DataFrame, part: Question) -> pl.DataFrame:
    return rows.rename({row: _named(part, row) for row in rows.columns})


def _named(part: Question, row: str) -> str:
    """A row of a matrix under the label of its question: 客服｜很满意."""
    return f"{part.wording.rsplit('｜', 1)[-1]}｜{row}"
