"""Who may be contacted: consent, caps, exclusions, and silence after a complaint."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from pydantic import BaseModel, Field

from insight import ledger
from insight.dataset import Dataset
from insight.sentiment.scoring import judged, lexicon
from insight.strategy.assigning import TOUCHED
from insight.text.plain import plain

_EPOCH = date(1970, 1, 1)
REFUSED = (
    "否",
    "不同意",
    "拒绝",
    "不允许",
    "未同意",
    "退订",
    "no",
    "n",
    "false",
    "0",
    "f",
    "opt-out",
    "optout",
)
LOW_RATING = 0.4  # of the highest rating that was given
COMPLAINT = "投诉|举报|维权|欺骗|骗人|虚假|赔偿|差评|退款|退货|12315"
REASONS = CONSENT, COMPLAINED, CAPPED, RECENT, EXCLUDED = (
    "没有同意营销", "近期有投诉", "触达次数已到上限", "刚刚买过", "在排除的人群里",
)  # fmt: skip


class ContactRules(BaseModel):
    """Whom a list leaves out."""

    consent: bool = Field(default=True, title="只触达没有拒绝营销的客户", description="客户表有“营销同意”列时：写着否、不同意、退订等的不触达")  # fmt: skip
    complaint_days: int = Field(default=30, ge=0, le=365, title="投诉后多少天不触达", description="这些天里打过低分、说过负面的话或提到投诉、退款的客户；0 表示不看")  # fmt: skip
    cap: int = Field(default=1, ge=0, le=20, title="期限内最多触达几次", description="按登记过的活动计；0 表示不限")  # fmt: skip
    cap_days: int = Field(default=30, ge=1, le=365, title="触达次数的期限（天）")
    quiet_days: int = Field(default=0, ge=0, le=365, title="刚买过多少天内不触达", description="0 表示不看")  # fmt: skip

    @property
    def in_words(self) -> str:
        """The rules that are on, as a Chinese phrase."""
        told = [
            "没有拒绝营销的客户" if self.consent else "",
            f"最近 {self.complaint_days} 天没有投诉" if self.complaint_days else "",
            f"最近 {self.cap_days} 天被登记的活动触达不到 {self.cap} 次" if self.cap else "",
            f"最近 {self.quiet_days} 天没有下单" if self.quiet_days else "",
        ]
        return "、".join(filter(None, told)) or "不限制"


def suppressed(
    dataset: Dataset, people: pl.DataFrame, rules: ContactRules, *, until: int
) -> pl.DataFrame:
    """Who must not be contacted, and why.

    Parameters
    ----------
    people : (n) customer_id, days_since_last
    until : the last day of the ledger [days since 1970]

    Returns
    -------
    (n_left_out) customer_id, reason: the first of REASONS that applies; sorted
    """
    found = [pl.DataFrame(schema={"customer_id": pl.String, "reason": pl.String})]
    if rules.consent:
        found.append(_named(refusing(dataset), CONSENT))
    if rules.complaint_days:
        found.append(_named(complaining(dataset, since=until - rules.complaint_days), COMPLAINED))
    if rules.cap:
        found.append(_named(touched_often(dataset, rules, until=until), CAPPED))
    if rules.quiet_days:
        recent = people.filter(pl.col("days_since_last") < rules.quiet_days)
        found.append(_named(recent["customer_id"], RECENT))
    all_of_them = pl.concat(found).join(people.select("customer_id"), on="customer_id", how="semi")
    return all_of_them.unique("customer_id", keep="first", maintain_order=True).sort("customer_id")


def _named(ids: pl.Series, reason: str) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": ids.cast(pl.String)}).with_columns(reason=pl.lit(reason))


def refusing(dataset: Dataset) -> pl.Series:
    """Customers whose record says that they want no marketing; a blank refuses nothing."""
    if "consent" not in dataset.columns("customers") or dataset.customers is None:
        return pl.Series(dtype=pl.String)
    said = pl.col("consent").cast(pl.String).str.strip_chars().str.to_lowercase()
    return dataset.customers.filter(said.is_in(REFUSED))["customer_id"]


def complaining(dataset: Dataset, *, since: int) -> pl.Series:
    """Customers who complained on or after a day [since 1970]: a low rating, words that blame, or a complaint by name.

    What is said in interviews does not count; a comment without a time counts as recent.
    """
    texts = dataset.texts
    if texts is None or not {"customer_id", "text"} <= set(texts.columns):
        return pl.Series(dtype=pl.String)
    said = texts.with_columns(day=_day(dataset, texts)).drop_nulls("customer_id")
    if "document" in said.columns:
        said = said.filter(pl.col("document").is_null())
    recent = said.filter(pl.col("day").is_null() | (pl.col("day") >= since))
    words = lexicon(dataset.codebook.positive, dataset.codebook.negative)
    blames = [judged(plain(text or ""), words).polarity == "negative" for text in recent["text"]]
    is_low = pl.lit(value=False)
    if "rating" in texts.columns and (top := texts["rating"].max()) is not None:
        is_low = pl.col("rating") <= LOW_RATING * float(top)  # type: ignore[arg-type]
    names_it = pl.col("text").str.contains(COMPLAINT)
    complains = (is_low | names_it).fill_null(value=False) | pl.Series(blames, dtype=pl.Boolean)
    return recent.filter(complains)["customer_id"].unique().sort()


def _day(dataset: Dataset, texts: pl.DataFrame) -> pl.Series:
    """The day on which each text was said: its own time, else that of its questionnaire."""
    own = texts["said_at"] if "said_at" in texts.columns else pl.Series([None] * texts.height, dtype=pl.Int64)  # fmt: skip
    known = {"respondent_id"} <= set(texts.columns) and {"respondent_id", "submitted_at"} <= dataset.columns("responses")  # fmt: skip
    if known and dataset.responses is not None:
        answered = dataset.responses.select("respondent_id", "submitted_at").unique("respondent_id", keep="first")  # fmt: skip
        at = texts.select("respondent_id").join(answered, on="respondent_id", how="left", maintain_order="left")  # fmt: skip
        own = own.fill_null(at["submitted_at"].cast(pl.Int64))
    days: pl.Series = own.cast(pl.Int64) // ledger.DAY
    return days


def touched_often(dataset: Dataset, rules: ContactRules, *, until: int) -> pl.Series:
    """Customers whom as many campaigns of late touched as are allowed."""
    first = _EPOCH + timedelta(days=until - rules.cap_days)
    late = [dataset.lists[one.people] for one in dataset.campaigns if one.started >= first]
    if not late:
        return pl.Series(dtype=pl.String)
    touched = pl.concat(
        [one.filter(pl.col("arm") == TOUCHED).select("customer_id") for one in late]
    )
    counted = touched.group_by("customer_id").len()
    return counted.filter(pl.col("len") >= rules.cap)["customer_id"]
