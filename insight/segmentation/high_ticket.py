"""Who is a high-ticket customer: one definition for every page, by order value, largest order or spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insight import ledger
from insight.errors import BadParameter, MissingColumns, TooFewRows
from insight.parameters import picked
from insight.schema import Definitions
from insight.segmentation.tiers import share_above
from insight.wording import money, percent

HIGH, OTHERS = "高客单", "其他客单"
GROUPS = (HIGH, OTHERS)
Measure = Literal["average_order_value", "largest_order_amount", "spend"]
MEASURES: dict[str, str] = {
    "average_order_value": "客单价", "largest_order_amount": "最高单笔金额", "spend": "消费总额",
}  # fmt: skip
_RULES = {"top_share": "全体中靠前", "top_of_category": "同品类中靠前", "amount": "固定金额"}  # fmt: skip


class Definition(BaseModel):
    """What is compared, and where the line is drawn."""

    model_config = ConfigDict(frozen=True)

    measure: Measure = picked(
        "average_order_value", MEASURES, title="比什么", description="客单价为消费金额 ÷ 付款订单数"
    )
    rule: Literal["top_share", "top_of_category", "amount"] = picked(
        "top_share",
        _RULES,
        title="怎么划线",
        description="同品类：只和主要品类（消费最多的品类）相同的客户比",
    )
    top_share: float = Field(
        default=0.2, ge=0.01, le=0.9, title="前多少", description="0.2 即前 20%"
    )
    amount: float = Field(
        default=0.0, ge=0, title="固定金额（元）", description="达到即算高客单；只用于固定金额"
    )
    category: str = Field(
        default="",
        title="只看一个品类",
        description="留空表示全部品类",
        json_schema_extra={"one_of": "categories"},
    )
    window_days: int = Field(
        default=0, ge=0, le=3650, title="回看天数", description="0 表示全部订单"
    )

    @property
    def _share(self) -> str:
        return percent(self.top_share, digits=0 if round(self.top_share * 100, 6) % 1 == 0 else 1)

    @property
    def period(self) -> str:
        """Which orders count, as a Chinese phrase."""
        return f"最近 {self.window_days} 天" if self.window_days else "全部订单"

    @property
    def in_words(self) -> str:
        """The definition as a Chinese phrase."""
        where = f"“{self.category}”的" if self.category else ""
        when = self.period if self.window_days else ""
        what = f"{when}{where}{MEASURES[self.measure]}"
        match self.rule:
            case "amount":
                return f"{what}不低于 {money(self.amount)}"
            case "top_of_category":
                return f"{what}在主要品类相同的客户中居前 {self._share}"
            case "top_share":
                return f"{what}居前 {self._share}"


@dataclass(frozen=True, slots=True)
class Tickets:
    """Every customer on one side of the line.

    Attributes
    ----------
    customers : (n_customers) as ``sizes`` gives them, with above [share of those compared whose
        measure is higher, null where nothing is compared] and group
    is_flat : all have the same measure, so nobody is high-ticket
    """

    customers: pl.DataFrame
    is_flat: bool


def recorded(definitions: Definitions) -> Definition:
    """The definition that the study's recipe holds (BadParameter: it cannot be used)."""
    try:
        return Definition.model_validate(definitions.high_ticket)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        reason = "研究里记录的值不能用，请在“分层”页的“高客单”里重新设定"
        raise BadParameter(f"high_ticket.{field}", reason) from error


def tickets(orders: ledger.Orders, definition: Definition) -> Tickets:
    """Split the customers into 高客单 and 其他客单: ``parted(sizes(...))``."""
    return parted(sizes(orders, definition), definition)


def parted(customers: pl.DataFrame, definition: Definition) -> Tickets:
    """Draw the line through the customers.

    Parameters
    ----------
    customers : (n_customers) as ``sizes`` gives them for this definition

    Returns
    -------
    Tickets; averages that are equal to a hundredth of a cent share a group, and of a share so do all
        who tie at the line, so that the group can be larger than the share. Where everybody who is
        compared has the same measure, nobody is high-ticket.

    Raises
    ------
    BadParameter : the fixed amount is 0.
    """
    value = pl.col("value")
    above = share_above(value, among="among")
    differ = value.drop_nulls().n_unique().over("among") > 1
    told = customers.with_columns(above=above, differ=differ)
    if definition.rule == "amount":
        if definition.amount <= 0:
            raise BadParameter("固定金额（high_ticket.amount）", "应大于 0")
        is_high, is_flat = value >= definition.amount, False
    else:
        is_high = (pl.col("above") < definition.top_share) & pl.col("differ")
        is_flat = not told.filter(value.is_not_null())["differ"].any()
    group = pl.when(is_high).then(pl.lit(HIGH)).otherwise(pl.lit(OTHERS))
    return Tickets(told.with_columns(group=group).drop("differ"), is_flat)


def flat_words(definition: Definition) -> str:
    """Why nobody is high-ticket, as a Chinese phrase."""
    return f"所有客户的{MEASURES[definition.measure]}相同，没有人算高客单"


def sizes(orders: ledger.Orders, definition: Definition) -> pl.DataFrame:
    """The customers of the window and what is compared of each.

    Returns
    -------
    (n_customers) customer_id, n_orders, spend [CNY], largest_order_amount [CNY], average_order_value
        [CNY], all over every category; value [CNY, the measure, of the one category that counts or of the
        one they spent most on; null for who bought nothing of it], among [that category, or ""]

    Raises
    ------
    MissingColumns : a category is asked for and the orders have none.
    BadParameter : nobody bought the category.
    TooFewRows : nobody bought at all.
    """
    if definition.window_days:
        end = ledger.span(orders)[1] // ledger.DAY * ledger.DAY + ledger.DAY
        orders = ledger.within(orders, start=end - definition.window_days * ledger.DAY, end=end)
    everybody = _with_average(ledger.order_sizes(orders))
    if everybody.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    if not definition.category and definition.rule != "top_of_category":
        return everybody.with_columns(value=pl.col(definition.measure), among=pl.lit(""))
    compared = _of_category(orders, definition).select(
        "customer_id", value=definition.measure, among=pl.col("category").cast(pl.String)
    )
    return everybody.join(compared, on="customer_id", how="left", maintain_order="left")


def _of_category(orders: ledger.Orders, definition: Definition) -> pl.DataFrame:
    """Each customer's orders of the category that counts for it."""
    if "category" not in ledger.columns(orders):
        raise MissingColumns("高客单：按品类", ("订单：品类",))
    bought = _with_average(ledger.order_sizes(orders, by="category"))
    if definition.category:
        own = bought.filter(pl.col("category").cast(pl.String) == definition.category)
        if own.is_empty():
            name = "只看一个品类（high_ticket.category）"
            raise BadParameter(name, f"没有客户买过“{definition.category}”")
        return own
    most_first = bought.sort(["spend", "category"], descending=[True, False])
    return most_first.unique("customer_id", keep="first", maintain_order=True)


def _with_average(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(average_order_value=(pl.col("spend") / pl.col("n_orders")).round(4))
