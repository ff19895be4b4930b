"""Which products or categories are bought together more often than chance, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BasketsTooLarge, MissingColumns, TooFewRows
from insight.narrowing import among_customers
from insight.offers.items import NAMES, Of, column_of
from insight.parameters import picked
from insight.settings import settings
from insight.stats.basket_rules import rules
from insight.stats.baskets import Holdings, frequent_sets, memory_mb
from insight.units import Unit, written
from insight.wording import count, decimal, percent

LARGE = 50  # items; a fuller basket is a wholesale order and would pair everything with everything
MOST_RULES, MOST_DRAWN, MOST_TOLD, LEVEL, AND = 2_000, 12, 4, 0.05, " + "
_BASKETS: Mapping[ledger.Basket, str] = {"order": "订单", "customer": "客户"}
_TEST = f"Fisher 精确检验（单侧，校正后 p≤{LEVEL:g}，Benjamini–Hochberg 校正，以达到最低支持度的全部规则为一族）"


class Params(BaseModel):
    """What lies in a basket, and what makes a rule."""

    level: Of = picked("product", NAMES, title="看什么", description="商品很多、规则太少时改看品类")
    basket: ledger.Basket = picked("order", {"order": "同一订单", "customer": "同一客户（全部订单）"}, title="一起买指")  # fmt: skip
    min_support: float = Field(default=0.005, ge=0.0001, le=1, title="最低支持度", description="同时含有这些内容的篮子至少占多少")  # fmt: skip
    min_confidence: float = Field(default=0.1, ge=0, le=1, title="最低置信度", description="买了前项的篮子里，至少有多少也买后项")  # fmt: skip
    max_length: int = Field(default=3, ge=2, le=10, title="最多几项", description="前项和后项合计")
    prune: bool = Field(default=True, title="去掉冗余规则", description="前项更少、置信度不低的规则已经说明同一件事时，不再列出")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Baskets:
    """What the baskets hold, by number.

    Attributes
    ----------
    names : of the frequent items
    least : baskets that a set must lie in
    n_large : baskets left out for their size
    """

    held: Holdings
    names: tuple[str, ...]
    least: int
    n_large: int


def read(dataset: Dataset, params: Params) -> Baskets:
    """The baskets of the study, after it is clear that the search fits into memory.

    Raises
    ------
    TooFewRows : no basket holds two different items.
    BasketsTooLarge : the search would take more memory than a piece of work may.
    """
    assert dataset.orders is not None
    item = column_of(dataset, params.level, title="一起购买")
    if params.basket == "customer" and "customer_id" not in dataset.columns("orders"):
        raise MissingColumns("一起购买", ("订单：客户编号",))
    sizes = ledger.basket_sizes(dataset.orders, item, basket=params.basket)
    usual = sizes.filter(pl.col("n_items") <= LARGE)
    if usual["n_items"].max() in (None, 1):
        raise TooFewRows(f"含 2 至 {LARGE} 种{NAMES[item]}的{_BASKETS[params.basket]}", 0, 1)
    n = int(usual["n_baskets"].sum())
    least = max(1, ceil(round(params.min_support * n, 6)))
    items = ledger.basket_items(dataset.orders, item, basket=params.basket, least=least, most=LARGE)
    needed = memory_mb(n_holdings=int(items["n_baskets"].sum()), n_baskets=n, n_items=items.height)
    if needed > settings().worker_memory_mb:
        raise BasketsTooLarge(ceil(needed), settings().worker_memory_mb)
    names = tuple(items[item])
    pairs = ledger.holdings(dataset.orders, item, basket=params.basket, items=names, most=LARGE)
    number = pairs["basket"].to_numpy(), pairs["item"].to_numpy()
    return Baskets(Holdings(*number, n), names, least, int(sizes["n_baskets"].sum()) - n)


def run(dataset: Dataset, params: Params) -> Result:
    """Find the frequent sets, make their rules, and keep those that say something of their own."""
    baskets = read(dataset, params)
    levels = frequent_sets(baskets.held, least=baskets.least, max_length=params.max_length)
    every = rules(levels, n_baskets=baskets.held.n_baskets)
    found = every.filter(pl.col("confidence") >= params.min_confidence)
    own = found.filter(pl.col("improvement") > 0)
    chosen = own if params.prune else found
    totals = pl.DataFrame({
        "n_baskets": [baskets.held.n_baskets], "n_large_baskets": [baskets.n_large], "n_items": [len(baskets.names)],
        "n_sets": [sum(len(s.items) for s in levels)], "n_tests": [every.height], "n_found": [found.height],
        "n_redundant": [found.height - own.height], "n_rules": [chosen.height],
    })  # fmt: skip
    table = _named(chosen, baskets.names)
    words = NAMES[column_of(dataset, params.level, title="一起购买")], _BASKETS[params.basket]
    notes = _notes(totals.row(0, named=True), params, words)
    tables = {"rules": table, "totals": totals}
    return Result(tables, _pictures(table), findings(table, totals, params), notes)


_COLUMNS = (
    "antecedent", "consequent", "n_baskets", "n_antecedent", "support", "confidence", "lift", "improvement_difference", "leverage", "conviction",
    "p_adjusted",
)  # fmt: skip


def _named(found: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The rules in the words of the data, highest lift first."""
    name = dict(enumerate(names))
    one = pl.element().replace_strict(name, return_dtype=pl.String)
    told = found.rename({"improvement": "improvement_difference"}).with_columns(
        pl.col("antecedent").list.eval(one).list.join(AND),
        pl.col("consequent").replace_strict(name, return_dtype=pl.String),
    )
    order = ("lift", "confidence", "n_baskets", "antecedent", "consequent")
    down = [True, True, True, False, False]
    return told.sort(order, descending=down).select(_COLUMNS).head(MOST_RULES)


