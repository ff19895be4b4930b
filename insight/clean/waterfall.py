"""How many rows, orders and how much money are left after each step from raw rows to order lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.cleaned import DROPPED, KEPT, flag, note
from insight.clean.rules import RULES
from insight.distinct import numbered

SCHEMA = {
    "step": pl.String, "label": pl.String, "applies": pl.Boolean, "n_met": pl.Int64, "amount_met": pl.Float64,
    "n_rows": pl.Int64, "n_orders": pl.Int64, "amount": pl.Float64,
}  # fmt: skip
"""Step by step: its key and Chinese label, whether it applies, the rows it meets and their money
[CNY], and the rows, orders and money left after it."""
LABELS: Mapping[str, str] = {
    "raw": "原始行", "items": "一格多件拆成多行", "shared": "其他文件里已有的行只计一次", "detail": "订单行换成明细文件里的商品行", "returns": "扣除退货清单里的订单", **{r.key: r.label for r in RULES},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """Rows that may still be dropped, what each is worth, and its order.

    Attributes
    ----------
    kept : (n) Boolean
    money : (n) CNY, 0 where unknown
    order : (n) number of its order; null stands for an order of its own
    steps : rows of the waterfall so far
    issues : what was dropped, row by row
    """

    kept: pl.Series
    money: pl.Series
    order: pl.Series
    steps: tuple[dict[str, object], ...] = ()
    issues: tuple[pl.DataFrame, ...] = ()


def level(money: pl.Series, order: pl.Series | None) -> Level:
    """All rows with their money as written (null counts as 0) and the id of their order, if there is one."""
    rows = pl.repeat(value=True, n=len(money), eager=True)
    ids = pl.Series([None] * len(money), dtype=pl.String) if order is None else order
    return Level(rows, money.fill_null(0.0), numbered(ids))


def told(
    state: Level,
    step: str,
    *,
    met: pl.Series | None = None,
    worth: float | None = None,
    applies: bool = True,
) -> Level:
    """Add the step as it stands now.

    Parameters
    ----------
    met : (n, Boolean) the rows it speaks of
    worth : their money [CNY]; default: what they are worth now
    """
    left = pl.DataFrame([state.money.alias("money"), state.order.alias("order")])
    about = left.filter(met) if met is not None else left.clear()
    left = left.filter(state.kept)
    row = {
        "step": step, "label": LABELS[step], "applies": applies,
        "n_met": about.height, "amount_met": _sum(about["money"]) if worth is None else round(worth, 4) + 0.0,
        "n_rows": left.height, "n_orders": left["order"].drop_nulls().n_unique() + left["order"].null_count(),
        "amount": _sum(left["money"]),
    }  # fmt: skip
    return replace(state, steps=(*state.steps, row))


def _sum(money: pl.Series) -> float:
    return round(float(money.sum()), 4) + 0.0


@dataclass(frozen=True, slots=True)
class Meets:
    """The rows a rule meets (n, Boolean), and what to say of them.

    Attributes
    ----------
    column : raw column that shows it
    reason : one Chinese sentence, or one for each row (n)
    listed : whether the rows are listed even where the rule does not apply
    remark : what there is to say of the file as a whole; "" = nothing
    """

    step: str
    rows: pl.Series
    column: str
    reason: str | pl.Series
    listed: bool = True
    remark: str = ""


def sieved(state: Level, frame: pl.DataFrame, found: Meets, *, applies: bool) -> Level:
    """Drop the rows that a rule meets and list them; where it does not apply, only count them.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    """
    if found.remark:
        said = note(found.remark, column=found.column)
        state = replace(state, issues=(*state.issues, said))
    met = found.rows.fill_null(value=False) & state.kept
    if state.steps and not met.any():
        same = {"step": found.step, "label": LABELS[found.step], "applies": applies, "n_met": 0}
        return replace(state, steps=(*state.steps, {**state.steps[-1], **same, "amount_met": 0.0}))
    kept = state.kept & ~met if applies else state.kept
    after = told(replace(state, kept=kept), found.step, met=met, applies=applies)
    if not (applies or found.listed):
        return after
    action = DROPPED if applies else KEPT
    reason = found.reason if isinstance(found.reason, str) else pl.lit(found.reason.filter(met))
    shown = frame.select(c for c in ("__line__", found.column) if c in frame.columns).filter(met)
    listed = flag(shown, pl.lit(value=True), column=found.column, reason=reason, action=action)  # fmt: skip
    return replace(after, issues=(*after.issues, listed))


def table(steps: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """The steps as a table of ``SCHEMA``."""
    return pl.DataFrame(list(steps), schema=SCHEMA, orient="row")


def counted_once(waterfall: pl.DataFrame | None, lines: pl.DataFrame) -> pl.DataFrame | None:
    """One more step: the lines that are left when those of another file were taken off.

    Parameters
    ----------
    waterfall : of the file, or None
    lines : (n_lines) order_id, amount: what is left of it
    """
    if waterfall is None:
        return None
    before = waterfall.row(-1, named=True)
    amount = _sum(lines["amount"])
    row = {
        "step": "shared", "label": LABELS["shared"], "applies": True,
        "n_met": before["n_rows"] - lines.height, "amount_met": round(before["amount"] - amount, 4),
        "n_rows": lines.height, "n_orders": lines["order_id"].n_unique(), "amount": amount,
    }  # fmt: skip
    if waterfall["step"][-1] == "shared":
        previous = waterfall.row(-2, named=True)
        row |= {"n_met": previous["n_rows"] - lines.height, "amount_met": round(previous["amount"] - amount, 4)}  # fmt: skip
        waterfall = waterfall.head(-1)
    return pl.concat([waterfall, table([row])])


def given_back(
    waterfall: pl.DataFrame | None, lines: pl.DataFrame, *, n: int
) -> pl.DataFrame | None:
    """One more step: another file says that the orders of ``n`` lines were given back; the lines stay.

    Parameters
    ----------
    waterfall : of the file, or None
    lines : (n_lines) order_id, amount: what the file now holds
    """
    if waterfall is None:
        return None
    before, amount = waterfall.row(-1, named=True), _sum(lines["amount"])
    row = {
        "step": "returns", "label": LABELS["returns"], "applies": True, "n_met": n,
        "amount_met": round(before["amount"] - amount, 4),
        "n_rows": lines.height, "n_orders": before["n_orders"], "amount": amount,
    }  # fmt: skip
    return pl.concat([waterfall, table([row])])


def is_net(waterfall: pl.DataFrame | None) -> bool:
    """Whether refunds are taken off the money of the file, as they are unless the user decided otherwise."""
    return waterfall is None or waterfall.filter(pl.col("step") == "net")["applies"].all()


def detailed(waterfall: pl.DataFrame | None, lines: pl.DataFrame, *, n: int) -> pl.DataFrame | None:
    """One more step: ``n`` rows of orders were exchanged for their lines, and the money shared among these.

    Parameters
    ----------
    waterfall : of the file, or None
    lines : (n_lines) order_id, amount: what the file now holds
    """
    if waterfall is None:
        return None
    row = {
        "step": "detail", "label": LABELS["detail"], "applies": True, "n_met": n, "amount_met": 0.0,
        "n_rows": lines.height, "n_orders": lines["order_id"].n_unique(), "amount": _sum(lines["amount"]),
    }  # fmt: skip
    return pl.concat([waterfall, table([row])])
