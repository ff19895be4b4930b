"""The suggestions of the rule book as the report prints them: whose rows, whose numbers, whose reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insight.analysis import Cell
from insight.report.facts import Chapter

KEY, REVIEW = "strategy", "action_review"  # the analyses that suggest, and that look back
BOARD, REASONS, WORDS = "priorities", "facts", "actions"  # their tables: numbers, reasons, words
MOST_CARDS = 12
WHOLE = "全部"
_UNITS = {"百分点": " 个百分点", "天": " 天", "人": " 人"}
_NUMBERS = ("n_customers", "expected_spend", "low_impact_amount", "impact_amount", "high_impact_amount")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One action with the cells that prove what is said of it.

    Attributes
    ----------
    row : of the table of actions
    numbers : column -> cell of the board
    reasons : (name of the fact, its cell, the unit said behind it)
    """

    row: Mapping[str, Any]
    numbers: Mapping[str, Cell]
    reasons: tuple[tuple[str, Cell, str], ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Everything that the card cites."""
        return (*self.numbers.values(), *(cell for _, cell, _ in self.reasons))


def suggestions(chapters: Sequence[Chapter]) -> tuple[Suggestion, ...]:
    """What the rule book suggests, most urgent first, as many as there are cards."""
    chapter = next((c for c in chapters if c.key == KEY), None)
    if chapter is None or WORDS not in chapter.result.tables:
        return ()
    tables = chapter.result.tables
    reasons = list(enumerate(tables[REASONS].rows(named=True)))
    rows = tables[WORDS].head(MOST_CARDS).rows(named=True)
    return tuple(
        Suggestion(
            row, {name: Cell(BOARD, at, name) for name in _NUMBERS}, _reasons(row["rank"], reasons)
        )
        for at, row in enumerate(rows)
    )


def _reasons(
    rank: int, rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> tuple[tuple[str, Cell, str], ...]:
    """The facts behind one suggestion, each once."""
    mine = {
        r["fact"]: (Cell(REASONS, n, "value"), _UNITS.get(r["unit"], ""))
        for n, r in rows
        if r["rank"] == rank
    }
    return tuple((fact, *told) for fact, told in mine.items())


def about(called: Sequence[Suggestion], row: Mapping[str, object]) -> Iterator[Suggestion]:
    """The suggestions for whom a row of a result is about: its need, else its segment as a whole."""
    for one in called:
        if "need" in row:
            is_same = one.row["need"] == row["need"]
        else:
            is_same = one.row["segment"] == row.get("segment") and one.row["need"] == WHOLE
        if is_same:
            yield one
