"""Who raises which need, and where it was heard: in answers, open texts, reviews and interviews."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from insight.answers import NONE_OF_THESE, chosen
from insight.schema import Question, QuestionKind, Questionnaire

OPEN_TEXT, CODEBOOK = "开放文本", "编码本"
SURVEY, INTERVIEW, REVIEW = "问卷", "访谈", "评论"
SAID = dict.fromkeys(("at", "person", "customer_id", "text_id", "origin", "polarity"), pl.String)
_NEEDY = re.compile("需要|希望|期待|看重|在意|改进|不满|问题|原因|因素|建议|烦恼|需求")
_OTHER = re.compile(  # but not 其他顾客的评价
    r"^其[他它]($|[^\u4e00-\u9fff]|请|原因|方面)|^以上(都|均|皆|全)"
)


@dataclass(frozen=True, slots=True)
class Need:
    """A need and where it was heard ("开放文本", "编码本", "问卷多选：<题干>")."""

    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Raised:
    """Who raised what.

    Attributes
    ----------
    needs : (n_needs)
    people : (n_customers) customer_id [unique, sorted], then one Boolean column per need called
        "0", "1", ... in the order of ``needs``; null = never asked, or said nothing that can be coded
    said : (n) at ["0", "1", ...], person, customer_id [null where unknown], text_id [null: it was ticked],
        origin ["问卷" | "访谈" | "评论"], polarity [null: not told]: every time a need was raised
    """

    needs: tuple[Need, ...]
    people: pl.DataFrame
    said: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAID))

    def mentions(self) -> pl.DataFrame:
        """(n) need, source, customer_id, text_id [null where it was ticked]; of known customers."""
        named = [{"at": str(at), "need": n.label, "source": n.source} for at, n in enumerate(self.needs)]  # fmt: skip
        known = pl.DataFrame(named, schema=dict.fromkeys(("at", "need", "source"), pl.String))
        told = self.said.drop_nulls("customer_id").join(known, on="at", maintain_order="left")
        return told.select("need", "source", "customer_id", "text_id").unique(maintain_order=True)


def need_questions(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The multi-selects whose wording speaks of needs; all multi-selects where none does."""
    multi = questionnaire.of_kind(QuestionKind.MULTI)
    return tuple(q for q in multi if _NEEDY.search(q.wording)) or multi


def from_options(responses: pl.DataFrame, question: Question) -> Raised:
    """Which customers ticked each option of a multi-select; 其他 and 以上都没有 are no needs.

    Parameters
    ----------
    responses : (n_respondents) customer_id [null where unmatched] and the columns of ``question``
    """
    answers = chosen(responses, question)
    kept = [n for n in answers.columns if not (NONE_OF_THESE.search(n) or _OTHER.search(n))]
    numbered = [answers[name].alias(str(at)) for at, name in enumerate(kept)]
    needs = tuple(Need(name, f"问卷多选：{question.wording}") for name in kept)
    ids = [pl.format("customer_id:{}", "customer_id")]
    if "respondent_id" in responses.columns:
        ids.append(pl.format("respondent_id:{}", "respondent_id"))
    who = responses.select("customer_id", person=pl.coalesce(ids), origin=pl.lit(SURVEY))
    return raised_by(needs, who.with_columns(numbered))


def raised_by(needs: tuple[Need, ...], told: pl.DataFrame) -> Raised:
    """Boolean columns and who stands behind their rows, as what customers raise.

    Parameters
    ----------
    told : (n) "0", "1", ... for each need [null = not asked], customer_id [null where unknown] and any other
        columns of ``SAID``
    """
    keys = [str(at) for at in range(len(needs))]
    known = told.drop_nulls("customer_id").select("customer_id", *keys)
    people = known.group_by("customer_id").agg(pl.col(keys).max()) if keys else known.unique()
    had = told.with_columns(pl.lit(None, pl.String).alias(c) for c in SAID if c not in told.columns)
    said = [had.filter(key).with_columns(at=pl.lit(key)).select(*SAID) for key in keys]  # fmt: skip
    return Raised(needs, people.sort("customer_id"), pl.concat([pl.DataFrame(schema=SAID), *said]))


def together(parts: Sequence[Raised]) -> Raised:
    """All needs of several sources, for everybody whom any source reached."""
    shifted, said, start = [], [pl.DataFrame(schema=SAID)], 0
    for part in parts:
        names = {str(at): str(at + start) for at in range(len(part.needs))}
        shifted.append(part.people.rename(names))
        said.append(part.said.with_columns(pl.col("at").replace(names)))
        start += len(part.needs)
    people = reduce(_outer, shifted, pl.DataFrame(schema={"customer_id": pl.String}))
    needs = _told_apart(need for part in parts for need in part.needs)
    return Raised(needs, people.sort("customer_id"), pl.concat(said))


def merged(raised: Raised, homes: Sequence[Sequence[Need]]) -> Raised:
    """The same under other needs: who raises any of several is who raises the one they belong to.

    Parameters
    ----------
    homes : (n_needs) what each need of ``raised`` is part of; several where it is part of several
    """
    parts: dict[Need, list[str]] = {}
    for at, own in enumerate(homes):
        for home in own:
            parts.setdefault(home, []).append(str(at))
    of_each = [pl.max_horizontal(ats).alias(str(at)) for at, ats in enumerate(parts.values())]
    moved = pl.DataFrame(
        [(old, str(at)) for at, ats in enumerate(parts.values()) for old in ats],
        schema={"at": pl.String, "home": pl.String}, orient="row",
    )  # fmt: skip
    said = raised.said.join(moved, on="at", maintain_order="left").with_columns(at="home").drop("home")  # fmt: skip
    return Raised(tuple(parts), raised.people.select("customer_id", *of_each), said.unique(maintain_order=True))  # fmt: skip


def ordered(raised: Raised, place: Mapping[str, int]) -> Raised:
    """The needs in another order: by the place of their label, those without one behind."""
    ranks = [place.get(need.label, len(place)) for need in raised.needs]
    order = sorted(range(len(ranks)), key=lambda at: (ranks[at], at))
    names = {str(old): str(new) for new, old in enumerate(order)}
    people = raised.people.rename(names).select("customer_id", *(str(at) for at in range(len(order))))  # fmt: skip
    return Raised(tuple(raised.needs[at] for at in order), people, raised.said.with_columns(pl.col("at").replace(names)))  # fmt: skip


def _told_apart(needs: Iterable[Need]) -> tuple[Need, ...]:
    """A number behind the label of a need that its source already has."""
    seen: Counter[Need] = Counter()
    apart = []
    for need in needs:
        seen[need] += 1
        again = f"（{seen[need]}）" if seen[need] > 1 else ""
        apart.append(Need(f"{need.label}{again}", need.source))
    return tuple(apart)


def _outer(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join(right, on="customer_id", how="full", coalesce=True)


def labels_of(needs: Iterable[Need]) -> list[str]:
    """Labels that are unique within a chart: the source is added to those that are not."""
    listed = list(needs)
    twice = {n.label for n in listed if sum(m.label == n.label for m in listed) > 1}
    return [f"{n.label}（{n.source}）" if n.label in twice else n.label for n in listed]
