"""What decides a purchase, as asked, beside the group and the channel the same people really buy in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from insight import ledger
from insight.answers import Sample, chosen
from insight.schema import Question, QuestionKind, Questionnaire
from insight.segmentation.breaks import Break
from insight.stats.banner import TOTAL, tabulate
from insight.stats.proportions import Rule

_DECIDES = re.compile(r"决策|决定|考虑|因素|原因|看重|影响|为什么|渠道.{0,4}(了解|知道|得知)|(了解|知道|得知).{0,6}渠道")  # fmt: skip
_CHANNEL = re.compile(r"(渠道|平台|哪里|哪儿|何处|在哪).{0,8}(买|购|下单|消费)|(买|购|下单|消费).{0,8}(渠道|平台|哪里|哪儿|何处|在哪)")  # fmt: skip


def deciding_question(questionnaire: Questionnaire) -> Question | None:
    """The first multi-select whose wording asks what decides; else the first multi-select."""
    multi = questionnaire.of_kind(QuestionKind.MULTI)
    return next((q for q in multi if _DECIDES.search(q.wording)), multi[0] if multi else None)


def channel_question(questionnaire: Questionnaire, *, besides: str) -> Question | None:
    """The first closed question that asks where people buy; None where none does."""
    asked = questionnaire.of_kind(QuestionKind.SINGLE, QuestionKind.MULTI)
    return next((q for q in asked if q.id != besides and _CHANNEL.search(q.wording)), None)


def groups_of(people: Sample, groups: Break) -> pl.Series:
    """(n) the group of every respondent; null outside of all."""
    ids = people.responses.select("respondent_id")
    return ids.join(groups.members, on="respondent_id", how="left", maintain_order="left")["group"]


def crossed(people: Sample, question: Question, groups: Break, *, rule: Rule) -> pl.DataFrame:
    """What people chose in each group, with letters; as ``banner.tabulate``."""
    answers = chosen(people.responses, question)
    column = groups_of(people, groups)
    return tabulate(answers, column=column, columns=groups.groups, weight=people.weight, rule=rule)


def nested(
    people: Sample, question: Question, groups: Break, channels: Break, *, rule: Rule
) -> pl.DataFrame:
    """What people chose in each channel within each group; letters compare the channels of one group.

    Returns
    -------
    (n_groups x n_rows x (1 + n_channels)) group, and the columns of ``banner.tabulate``; groups without
        anybody whose channel is known are left out
    """
    group, channel = groups_of(people, groups), groups_of(people, channels)
    answers = chosen(people.responses, question)
    found = []
    for name in groups.groups:
        inside = pl.select(pl.when(group == name).then(channel)).to_series()
        if inside.null_count() < len(inside):
            cells = tabulate(answers, column=inside, columns=channels.groups, weight=people.weight, rule=rule)  # fmt: skip
            found.append(cells.select(pl.lit(name).alias("group"), pl.all()))
    return pl.concat(found) if found else pl.DataFrame()


def same_channels(stated: Sequence[str], actual: Sequence[str]) -> Mapping[str, list[str]]:
    """Which channels of the orders an option means: the same name, or one that holds the other.

    >>> dict(same_channels(["天猫", "线下门店", "朋友代购"], ["天猫旗舰店", "门店", "京东"]))
    {'天猫': ['天猫旗舰店'], '线下门店': ['门店'], '朋友代购': []}
    """
    return {s: [a for a in actual if _plain(s) in _plain(a) or _plain(a) in _plain(s)] for s in stated}  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def agreement(
    people: Sample, question: Question, orders: ledger.Orders, *, rule: Rule
) -> pl.DataFrame:
    """How many of those who name a channel have really bought there.

    Parameters
    ----------
    people : with the customer_id of those who are matched; others are left out

    Returns
    -------
    (n_options that mean a channel of the orders) stated_channel, base [customers who name it and have
        bought in a known channel], n_bought_there, bought_there_share [unweighted; null where the
        base is too small]
    """
    bought = ledger.buyers_by(orders, "channel")
    known = bought["customer_id"].unique().implode()
    answers = chosen(people.responses, question).with_columns(people.responses["customer_id"])
    answers = answers.filter(pl.col("customer_id").is_in(known))
    options = [c for c in answers.columns if c != "customer_id"]
    same = same_channels(options, bought["channel"].unique().sort().to_list())
    rows = []
    for option, channels in same.items():
        if not channels:
            continue
        there = bought.filter(pl.col("channel").is_in(channels))["customer_id"].unique()
        told = answers.filter(pl.col(option))["customer_id"].unique()
        rows.append((option, len(told), told.is_in(there.implode()).sum()))
    schema = {"stated_channel": pl.String, "base": pl.Int64, "n_bought_there": pl.Int64}
    base, n = pl.col("base"), pl.col("n_bought_there")
    share = pl.when(base >= rule.tiny_base).then(n / base)
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(bought_there_share=share)


def with_total(told: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows (n) and once more under the total of ``column``."""
    return pl.concat([told, told.with_columns(pl.lit(TOTAL).alias(column))])
