"""How the cells of one questionnaire export are read: what is an answer, and why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

import polars as pl

from insight.clean.values import plain, trimmed
from insight.readers.raw import Codebook
from insight.schema import UNDECIDED, Decisions, Missing, QuestionKind
from insight.simplified import simplified, traditional

WHY = pl.Enum([why.value for why in Missing])
_NOT_ASKED = re.compile(
    r"跳过|未被问到|不适用|未显示|未出现|not asked|skipped|inapplicable", re.IGNORECASE
)
_WHOLE = r"^(-?\d+)\.0+$"  # -3.0 is -3
_REFUSED = re.compile(r"拒|refus|prefer not", re.IGNORECASE)

# What people and platforms write so that it can mean nothing else; everything beyond this must be
# known from the platform, from the file's own codebook, or from the user.
SAID: Mapping[str, Missing] = MappingProxyType({
    "(跳过)": Missing.NOT_ASKED, "(未显示)": Missing.NOT_ASKED, "(空)": Missing.NO_ANSWER, "(未答)": Missing.NO_ANSWER,
    "(未选)": Missing.NO_ANSWER, "(未填)": Missing.NO_ANSWER, "拒答": Missing.REFUSED, "(拒答)": Missing.REFUSED,
    "拒绝回答": Missing.REFUSED, "(拒绝回答)": Missing.REFUSED,
})  # fmt: skip
WJX_CODES: Mapping[str, Missing] = MappingProxyType(
    {"-3": Missing.NOT_ASKED, "-2": Missing.NO_ANSWER}
)


@dataclass(frozen=True, slots=True)
class Answers:
    """One raw column: the answers (n, null where there is none) and why there is none (n, ``WHY``)."""

    values: pl.Series
    why: pl.Series

    @property
    def skipped(self) -> pl.Series:
        """Who was not asked (n, Boolean)."""
        return (self.why == Missing.NOT_ASKED.value).fill_null(value=False)

    @property
    def seen(self) -> pl.Series:
        """Who answered, or is known to have left it empty or to have declined (n, Boolean)."""
        return self.values.is_not_null() | (self.why.is_not_null() & ~self.skipped)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of an export before its questions are typed.

    Attributes
    ----------
    answers_are : "text", "code" or "score" of options
    missing : what stands in a cell -> why there is no answer, for the platform
    separators : what the platform joins several options with, most usual first; empty = any
    kinds : regular expression of a header -> the kind of question it says
    decisions : what the user decided
    codebook : what the file says of its own columns, or None
    """

    answers_are: Literal["text", "code", "score"] = "text"
    missing: Mapping[str, Missing] = field(default_factory=dict)
    separators: tuple[str, ...] = ()
    kinds: Mapping[str, QuestionKind] = field(default_factory=dict)
    decisions: Decisions = UNDECIDED
    codebook: Codebook | None = None

    @property
    def coded(self) -> bool:
        """Whether the file holds numbers instead of option texts."""
        return self.answers_are != "text"

    def kind(self, question: str) -> QuestionKind | None:
        """The kind the user gave to a question, or None."""
        return self.decisions.kinds.get(question)

    def answers(self, raw: pl.Series, *, question: str = "") -> Answers:
        """Read a raw question column (n)."""
        reasons = self._reasons(raw.name, question)
        cells = raw.drop_nulls().unique()  # all that follows is of these few
        text, read = plain(cells).str.replace(_WHOLE, "$1"), trimmed(cells)
        silent = text.is_in(list(reasons))
        why = pl.Series([None], dtype=WHY).new_from_index(0, len(raw))
        if silent.any():
            whys = text.filter(silent).replace_strict(reasons, return_dtype=WHY)
            why = raw.replace_strict(cells.filter(silent), whys, default=None, return_dtype=WHY)
            read = read.set(silent, None)
        if read.equals(cells):
            return Answers(raw, why)
        return Answers(raw.replace_strict(cells, read, default=None), why)

    def _reasons(self, column: str, question: str) -> dict[str, str]:
        """What may stand in a cell -> why; what the user decided for the question comes last."""
        own = self.decisions.missing
        variable = self.codebook.variables.get(column) if self.codebook else None
        declared = {cell: _declared(cell) for cell in variable.missing} if variable else {}
        parts = (SAID, self.missing, declared, own.get("", {}), own.get(question, {}))
        return {_plain(form): why.value for part in parts for cell, why in part.items() for form in (cell, traditional(cell))}  # fmt: skip


@lru_cache(maxsize=1024)
def _plain(cell: str) -> str:
    return str(plain(pl.Series([cell]))[0] or "")


def _declared(label: str) -> Missing:
    """Why a value that the file declares as missing is none, from its label."""
    label = simplified(label)
    if _NOT_ASKED.search(label):
        return Missing.NOT_ASKED
    return Missing.REFUSED if _REFUSED.search(label) else Missing.NO_ANSWER


def seen_of(columns: list[Answers]) -> pl.Series:
    """Who saw a question that several columns hold (n, Boolean)."""
    return pl.select(pl.any_horizontal(*(a.seen for a in columns))).to_series()


def why_of(columns: list[Answers]) -> pl.Series:
    """Why a question of several columns has no answer at all (n, ``WHY``); null where it has one.

    Who was not asked one column and left another empty saw the question.
    """
    frame = pl.DataFrame({str(i): a.why for i, a in enumerate(columns)})
    strongest = (Missing.REFUSED, Missing.NO_ANSWER, Missing.NOT_ASKED)
    reasons = pl.coalesce(
        pl.when(pl.any_horizontal(pl.all() == why.value)).then(pl.lit(why.value, dtype=WHY))
        for why in strongest
    )
    answered = pl.select(pl.any_horizontal(*(a.values.is_not_null() for a in columns))).to_series()
    return frame.select(reasons.alias("why")).to_series().set(answered, None)
