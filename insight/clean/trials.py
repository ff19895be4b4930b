"""Responses that the platform itself marks as no real ones are set aside."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.clean.cleaned import DROPPED, flag, together
from insight.clean.headers import fold, known_as
from insight.clean.values import by_distinct, plain
from insight.presets import TestRule


def without_trials(
    frame: pl.DataFrame, *, rules: Sequence[TestRule]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Drop the responses that a rule of the platform picks.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw text columns
    rules : of the preset

    Returns
    -------
    the other responses, and the issues of the dropped ones
    """
    issues = []
    for rule in rules:
        column = next((c for c in frame.columns if fold(rule.column) in known_as(c)), None)
        if column is not None:
            is_trial = by_distinct(frame[column], plain).is_in(list(rule.values))
            issues.append(flag(frame, is_trial, column=column, reason=rule.reason, action=DROPPED))
            frame = frame.filter(~is_trial.fill_null(value=False))
    return frame, together(issues)
