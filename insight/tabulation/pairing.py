"""Every two columns that were compared, as a table, and the cells that lie significantly above others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.stats.pairs import Pairs
from insight.stats.proportions import Floats


def comparisons(
    pairs: Pairs, figures: Floats, *, rows: pl.DataFrame, names: Sequence[str], called: tuple[str, str, str]
) -> pl.DataFrame:  # fmt: skip
    """Every comparison that was made, one below the other.

    Parameters
    ----------
    figures : (n_rows, n_columns) what was compared
    rows : (n_rows) what names a row
    names : (n_columns) of the columns
    called : the names of the left figure, of the right one and of their difference

    Returns
    -------
    (n_comparisons) the columns of ``rows``, column [the left one], other, the three of ``called``, statistic [z or t],
        df [of t], p_value, p_adjusted
    """
    line, at = np.nonzero(~np.isnan(pairs.p_value))
    heads = np.array([*names, ""], dtype=object)
    left, right = pairs.left[at], pairs.right[at]
    first, second = figures[line, left], figures[line, right]
    told: dict[str, pl.Series | Floats] = {
        "column": pl.Series(heads[left], dtype=pl.String), "other": pl.Series(heads[right], dtype=pl.String),
        **dict(zip(called, (first, second, first - second), strict=True)), "statistic": pairs.statistic[line, at],
        **({} if pairs.df is None else {"df": pairs.df[line, at]}),
        "p_value": pairs.p_value[line, at], "p_adjusted": pairs.p_adjusted[line, at],
    }  # fmt: skip
    return rows[line].with_columns(**told)


def paired(cells: pl.DataFrame, pairs: pl.DataFrame, *, level: float) -> list[tuple[int, int]]:
    """Row numbers (higher, lower) in ``cells`` of every comparison whose adjusted p is at most ``level``."""
    keys = ["question", "row", "break"]
    left_wins = pl.col("statistic") > 0
    sides = pairs.filter(pl.col("p_adjusted") <= level).select(
        *keys,
        higher=pl.when(left_wins).then("column").otherwise("other"),
        lower=pl.when(left_wins).then("other").otherwise("column"),
    )
    places = cells.with_row_index("at").select(*keys, "column", "at")
    for side in ("higher", "lower"):
        sides = sides.join(places.rename({"column": side, "at": f"at_{side}"}), on=(*keys, side), how="left", maintain_order="left")  # fmt: skip
    return sides.select("at_higher", "at_lower").rows()
