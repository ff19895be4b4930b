"""One variable of an SPSS file, and the codes for answers that are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from insight.schema import MISSING_LABELS, Missing

Measure = Literal["nominal", "ordinal", "scale"]
_REASONS = (
    Missing.NOT_ASKED,
    Missing.REFUSED,
    Missing.NO_ANSWER,
)  # 7, 8 and 9 at the end of the code


@dataclass(frozen=True, slots=True)
class Variable:
    """One column of the file.

    Attributes
    ----------
    values : (n) Float64, or text; null = system-missing
    labels : code -> label, also those of missing codes
    missing : codes that count as missing
    form : SPSS display format, "" = the usual one
    """

    name: str
    label: str
    values: pl.Series
    measure: Measure
    labels: Mapping[float, str] = field(default_factory=dict)
    missing: tuple[float, ...] = ()
    form: str = ""


@dataclass(frozen=True, slots=True)
class Several:
    """A question of several answers: dichotomies whose counted value is 1."""

    name: str
    label: str
    variables: tuple[str, ...]


def with_missing(numbers: pl.Series, why: pl.Series, *, known: Sequence[float] = ()) -> tuple[pl.Series, dict[float, str]]:  # fmt: skip
    """Numbers with a code for every known reason of absence, and the labels of these codes.

    Parameters
    ----------
    numbers : (n) null where there is no answer
    why : (n) a value of ``Missing``, null where nothing is known
    known : codes of options that nobody may have chosen

    Returns
    -------
    Float64, and e.g. ``{-97: "未被问到", -99: "未答"}``: -97, -98, -99; -997 … where numbers come near these
    """
    values = numbers.cast(pl.Float64).fill_nan(None)
    lowest = min([*known, float(values.min() or 0.0), 0.0])  # type: ignore[arg-type]
    power = 2
    while -(10.0**power) >= lowest - 10:
        power += 1
    while lowest <= -(10.0**power) + 10:
        power += 1
    codes = {m.value: -(10.0**power) + 3 - at for at, m in enumerate(_REASONS)}
    absent = values.is_null()
    found = {m: code for m, code in codes.items() if ((why == m) & absent).any()}
    if not found:
        return values, {}
    reasons = why.replace_strict(found, default=None, return_dtype=pl.Float64)
    filled = values.zip_with(~absent, reasons)
    return filled, {code: MISSING_LABELS[m] for m, code in found.items()}
