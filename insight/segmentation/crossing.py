"""Two breaks laid across each other: customers and money of every pair of groups, and which are unusual."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from insight.segmentation.breaks import Break
from insight.segmentation.profile import share_of_total
from insight.settings import settings
from insight.stats.association import Association
from insight.stats.multiple import adjusted
from insight.stats.proportions import Floats

LEVEL = 0.05


def paired(customers: pl.DataFrame, rows: Break, columns: Break) -> pl.DataFrame:
    """The customers that both breaks know: their columns, row, column."""
    first = customers.join(rows.members.rename({"group": "row"}), on="customer_id")
    return first.join(columns.members.rename({"group": "column"}), on="customer_id")


def cross(customers: pl.DataFrame, rows: Break, columns: Break) -> pl.DataFrame:
    """Customers and money of every pair of groups.

    Parameters
    ----------
    customers : (n_customers) customer_id, n_orders, spend [CNY]

    Returns
    -------
    (n_rows x n_columns) row, column, n_customers, base [customers of the row], share [of the row's
        customers; null where the base is below the smallest that is shown], spend [CNY, net], n_orders
    """
    both = paired(customers, rows, columns)
    counted = both.group_by("row", "column", maintain_order=True).agg(
        n_customers=pl.len().cast(pl.Int64),
        spend=pl.col("spend").sum().round(4),
        n_orders=pl.col("n_orders").sum(),
    )
    names = pl.DataFrame({"row": rows.groups}, schema={"row": pl.String})
    grid = names.join(
        pl.DataFrame({"column": columns.groups}, schema={"column": pl.String}), how="cross"
    )
    table = grid.join(counted, on=["row", "column"], how="left", maintain_order="left")
    filled = table.with_columns(pl.col("n_customers", "n_orders").fill_null(0), pl.col("spend").fill_null(0.0))  # fmt: skip
    based = filled.with_columns(base=pl.col("n_customers").sum().over("row"))
    enough = pl.col("base") >= settings().tiny_base
    share = pl.when(enough).then(pl.col("n_customers") / pl.col("base")).alias("share")
    return based.select("row", "column", "n_customers", "base", share, "spend", "n_orders")


def tested(table: pl.DataFrame, found: Association) -> pl.DataFrame:
    """Every cell beside what it would be if rows and columns were not related.

    Parameters
    ----------
    table : (n_rows x n_columns) as ``crossing.cross`` gives it, row by row
    found : the association of its counts

    Returns
    -------
    (n_rows x n_columns) row_group, column_group, n_customers, base, share [of the row], share_all [of everybody],
        tgi, expected [customers], z [adjusted residual], q_value, reading ["高于" | "低于" | ""], spend,
        share_of_spend, spend_per_customer, average_order_value
    """
    everybody = pl.col("n_customers").sum()
    share_all = pl.col("n_customers").sum().over("column") / everybody
    q_value = adjusted(found.p_cell, "bh").ravel()
    shown = pl.col("base") >= settings().tiny_base
    some = pl.col("n_customers") > 0
    z, q = (
        pl.Series(n, v).fill_nan(None)
        for n, v in (("z", found.residual.ravel()), ("q_value", q_value))
    )
    beside = table.with_columns(
        z, q, expected=pl.Series(found.expected.ravel()), share_all=share_all
    )
    beside = beside.with_columns(pl.when(shown).then(pl.col("z", "q_value")))
    is_real = pl.col("q_value") <= LEVEL
    reading = (
        pl.when(is_real & (pl.col("z") > 0)).then(pl.lit("高于")).when(is_real).then(pl.lit("低于"))
    )
    return (
        beside.rename({"row": "row_group", "column": "column_group"})
        .with_columns(
            tgi=pl.when(pl.col("share_all") > 0).then(100 * pl.col("share") / pl.col("share_all")),
            reading=reading.otherwise(pl.lit("")),
            share_of_spend=share_of_total(pl.col("spend")),
            spend_per_customer=pl.when(some).then(pl.col("spend") / pl.col("n_customers")),
            average_order_value=pl.when(some).then(pl.col("spend") / pl.col("n_orders")),
        )
        .select(_CELLS)
    )


_CELLS = (
    "row_group", "column_group", "n_customers", "base", "share", "share_all", "tgi", "expected", "z", "q_value", "reading", "spend",
    "share_of_spend", "spend_per_customer", "average_order_value",
)  # fmt: skip


def counts_of(table: pl.DataFrame, *, n_rows: int) -> Floats:
    """The customers of a table that stands row by row, as a matrix."""
    counts: Floats = table["n_customers"].cast(pl.Float64).to_numpy().reshape(n_rows, -1)
    return counts


def overview(tables: Mapping[str, tuple[pl.DataFrame, Association]]) -> pl.DataFrame:
    """How strongly each tested pair is related, the shown pair first.

    Returns
    -------
    (n_pairs) variable ["主要购买地区 × 消费层级"], n_customers, chi2, df, p_value, q_value, cramers_v [bias
        corrected], n_low [cells that expect fewer than five customers]
    """
    rows = [
        (name, int(table["n_customers"].sum()), found.chi2, found.df, found.p_value, found.v, found.n_low)
        for name, (table, found) in tables.items()
    ]  # fmt: skip
    made = pl.DataFrame(rows, schema=_PAIRS, orient="row")
    q_value = pl.Series("q_value", adjusted(made["p_value"].to_numpy(), "bh"))
    return made.insert_column(5, q_value).with_columns(pl.selectors.float().fill_nan(None))


_PAIRS = {
    "variable": pl.String, "n_customers": pl.Int64, "chi2": pl.Float64, "df": pl.Int64, "p_value": pl.Float64,
    "cramers_v": pl.Float64, "n_low": pl.Int64,
}  # fmt: skip
