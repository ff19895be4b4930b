"""From raw order rows to the lines that count: which rules they passed, and what each rule took away."""

from __future__ import annotations

import polars as pl
from pydantic import BaseModel

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.wording import count, money

DONE, OFF, PARTLY = "已执行", "未启用", "部分文件执行"
END = "进入分析"


class Params(BaseModel):
    """Nothing to choose: the rules belong to the files."""


def added_up(waterfall: pl.DataFrame) -> pl.DataFrame:
    """The steps of all files together.

    Parameters
    ----------
    waterfall : (n_files x n_steps) step, label, applies, n_met, amount_met, n_rows, n_orders, amount,
        file by file; a file that lacks a step stays there at its level before

    Returns
    -------
    (n_steps + 1) rule [from 原始行 to 进入分析], action ["已执行", "未启用", "部分文件执行"], n_met [rows
        the rule meets], amount_met [their money, CNY], n_lines, n_orders, amount [left after the step,
        CNY]; orders of two files are counted in each
    """
    numbered = waterfall.with_columns(source=(pl.col("step") == "raw").cum_sum())
    longest = numbered.filter(pl.len().over("source") == pl.len().over("source").max())
    order = longest.unique("step", keep="first", maintain_order=True)
    order = order.select("step", rule="label").with_row_index("at")
    every = numbered.select("source").unique().join(order, how="cross")
    full = every.join(numbered, on=["source", "step"], how="left").sort("source", "at")
    stays = pl.col("n_rows", "n_orders", "amount").forward_fill().over("source")
    added = full.with_columns(stays).group_by("at", "step", "rule")
    sums = added.agg(
        action=_in_words(pl.col("applies").drop_nulls()), n_met=pl.sum("n_met"), amount_met=pl.sum("amount_met").round(4),
        n_lines=pl.sum("n_rows"), n_orders=pl.sum("n_orders"), amount=pl.sum("amount").round(4),
    )  # fmt: skip
    steps = sums.sort("at").drop("at", "step")
    nothing = {c: pl.lit(0, steps.schema[c]) for c in ("n_met", "amount_met")}
    end = steps.tail(1).with_columns(rule=pl.lit(END), action=pl.lit(DONE), **nothing)
    return pl.concat([steps, end])


def _in_words(applies: pl.Expr) -> pl.Expr:
    everywhere, nowhere = applies.all(), ~applies.any()
    return pl.when(everywhere).then(pl.lit(DONE)).when(nowhere).then(pl.lit(OFF)).otherwise(pl.lit(PARTLY))  # fmt: skip


def by_file(waterfall: pl.DataFrame) -> pl.DataFrame:
    """The two ends of each file.

    Returns
    -------
    (n_files) file, n_raw_lines, raw_amount [CNY as written], n_lines, n_orders, amount [CNY]
    """
    numbered = waterfall.with_columns(source=(pl.col("step") == "raw").cum_sum())
    ends = numbered.group_by("source", maintain_order=True).agg(
        pl.first("file"), n_raw_lines=pl.first("n_rows"), raw_amount=pl.first("amount"),
        n_lines=pl.last("n_rows"), n_orders=pl.last("n_orders"), amount=pl.last("amount"),
    )  # fmt: skip
    return ends.drop("source")


def findings(steps: pl.DataFrame) -> tuple[Finding, ...]:
    """What is left of the raw rows, which rules took most money, and what rules not applied would take."""
    first, last = steps.row(0, named=True), steps.row(-1, named=True)
    text = (
        f"原始数据 {count(first['n_lines'])} 行、{money(first['amount'])}，清洗后剩 {count(last['n_lines'])} 行、"
        f"{count(last['n_orders'])} 个订单、{money(last['amount'])}。"
    )
    ends = [Cell("steps", at, c) for at in (0, steps.height - 1) for c in ("n_lines", "amount")]
    ends.append(Cell("steps", steps.height - 1, "n_orders"))
    met = steps.with_row_index("at").filter(pl.col("n_met") > 0)
    taken = met.filter(pl.col("action") != OFF, pl.col("amount_met") > 0)
    largest = taken.sort("amount_met", "at", descending=[True, False]).head(3)
    idle = met.filter(pl.col("action") == OFF)
    said = [(row, f"“{row['rule']}”") for row in largest.iter_rows(named=True)]
    said += [(row, f"没有启用“{row['rule']}”，符合的") for row in idle.iter_rows(named=True)]
    return (
        Finding(text, last["n_lines"], tuple(ends)),
        *(_about(row, start, base=first["n_lines"]) for row, start in said),
    )


def _about(row: dict[str, object], start: str, *, base: int) -> Finding:
    n, amount, at = int(str(row["n_met"])), float(str(row["amount_met"])), int(str(row["at"]))
    text = f"{start}涉及 {count(n)} 行、{money(amount)}。"
    return Finding(text, base, (Cell("steps", at, "n_met"), Cell("steps", at, "amount_met")))


def drawn(steps: pl.DataFrame, value: str) -> pl.DataFrame:
    """The start, the steps that change ``value``, and the end."""
    changed = (pl.col(value) != pl.col(value).shift()).fill_null(value=True)
    return steps.filter(changed | (pl.col("rule") == END))


_NOTES = (
    "原始金额是金额列逐行相加（没有金额列时为数量×单价）；整单金额在每行重复时，这个数会偏大，“整单金额只计一次”之后才是实际金额。",
    "规则按表中顺序执行，一行只算在第一条符合的规则上；未启用的规则只统计符合的行，不剔除。",
    "整单金额按各行的单价×数量分摊（没有单价时按数量，都没有时平均），用最大余数法精确到分，每单合计不变。",
    "有订单明细文件时，订单列表的一行换成明细里的商品行，整单净额按单价×数量分摊，订单数和金额不变；没有明细的订单保留一行。",
    "净额 = 实付 − 退款；退货行按负数计。规则可以在“清洗”里或用 python -m insight clean 修改。",
    "多个文件的订单数按文件分别计算后相加。",
)


def run(dataset: Dataset, _params: Params) -> Result:
    """Add up the steps of all order files and draw them."""
    known = dataset.waterfall is not None and dataset.orders is not None
    if not known or not ledger.totals(dataset.orders)["n_lines"]:  # type: ignore[arg-type]
        raise TooFewRows("订单", 0, 1)
    waterfall = dataset.waterfall
    assert waterfall is not None
    steps = added_up(waterfall)
    pictures = {
        value: charts.cascade(drawn(steps, value), label="rule", value=value, title=title)
        for value, title in (("amount", "金额：从原始到进入分析"), ("n_lines", "行数：从原始到进入分析"))
    }  # fmt: skip
    tables = {"steps": steps, "files": by_file(waterfall)}
    return Result(tables, pictures, findings(steps), _NOTES)


ANALYSIS = Analysis(
    key="waterfall",
    title="订单清洗",
    question="原始订单经过哪些规则、剩下多少行多少钱？",
    needs={"orders": ("order_id", "amount")},
    params=Params,
    run=run,
    place=10,
)
