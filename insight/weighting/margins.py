"""The margins that weights shall meet: the groups of the respondents, and the share each shall have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns
from insight.schema import CROSSED, Target, Weighting, crossed_parts
from insight.segmentation.breaks import Break, Unit, available, break_of
from insight.wording import decimal

SUGGESTED = ("value_tier", "customers.region", "orders.region")  # margins to begin with
SLACK = 0.5  # points that typed shares may miss 100 by


@dataclass(frozen=True, slots=True)
class Margin:
    """One margin.

    Attributes
    ----------
    members : (n) respondent_id, group; respondents in no group are absent
    shares : group -> share in the population, in the order of the screen; they add up to 1
    is_typed : its shares were named by the user and are those of all who could have answered; else they are those
        of the customers, whom only matched respondents stand for
    """

    key: str
    label: str
    members: pl.DataFrame
    shares: Mapping[str, float]
    is_typed: bool = False


def margins_known(dataset: Dataset) -> dict[str, str]:
    """Key -> label of the groups of customers that respondents can be weighted to: what they bought, not what they answered."""
    if "match_status" not in dataset.columns("responses"):
        return {}
    asked = {q.id for q in dataset.questionnaire.questions}
    return {key: label for key, label in available(dataset).items() if key not in asked}


def suggested(known: Iterable[str]) -> Weighting:
    """The weighting that one click gives: to the customers, by worth and place where both are known.

    Parameters
    ----------
    known : keys of ``margins_known``
    """
    keys = list(known)
    return Weighting(margins=tuple(key for key in SUGGESTED if key in keys) or tuple(keys[:1]))


def present_shares(dataset: Dataset, key: str) -> dict[str, float]:
    """Group -> percent of the respondents that are in any, before weighting (UnknownName, MissingColumns)."""
    made = _crossed(dataset, key, unit="respondent_id")
    counts = dict(made.members.group_by("group").len().iter_rows())
    return {group: 100 * counts[group] / made.members.height for group in made.groups}


def margins_of(dataset: Dataset, weighting: Weighting) -> tuple[Margin, ...]:
    """All margins of a weighting; cells are one margin that is crossed.

    Raises
    ------
    UnknownName, MissingColumns : there is no such break.
    BadParameter : the shares cannot be used, or no cells are named.
    """
    is_cell = weighting.method == "cell"
    keys = [CROSSED.join(weighting.margins)] if is_cell and weighting.margins else weighting.margins
    found = [_of_customers(dataset, key) for key in keys]
    found += [_typed(dataset, target) for target in weighting.targets]
    if not found:
        raise MissingColumns("加权", ("按哪些人群加权",), "请选客户特征，或填写目标占比。")
    if is_cell and len(found) > 1:
        reason = "单元格加权只有一组目标：请把几个人群写成交叉格（如 Q1 × Q2），或改用逐个边际迭代"
        raise BadParameter("加权方法", reason)
    repeated = {m.key for m in found if [f.key for f in found].count(m.key) > 1}
    if repeated:
        raise BadParameter("加权", f"“{min(repeated)}”出现了两次")
    return tuple(found)


def _of_customers(dataset: Dataset, key: str) -> Margin:
    """A margin whose shares are those of the customers, reached through the match."""
    assert dataset.responses is not None
    if "match_status" not in dataset.responses.columns:
        raise MissingColumns("加权到全部客户", ("问卷：能和订单对应的客户标识",))
    made = _crossed(dataset, key, unit="customer_id")
    matched = dataset.responses.filter(match_status="matched")
    members = matched.select("respondent_id", "customer_id").join(made.members, on="customer_id")
    counts = dict(made.members.group_by("group").len().iter_rows())
    n = made.members.height
    shares = {group: counts[group] / n for group in made.groups}
    return Margin(key, made.label, members.select("respondent_id", "group"), shares)


def _typed(dataset: Dataset, target: Target) -> Margin:
    made = _crossed(dataset, target.margin, unit="respondent_id")
    counts = dict(made.members.group_by("group").len().iter_rows())
    _check(made.label, target.shares, counts)
    total = sum(target.shares.values())
    order = sorted(target.shares, key=lambda g: made.groups.index(g) if g in made.groups else -1)
    shares = {group: target.shares[group] / total for group in order if target.shares[group] > 0}
    members = made.members.select("respondent_id", "group")
    return Margin(
        CROSSED.join(crossed_parts(target.margin)), made.label, members, shares, is_typed=True
    )


def _check(label: str, shares: Mapping[str, float], counts: Mapping[str, int]) -> None:
    """Refuse typed shares that no weights can meet."""
    name = f"“{label}”的目标占比"
    if negative := next((g for g, share in shares.items() if share < 0), None):
        raise BadParameter(name, f"“{negative}”是负数")
    if abs(sum(shares.values()) - 100) > SLACK:
        raise BadParameter(name, f"合计 {decimal(sum(shares.values()))}%，应为 100%")
    for group, n in sorted(counts.items()):
        if not shares.get(group):
            said = "目标是 0" if group in shares else "没有目标"
            raise BadParameter(name, f"“{group}”有 {n} 份答卷，却{said}：没有人的权重可以是 0")
    for group, share in shares.items():
        if share and not counts.get(group):
            groups = "、".join(sorted(counts))
            reason = f"“{group}”要占 {decimal(share)}%，却没有一份答卷在其中（有答卷的：{groups}）；请合并组，或改目标"
            raise BadParameter(name, reason)


def _crossed(dataset: Dataset, key: str, *, unit: Unit) -> Break:
    """The groups of one break, or of several crossed with each other: "广东 × 高"."""
    parts = [break_of(dataset, part, unit=unit) for part in crossed_parts(key)]
    members = _together(parts, unit)
    order = [""]
    for at, part in enumerate(parts):
        order = [f"{head}{CROSSED if at else ''}{group}" for head in order for group in part.groups]
    present = set(members["group"])
    label = CROSSED.join(part.label for part in parts)
    return Break(key, label, tuple(group for group in order if group in present), members)


def _together(parts: Sequence[Break], unit: Unit) -> pl.DataFrame:
    """(n) unit, group of those who are in a group of every part."""
    first = parts[0].members.select(unit, "group")
    for part in parts[1:]:
        other = part.members.select(unit, other="group")
        first = first.join(other, on=unit).select(unit, group=pl.format(f"{{}}{CROSSED}{{}}", "group", "other"))  # fmt: skip
    return first
