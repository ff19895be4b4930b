"""One row for each customer with all that rules group by and count, and who raised which need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from insight import ledger
from insight.dataset import Dataset
from insight.errors import InsightError, MissingColumns, TooFewRows
from insight.needs import Raised, heard, worth_of
from insight.segmentation.breaks import available, break_of
from insight.segmentation.lifecycle_definition import DECLINING, LOST, NEW
from insight.segmentation.names import default_names, groups_of
from insight.segmentation.rfm_definition import recorded

TITLE = "策略建议"
BY_MODEL = "购买模型的预计（BG/NBD 与 Gamma–Gamma，通过留出检验；没通过的客户按最近 12 个月的消费）"
BY_LATELY = "最近 12 个月的消费净额（数据不足以拟合购买模型）"
_BREAKS = {
    "stage": ("lifecycle",), "channel": ("orders.channel",), "region": ("orders.region", "customers.region"),
    "age": ("customers.age",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customers:
    """What is known of each customer.

    Attributes
    ----------
    frame : (n_customers) customer_id [sorted], n_orders, spend [CNY], refunded [CNY], days_since_last,
        expected_spend [CNY, next 12 months], is_repeat, is_slipping, is_new [null: stages are not
        known], has_spoken [null: nobody was asked], segment, segment_default, stage, channel, region,
        age [null: not known]
    mentions : (n) customer_id, need, is_raised, of everybody who was asked about or could have told the need;
        None: nobody was asked anything
    sources : need -> how many kinds of sources tell it, orders not counted
    basis : where the expected spend comes from
    notes : what is lacking
    until : the last day of the ledger [days since 1970]
    """

    frame: pl.DataFrame
    mentions: pl.DataFrame | None
    sources: dict[str, int]
    basis: str
    notes: tuple[str, ...]
    until: int


def customers(dataset: Dataset, *, by: str = "rfm", use_topics: bool = False) -> Customers:
    """Gather the facts of every customer.

    Parameters
    ----------
    by : the break that makes the segments
    use_topics : whether topics of texts are needs too, where the study has no codebook; without questions
        about needs they are in any case

    Raises
    ------
    TooFewRows : nobody bought.
    UnknownName : there is no such break.
    """
    assert dataset.orders is not None
    bought = ledger.customer_table(dataset.orders)
    if bought.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    until = ledger.span(dataset.orders)[1] // ledger.DAY
    expected, basis = _expected(dataset.orders)
    away = until - pl.col("last_at") // ledger.DAY
    frame = bought.select("customer_id", "n_orders", "spend", "refunded", days_since_last=away)
    frame = frame.join(expected, on="customer_id", how="left").sort("customer_id")
    known, notes = _grouped(dataset, frame, by=by)
    found = Customers(_flagged(known), None, {}, basis, tuple(notes), until)
    return _with_needs(dataset, found, use_topics=use_topics)


def _expected(orders: ledger.Orders) -> tuple[pl.DataFrame, str]:
    """(n) customer_id, expected_spend; and what it rests on."""
    try:
        worth, basis = worth_of(orders, "model"), BY_MODEL
    except InsightError:  # too few or too short to fit anything to
        worth, basis = worth_of(orders, "lately"), BY_LATELY
    return worth.select("customer_id", expected_spend="expected_amount"), basis


def _grouped(dataset: Dataset, frame: pl.DataFrame, *, by: str) -> tuple[pl.DataFrame, list[str]]:
    """The customers with the group of each dimension, and what of these is not known."""
    frame = _joined(frame, "segment", break_of(dataset, by, unit="customer_id").members)
    meant = _default_names(dataset) if by == "rfm" else {}
    frame = frame.with_columns(segment_default=pl.col("segment").replace(meant))
    known, notes = available(dataset), []
    for name, keys in _BREAKS.items():
        key = next((one for one in keys if one in known), None)
        try:
            members = break_of(dataset, key, unit="customer_id").members if key else None
        except InsightError as error:
            members = None
            notes.append(f"没有按{known[str(key)]}判断：{error.message}")
        frame = _joined(frame, name, members)
    return frame, notes


def _default_names(dataset: Dataset) -> dict[str, str]:
    scheme = recorded(dataset.definitions).names
    return default_names(groups_of(scheme, dataset.definitions.names), scheme=scheme)


def _joined(frame: pl.DataFrame, name: str, members: pl.DataFrame | None) -> pl.DataFrame:
    if members is None:
        return frame.with_columns(pl.lit(None, pl.String).alias(name))
    groups = members.select("customer_id", pl.col("group").alias(name))
    return frame.join(groups, on="customer_id", how="left", maintain_order="left")


def _flagged(frame: pl.DataFrame) -> pl.DataFrame:
    stage = pl.col("stage")
    return frame.with_columns(
        pl.col("expected_spend").fill_null(0.0),
        is_repeat=pl.col("n_orders") >= 2,
        is_slipping=stage.is_in([DECLINING, LOST]),
        is_new=stage == NEW,
        has_spoken=pl.lit(None, pl.Boolean),
    )


def _heard(dataset: Dataset, *, use_topics: bool) -> Raised:
    """Topics take long to find: they are left out where a codebook or questions tell the needs."""
    try:
        return heard(dataset, title=TITLE, use_topics=use_topics or bool(dataset.codebook))[0]
    except MissingColumns:
        return heard(dataset, title=TITLE)[0]


def _with_needs(dataset: Dataset, found: Customers, *, use_topics: bool) -> Customers:
    """Who raised which need, by any source; without any, only a note."""
    try:
        raised = _heard(dataset, use_topics=use_topics)
    except InsightError as error:
        return replace(found, notes=(*found.notes, f"没有按需求判断：{error.message}"))
    labels = {str(at): need.label for at, need in enumerate(raised.needs)}
    long = raised.people.unpivot(index="customer_id", variable_name="at", value_name="is_raised")
    told = long.drop_nulls("is_raised").with_columns(need=pl.col("at").replace_strict(labels, return_dtype=pl.String))  # fmt: skip
    mine = told.join(found.frame.select("customer_id"), on="customer_id", how="semi")
    mentions = mine.group_by("customer_id", "need").agg(pl.col("is_raised").any()).sort("need", "customer_id")  # fmt: skip
    spoken = pl.col("customer_id").is_in(raised.people["customer_id"].implode())
    origins = raised.said.with_columns(need=pl.col("at").replace_strict(labels, return_dtype=pl.String))  # fmt: skip
    sources = dict(origins.group_by("need").agg(pl.col("origin").n_unique()).iter_rows())
    return replace(found, frame=found.frame.with_columns(has_spoken=spoken), mentions=mentions, sources=sources)  # fmt: skip
