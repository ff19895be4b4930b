"""What respondents bought, as variables: their groups and their buying in numbers; never who they are."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from insight.dataset import Dataset
from insight.errors import InsightError
from insight.masking import mask
from insight.segmentation import traits
from insight.segmentation.breaks import available, break_of
from insight.spss.variables import Variable
from insight.units import label_of

GROUP, NUMBER = "SEG", "BUY"  # how the names of these variables begin


def groups_of(
    dataset: Dataset, *, without: Collection[str] = ()
) -> tuple[list[Variable], list[str]]:
    """Variables of the respondents in the order of ``dataset.responses``.

    Parameters
    ----------
    without : keys of breaks that are not wanted

    Returns
    -------
    variables : SEG_rfm, SEG_high_ticket, SEG_orders_region … with labelled groups; BUY_spend, BUY_n_orders …;
        system-missing for respondents of whom no customer is known
    left_out : one Chinese sentence for every break that cannot be made
    """
    assert dataset.responses is not None
    people = dataset.responses.select("respondent_id")
    answered = {q.id for q in dataset.questionnaire.questions}
    variables: list[Variable] = []
    left_out: list[str] = []
    for key in available(dataset):
        if key in answered or key in without:
            continue
        try:
            variables.append(_group(dataset, key, people, at=len(variables) + 1))
        except InsightError as error:
            left_out.append(f"“{key}”没有写入：{error}")
    return variables + _numbers(dataset), left_out


def _group(dataset: Dataset, key: str, people: pl.DataFrame, *, at: int) -> Variable:
    made = break_of(dataset, key, unit="respondent_id")
    group = people.join(made.members, on="respondent_id", how="left", maintain_order="left")["group"]  # fmt: skip
    codes = {name: float(code) for code, name in enumerate(made.groups, start=1)}
    values = group.replace_strict(codes, default=None, return_dtype=pl.Float64)
    plain = re.sub(r"[^A-Za-z0-9]+", "_", key.removeprefix("customers.")).strip("_")
    name = f"{GROUP}_{plain}" if plain and key.isascii() else f"{GROUP}_{at}"
    labels = {code: mask(text) for text, code in codes.items()}
    return Variable(name, mask(f"{made.label}{made.note}"), values, "nominal", labels)


def _numbers(dataset: Dataset) -> list[Variable]:
    """Spend, orders, … of the customer behind each answer."""
    assert dataset.responses is not None
    linked = "customer_id" in dataset.responses.columns
    if not linked or "customer_id" not in dataset.columns("orders"):
        return []
    people = dataset.responses.select("customer_id")
    bought = people.join(traits.numbers(dataset), on="customer_id", how="left", maintain_order="left")  # fmt: skip
    return [
        Variable(f"{NUMBER}_{name}", label_of(name), bought[name].cast(pl.Float64), "scale")
        for name in traits.NUMBERS
    ]
