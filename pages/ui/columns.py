"""One column of a result table on the screen: its heading, its unit, as many decimals as it needs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import streamlit as st

from insight.currency import YUAN, used
from insight.units import VARIED, Unit, label_of, title_of, unit_of

# What stands before and behind a phrase leans towards it.
_BESIDE: Mapping[str, Literal["left", "right"]] = MappingProxyType(
    {"left": "right", "right": "left"}
)
Frame = Any  # a polars frame; pages pass it on and import no library for it


def is_part(name: str, frame: Frame) -> bool:
    """Whether the numbers are parts of one, which the screen shows times a hundred."""
    unit = unit_of(name, beside=frame.columns)
    return unit in {Unit.SHARE, Unit.POINTS} and frame.schema[name].is_numeric()


def is_p_value(name: str, frame: Frame) -> bool:
    """Whether the numbers are p values, of which the smallest are told as <0.001, never as 0.000."""
    return unit_of(name, beside=frame.columns) is Unit.P_VALUE and frame.schema[name].is_numeric()


def column(name: str, frame: Frame) -> Any:  # noqa: ANN401 (Streamlit's column)
    """How the column called ``name`` is headed and how its values are written."""
    kind, unit = frame.schema[name], unit_of(name, beside=frame.columns)
    label = title_of(name)
    if name in VARIED and "unit" in frame.columns:
        return st.column_config.TextColumn(label, alignment="right")
    if is_p_value(name, frame):
        return st.column_config.TextColumn(label, alignment="right")
    if is_part(name, frame):
        form = "%.1f" if unit is Unit.POINTS else "%.1f%%"
        return st.column_config.NumberColumn(label, format=form)
    if unit is Unit.TIME and kind.is_numeric():
        return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD")
    if kind.is_temporal():
        day = "YYYY-MM" if name == "month" else "YYYY-MM-DD"
        return st.column_config.DateColumn(label, format=day)
    if kind.is_numeric():
        if unit is Unit.MONEY:
            return _money(name, frame[name])
        return st.column_config.NumberColumn(label, format=_number(frame[name]))
    if name in _BESIDE:
        return st.column_config.TextColumn(label, width="medium", alignment=_BESIDE[name])
    return st.column_config.Column(label)


def _money(name: str, values: Frame) -> Any:  # noqa: ANN401 (Streamlit's column)
    """Whole amounts; cents where all are small. A minus never stands behind the sign of the currency.

    "yen" writes -¥176,925 and rounds, but has no cents and one sign; a printf form would write ¥-1.82, so
    other amounts of both signs have their unit in the heading.
    """
    label, is_small = title_of(name), (values.abs().max() or 0) < 100
    if used() is YUAN and not is_small:
        return st.column_config.NumberColumn(label, format="yen")
    form = "%,.2f" if is_small else "%,.0f"
    if (values.min() or 0) < 0:
        return st.column_config.NumberColumn(label_of(name), format=form)
    return st.column_config.NumberColumn(label, format=f"{used().sign}{form}")


def _number(values: Frame) -> str:
    """As many decimals as the values need."""
    if values.dtype.is_integer() or (values == values.round(0)).all():
        return "%,d"
    return "%,.1f" if (values.abs().max() or 0) >= 100 else "%,.2f"
