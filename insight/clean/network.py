"""IP addresses of answers: who shares one shows as an equal token, where it is from as a province."""

from __future__ import annotations

import polars as pl

from insight.clean.regions import PROVINCES
from insight.clean.values import words
from insight.privacy import tokens

_PLACE = rf"\(\s*({'|'.join(PROVINCES)})"


def network(values: pl.Series, *, secret: bytes) -> pl.DataFrame:
    """Hash addresses and read the place that 问卷星 writes behind them, ``1.2.3.4(广东-深圳)``.

    Returns
    -------
    (n) ip [32 hex digits or null], ip_region [province, null where none is named]
    """
    text = words(values).str.normalize("NFKC")
    hashed = tokens(values, "ip", secret=secret).alias("ip")
    return pl.DataFrame([hashed, text.str.extract(_PLACE, 1).alias("ip_region")])
