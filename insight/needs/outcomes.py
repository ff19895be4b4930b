"""What those who raise needs gave and did: whether they recommend, are satisfied and bought again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from insight import ledger
from insight.answers import NPS_GROUPS
from insight.dataset import Dataset
from insight.needs.satisfied import rated
from insight.ratings import overall
from insight.schema import QuestionKind
from insight.voices import voices

NPS, SATISFACTION, AGAIN = "NPS", "满意度", "再次购买"
_BUYER = "customer_id:"
_TOLD = {"customer_id": pl.String, "value": pl.Float64}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of people: customer_id [unique, sorted] and value; ``note`` is how it is measured."""

    values: pl.DataFrame
    note: str


def everybody(dataset: Dataset) -> Dataset:
    """``dataset`` in which everybody who answered or said anything stands in the place of a customer.

    Their id tells what is known of them: "customer_id:…", else "respondent_id:…", "speaker:…" or "text_id:…".
    """
    texts, responses = dataset.texts, dataset.responses
    if texts is not None and {"text_id", "text"} <= set(texts.columns):
        known = voices(dataset).select("text_id", customer_id="person")
        texts = texts.drop("customer_id", strict=False).join(known, on="text_id", how="left", maintain_order="left")  # fmt: skip
    if responses is not None and "respondent_id" in responses.columns:
        ids = [pl.format(f"{c}:{{}}", c) for c in ("customer_id", "respondent_id") if c in responses.columns]  # fmt: skip
        responses = responses.with_columns(customer_id=pl.coalesce(ids))
    return replace(dataset, texts=texts, responses=responses)


def outcomes(dataset: Dataset, *, within_days: int) -> Mapping[str, Outcome]:
    """Every outcome that the data tell of people.

    Parameters
    ----------
    dataset : as ``everybody`` gives it
    within_days : of the first word or answer, to count as having bought again

    Returns
    -------
    name -> values: NPS [-100, 0 or 100 each], satisfaction [0..100], bought again [0 or 100]; those that nobody
        has are absent
    """
    found = {
        NPS: _recommending(dataset),
        SATISFACTION: _satisfaction(dataset),
        AGAIN: _again(dataset, within_days),
    }
    return {name: one for name, one in found.items() if one.values.height}


def _recommending(dataset: Dataset) -> Outcome:
    """Promoters 100, passives 0, detractors -100; the mean of a person's answers."""
    responses = dataset.responses
    asked = dataset.questionnaire.of_kind(QuestionKind.NPS)
    there = [q for q in asked if q.columns[0] in dataset.columns("responses")]
    if responses is None or "customer_id" not in responses.columns or not there:
        return Outcome(pl.DataFrame(schema=_TOLD), "")
    score = pl.col(there[0].columns[0]).cast(pl.Float64, strict=False)
    (_, promoter, most), _, (_, least, detractor) = NPS_GROUPS
    worth = pl.when(score >= promoter).then(100.0).when(score <= detractor).then(-100.0).otherwise(0.0)  # fmt: skip
    known = responses.filter(score.is_between(least, most)).select("customer_id", value=worth)
    note = f"NPS：来自“{there[0].wording}”，推荐者（9–10 分）记 100，中立者（7–8 分）记 0，贬损者（0–6 分）记 −100，平均就是 NPS。"
    return Outcome(_mean(known), note)


def _satisfaction(dataset: Dataset) -> Outcome:
    """Overall ratings and stars; a recommendation is no satisfaction."""
    responses = dataset.responses
    asked = overall(dataset.questionnaire, responses) if responses is not None else None
    own = replace(dataset, responses=None) if asked and asked.kind is QuestionKind.NPS else dataset
    values = rated(own)[0].select("customer_id", value="satisfaction").drop_nulls()
    source = "评论的评分" if own.responses is None or asked is None else f"“{asked.wording}”，没有时用评论的评分"  # fmt: skip
    return Outcome(values.sort("customer_id"), f"满意度：来自{source}，换算成 0–100 分。")


def _again(dataset: Dataset, within_days: int) -> Outcome:
    """100 for everybody who bought on a later day after their first word; those not followed so long are left out."""
    spoken = first_words(dataset)
    if dataset.orders is None or "customer_id" not in dataset.columns("orders") or spoken.is_empty():  # fmt: skip
        return Outcome(pl.DataFrame(schema=_TOLD), "")
    last = ledger.span(dataset.orders)[1] // ledger.DAY
    bought = ledger.order_sizes(dataset.orders, by="ordered_at").select(
        pl.format(f"{_BUYER}{{}}", "customer_id").alias("customer_id"), day=pl.col("ordered_at") // ledger.DAY
    )  # fmt: skip
    followed = spoken.filter(pl.col("said_day") + within_days <= last)
    buyers = bought.group_by("customer_id").agg(pl.col("day").unique().sort())
    days = followed.join(buyers, on="customer_id").explode("day")
    soon = pl.col("day").is_between(pl.col("said_day") + 1, pl.col("said_day") + within_days)
    had = (pl.col("day") <= pl.col("said_day")).any()
    table = days.group_by("customer_id").agg(had, value=soon.any().cast(pl.Float64) * 100).filter("day").drop("day")  # fmt: skip
    note = f"再次购买：第一次说话或答卷之后 {within_days} 天内又下过单的记 100，没有的记 0，平均就是占比；到订单截止日还不满 {within_days} 天的客户、说话前没有买过的人不计。"
    return Outcome(table.sort("customer_id"), note)


def first_words(dataset: Dataset) -> pl.DataFrame:
    """(n) customer_id, said_day [days since 1970] of everybody's first text or answer that has a time."""
    told = [one.select("customer_id", "said_day") for one in word_days(dataset)]
    return pl.concat(told).group_by("customer_id").agg(pl.col("said_day").min()).sort("customer_id")


def word_days(dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """When things were said [days since 1970], of known people.

    Returns
    -------
    (n_texts) text_id, customer_id, said_day; a text without a time of its own has that of its answer sheet
    (n_customers) customer_id, said_day of their first answer sheet
    """
    sheets = _timed(dataset.responses, "submitted_at", "respondent_id", "customer_id")
    texts = _timed(dataset.texts, "said_at", "text_id", "customer_id", "respondent_id")
    known = sheets.drop_nulls("respondent_id").select("respondent_id", sheet_day="said_day").unique("respondent_id")  # fmt: skip
    dated = texts.join(known, on="respondent_id", how="left")
    day = pl.coalesce("said_day", "sheet_day")
    spoken = dated.select("text_id", "customer_id", said_day=day).drop_nulls(["customer_id", "said_day"])  # fmt: skip
    first = sheets.drop_nulls(["customer_id", "said_day"]).group_by("customer_id").agg(pl.col("said_day").min())  # fmt: skip
    return spoken, first


def _timed(frame: pl.DataFrame | None, at: str, *ids: str) -> pl.DataFrame:
    """``ids`` and said_day of the rows of a table; null where it does not tell them."""
    if frame is None:
        return pl.DataFrame(schema={**dict.fromkeys(ids, pl.String), "said_day": pl.Int64})
    known = [pl.col(c) if c in frame.columns else pl.lit(None, pl.String).alias(c) for c in ids]
    day = pl.col(at).cast(pl.Int64) // ledger.DAY if at in frame.columns else pl.lit(None, pl.Int64)
    return frame.select(*known, said_day=day)


def _mean(told: pl.DataFrame) -> pl.DataFrame:
    return told.group_by("customer_id").agg(pl.col("value").mean()).sort("customer_id")
