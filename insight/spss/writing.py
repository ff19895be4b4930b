"""The bytes of a .sav: variables by pyreadstat, then what it cannot write: sets, the weight, a fixed date."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from insight.spss.naming import LONGEST_LABEL, LONGEST_TEXT, cut, names_of, value_labels
from insight.spss.records import completed
from insight.spss.variables import Several, Variable


def written(
    variables: Sequence[Variable], sets: Sequence[Several], *, title: str, made_at: datetime, weight: str = "", notes: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """The file; the same variables give the same bytes.

    Parameters
    ----------
    variables : at least one; their names are made legal and different
    weight : name of the variable that weights the cases; "" = none
    notes : what the documents of the file say, cut to lines
    """
    legal = names_of(v.name for v in variables)
    renamed = {v.name: name for v, name in zip(variables, legal, strict=True)}
    named = [replace(v, name=name) for v, name in zip(variables, legal, strict=True)]
    held = [replace(s, variables=tuple(renamed[v] for v in s.variables)) for s in sets]
    data = _plain(named, title=title, notes=notes)
    return completed(data, held, weight=renamed.get(weight, ""), made_at=made_at)


def _plain(variables: Sequence[Variable], *, title: str, notes: Sequence[str]) -> bytes:
    """What pyreadstat writes."""
    import pyreadstat

    frame = pl.DataFrame([_fitting(v.values).alias(v.name) for v in variables])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        pyreadstat.write_sav(
            frame, str(path), file_label=cut(title, 60), row_compress=True,
            column_labels={v.name: cut(v.label, LONGEST_LABEL) for v in variables},
            variable_value_labels={v.name: value_labels(v.labels) for v in variables if v.labels},
            missing_ranges={v.name: list(v.missing) for v in variables if v.missing},
            variable_measure={v.name: v.measure for v in variables},
            variable_format={v.name: v.form or _form(v) for v in variables if v.form or v.values.dtype != pl.String},
            note=[line for note in notes for line in _lines(note)] or None,
        )  # fmt: skip
        return path.read_bytes()


def _fitting(values: pl.Series) -> pl.Series:
    """Texts no longer than SPSS takes."""
    if values.dtype != pl.String:
        return values
    if (values.str.len_bytes().max() or 0) <= LONGEST_TEXT:  # type: ignore[operator]
        return values.fill_null("")
    return pl.Series(values.name, [cut(v or "", LONGEST_TEXT) for v in values], dtype=pl.String)


def _form(variable: Variable) -> str:
    """Whole numbers without decimals."""
    values = variable.values.drop_nulls()
    return "F8.0" if (values == values.round(0)).all() else "F10.2"


def _lines(note: str) -> list[str]:
    """A note in lines of 80 bytes, as SPSS keeps documents."""
    lines, rest = [], note
    while rest:
        line = cut(rest, 80)
        lines.append(line)
        rest = rest[len(line) :]
    return lines
