"""Answered dates as groups: by month, and by year where there are too many months."""

from __future__ import annotations

import polars as pl

_FORMS = {"月": "%Y-%m", "年": "%Y"}


def spans(moments: pl.Series, *, most: int) -> tuple[str, pl.Series] | None:
    """The finest spans of time that make at least two groups and at most ``most``.

    Parameters
    ----------
    moments : (n) seconds since 1970-01-01, null where there is no answer

    Returns
    -------
    "月" or "年", and (n) "2024-03" or "2024"; None where neither makes readable groups
    """
    at = pl.from_epoch(moments.cast(pl.Int64), time_unit="s")
    found = ((name, at.dt.strftime(form)) for name, form in _FORMS.items())
    return next(((n, made) for n, made in found if 2 <= made.drop_nulls().n_unique() <= most), None)
