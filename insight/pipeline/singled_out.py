"""Whom a file with a row for every answer would give away: what it says of people that others know, and how many stand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from insight import disclosure
from insight.dataset import Dataset
from insight.disclosure import Rare
from insight.errors import UnknownName
from insight.pipeline.agreeing import fewest
from insight.pipeline.apart import apart
from insight.pipeline.joined import load
from insight.segmentation.breaks import available, break_of
from insight.study import Study

_PLACES = ("orders.region", "orders.city")
_OF_CUSTOMERS = "customers."


@apart("哪些题目描述个人")
def describing(study: Study, *, purchases: bool = True) -> Mapping[str, str]:
    """What the .sav says of a person that others may know, too: key of a question or a group -> its label.

    Parameters
    ----------
    purchases : whether the groups of matched customers are in the file
    """
    return _described(load(study), purchases=purchases)


@apart("有多少份独一无二")
def rare_answers(study: Study, *, purchases: bool = True, without: Sequence[str] = ()) -> Rare:
    """How many answers of the .sav are like few others in all of that together.

    Parameters
    ----------
    without : keys or labels of what is left out of the file (UnknownName)
    """
    dataset = load(study)
    if dataset.responses is None:
        return Rare(0, 0, 0, ())
    known = _described(dataset, purchases=purchases)
    gone = left_out(known, without)
    columns = {key: _values(dataset, key) for key in known if key not in gone}
    frame = pl.DataFrame(columns) if columns else dataset.responses.select("respondent_id")
    return disclosure.rare(frame, columns, fewest=fewest(study))


def left_out(known: Mapping[str, str], named: Sequence[str]) -> frozenset[str]:
    """The keys of what is named by key or label (UnknownName)."""
    by_label = {label: key for key, label in known.items()}
    if strange := [one for one in named if one not in known and one not in by_label]:
        raise UnknownName("描述个人的题目或属性", strange[0], list(known.values()))
    return frozenset(by_label.get(one, one) for one in named)


def rare_in_words(study: Study, found: Rare, known: Mapping[str, str]) -> str:
    """What the file would give away, in one sentence; also where that is nothing.

    Parameters
    ----------
    known : key -> label of what the file says (``describing``)
    """
    if not found.columns:
        return "文件里没有性别、年龄、地区一类别人可能知道的内容。"
    told, least = "、".join(f"“{known[key]}”" for key in found.columns), fewest(study)
    if not found.n_few:
        return f"按{told}的组合，{found.n:,} 份答卷里每一份都至少有 {least} 份相同（含自己）。"
    return (
        f"按{told}的组合，{found.n:,} 份答卷里有 {found.n_few:,} 份相同的不到 {least} 份（含自己），"
        f"其中 {found.n_unique:,} 份独一无二，别人可能认出是谁。"
    )


def _described(dataset: Dataset, *, purchases: bool) -> dict[str, str]:
    held = dataset.columns("responses")
    asked = disclosure.describing(dataset.questionnaire)
    found = {one.id: one.wording for one in asked if one.columns[0] in held}
    groups = available(dataset) if purchases and "customer_id" in held else {}
    return found | {key: label for key, label in groups.items() if _is_described(key, label)}


def _is_described(key: str, label: str) -> bool:
    return key in _PLACES or (key.startswith(_OF_CUSTOMERS) and disclosure.describes(label))


def _values(dataset: Dataset, key: str) -> pl.Series:
    """(n_respondents) what one question or group says of each, as text."""
    assert dataset.responses is not None
    question = dataset.questionnaire.find(key)
    if question is not None:
        return dataset.responses[question.columns[0]].cast(pl.String)
    members = break_of(dataset, key, unit="respondent_id").members
    people = dataset.responses.select("respondent_id")
    return people.join(members, on="respondent_id", how="left", maintain_order="left")["group"].cast(pl.String)  # fmt: skip
