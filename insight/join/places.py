"""Where people live, as far as a table says so: what confirms or refutes a masked phone."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from insight.clean.regions import PROVINCES
from insight.schema import Questionnaire

_ASKED = {"match_region": "省份|省市|所在地|居住地|地区|区域", "match_city": "城市|所在市"}
_HELD = {"match_region": "region", "match_city": "city"}
_MOSTLY = 0.8


def with_places(
    tables: Mapping[str, pl.DataFrame], questionnaire: Questionnaire
) -> dict[str, pl.DataFrame]:
    """Add match_region and match_city to every table that knows them.

    Parameters
    ----------
    tables : orders and customers with region and city; responses with the columns of ``questionnaire``,
        one of which may ask for the province (most answers name one) or the city
    """
    return {
        name: frame.with_columns(_asked(frame, questionnaire) if name == "responses" else _held(frame))
        for name, frame in tables.items()
    }  # fmt: skip


def _held(frame: pl.DataFrame) -> list[pl.Expr]:
    return [
        pl.col(column).cast(pl.String).alias(place)
        for place, column in _HELD.items()
        if column in frame.columns
    ]


def _asked(frame: pl.DataFrame, questionnaire: Questionnaire) -> list[pl.Expr]:
    """What respondents say, else where their address is from."""
    found = {place: c for place in _ASKED if (c := _question(frame, questionnaire, place))}
    if "ip_region" in frame.columns:
        found.setdefault("match_region", "ip_region")
    return [pl.col(column).alias(place) for place, column in found.items()]


def _question(frame: pl.DataFrame, questionnaire: Questionnaire, place: str) -> str | None:
    """The column of the first question that asks for the place in words."""
    about = (q for q in questionnaire.questions if re.search(_ASKED[place], q.wording))
    columns = (q.columns[0] for q in about if len(q.columns) == 1)
    text = (c for c in columns if frame.schema.get(c) == pl.String)
    return next((c for c in text if place == "match_city" or _provinces(frame[c])), None)


def _provinces(answers: pl.Series) -> bool:
    """Whether most answers begin with a province's name."""
    known = answers.drop_nulls()
    named = known.str.contains(f"^({'|'.join(PROVINCES)})")
    return len(known) > 0 and float(named.sum()) >= _MOSTLY * len(known)