def _once(table: pl.DataFrame) -> Iterable[dict[str, Any]]:
    """The rules, of those over the same items only the first: its direction is the surer one."""
    seen: set[frozenset[str]] = set()
    for row in table.with_row_index("at").iter_rows(named=True):
        items = frozenset([*row["antecedent"].split(AND), row["consequent"]])
        if items not in seen:
            seen.add(items)
            yield row


def _solid(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The tested rules with enough baskets behind them, each set of items once."""
    least = settings().small_base
    return [r for r in _once(table) if r["p_adjusted"] <= LEVEL and r["n_antecedent"] >= least and r["lift"] > 1]  # fmt: skip


def _pictures(table: pl.DataFrame) -> dict[str, alt.TopLevelMixin]:
    shown = _solid(table)[:MOST_DRAWN]
    if not shown:
        return {}
    columns = ("lift", "confidence", "support", "n_baskets")
    drawn = [{"rule": f"{r['antecedent']} → {r['consequent']}"} | {c: r[c] for c in columns} for r in shown]  # fmt: skip
    title = "买了前项的人买后项，是平时的几倍（提升度）"
    return {"lift": charts.bars(pl.DataFrame(drawn), label="rule", value="lift", title=title)}


def findings(table: pl.DataFrame, totals: pl.DataFrame, params: Params) -> tuple[Finding, ...]:
    """How many rules there are, and the strongest of them."""
    n, n_rules = totals.row(0, named=True)["n_baskets"], totals["n_rules"][0]
    what = _BASKETS[params.basket]
    limits = f"最低支持度 {percent(params.min_support, digits=2)}、最低置信度 {percent(params.min_confidence)}"  # fmt: skip
    tail = "" if n_rules else "；可以降低门槛，或改看品类、改看同一客户"
    lead = f"{count(n)} 个{what}里找到 {count(n_rules)} 条规则（{limits}）{tail}。"
    cells = tuple(Cell("totals", 0, c) for c in ("n_baskets", "n_rules"))
    return (Finding(lead, n, cells), *(_told(row, what) for row in _solid(table)[:MOST_TOLD]))


def _told(row: Mapping[str, Any], what: str) -> Finding:
    bought = "、".join(f"“{name}”" for name in row["antecedent"].split(AND))
    text = (
        f"买了{bought}的{what}里，{percent(row['confidence'])} 也买了“{row['consequent']}”，是平时的 {decimal(row['lift'], digits=2)} 倍"
        f"（两者都买的{what} {count(row['n_baskets'])} 个，占 {percent(row['support'])}；校正后 p {_p(row['p_adjusted'])}）。"
    )
    told = ("confidence", "lift", "n_baskets", "support", "p_adjusted")
    return Finding(text, row["n_antecedent"], tuple(Cell("rules", row["at"], c) for c in told), _TEST)  # fmt: skip


def _p(value: float) -> str:
    told = written(value, Unit.P_VALUE)
    return told if told.startswith("<") else f"= {told}"


def _notes(totals: Mapping[str, int], params: Params, words: tuple[str, str]) -> tuple[str, ...]:
    item, basket = words
    more = f"；只列提升度最高的 {count(MOST_RULES)} 条" if totals["n_rules"] > MOST_RULES else ""
    pruned = "没有列出" if params.prune else "仍然列出"
    return (
        f"篮子：一个{basket}里付过款的不同{item}，付款后退款的也算；基数 {count(totals['n_baskets'])} 个{basket}。",
        f"超过 {LARGE} 种{item}的 {count(totals['n_large_baskets'])} 个{basket}多为批发，不参与，也不在基数里。",
        "支持度：前项和后项都有的篮子占比；置信度：有前项的篮子里也有后项的比例；提升度：置信度 ÷ 后项的平时占比；杠杆：支持度减去两者无关时应有的占比；确信度：两者无关时规则出错的比例 ÷ 实际出错的比例，置信度 100% 时无法计算。",
        f"检验：{_TEST}，共 {count(totals['n_tests'])} 条；相关不等于因果。",
        f"冗余：前项更少（含没有前项）、后项相同的规则置信度不低时为冗余，共 {count(totals['n_redundant'])} 条，{pruned}；“比更短的规则高”是置信度之差。",
        f"频繁项 {count(totals['n_items'])} 个，频繁组合 {count(totals['n_sets'])} 个{more}；有前项的篮子不足 {settings().small_base} 个、或检验不显著的规则不写入结论和图。",
    )


ANALYSIS = among_customers(
    Analysis(
        key="basket_rules",
        title="一起购买",
        question="哪些东西常常一起买？",
        needs={"orders": ("order_id", "ordered_at", "amount")},
        params=Params,
        run=run,
        place=30,
        theme="连带",
    )
)
