"""Every question against every break: one test a pair, from counts alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl

from insight.answers import CLOSED, SCORED, Sample, chosen, parts
from insight.dataset import Dataset
from insight.errors import InsightError
from insight.schema import Question, QuestionKind
from insight.schema.audiences import conditions
from insight.schema.conditions import Answer, InGroup, Responded, Score
from insight.stats.cells import Codes, Sums, counts_of
from insight.stats.proportions import Floats
from insight.stats.relations import Related, of_answers, of_scores
from insight.tabulation.banners import Family, banner_of
from insight.tabulation.figures import scores_of
from insight.tabulation.people import weights_in

CHI2, RANKS = "χ² 独立性检验", "Kruskal–Wallis 检验"
PAIR = {
    "question": pl.String, "wording": pl.String, "break": pl.String, "by": pl.String, "test": pl.String, "option": pl.String,
    "group": pl.String, "value": pl.Float64, "rest_value": pl.Float64, "unit": pl.String, "statistic": pl.Float64, "df": pl.Int64,
    "p_value": pl.Float64, "effect": pl.Float64, "base": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What is tested at once: a question with one answer, an option of several, a score.

    ``values`` are the scores in ascending order, None where answers have no order; ``codes`` are places in
    ``names`` or ``values``, their number for people outside the base.
    """

    question: Question
    label: str
    names: tuple[str, ...]
    values: Floats | None
    codes: Codes

    @property
    def n_codes(self) -> int:
        """How many different answers there are."""
        return len(self.names) if self.values is None else len(self.values)


@dataclass(frozen=True, slots=True)
class Screened:
    """All tests that were made.

    Attributes
    ----------
    tests : (n_tests) question, wording [with the option, where it has several], break, by [its key], test, option and group [that stand out most], value and
        rest_value [share, or mean score, there and of the others], unit, statistic, df, p_value, effect, base
    n_untested : pairs whose groups or answers are too few
    n_circular : pairs whose break is made of the question itself
    notes : one sentence for every break that could not be used
    """

    tests: pl.DataFrame
    n_untested: int
    n_circular: int
    notes: tuple[str, ...]


def screened(
    dataset: Dataset, questions: Sequence[Question], *, by: Sequence[str], people: Sample, least: int
) -> Screened:  # fmt: skip
    """Test every question against every break that is not made of it.

    Two questions meet once, whichever of them is the break.

    Parameters
    ----------
    by : keys of breaks whose groups share nobody
    least : groups with fewer people among those who answered take no part
    """
    families, notes = _families(dataset, people, by)
    items = [item for q in questions for item in _items(people.responses, q)]
    weight = weights_in(people)
    rows: list[dict[str, object]] = []
    met: set[frozenset[str]] = set()
    n_untested = n_circular = 0
    for family in families:
        own = _made_of(dataset, family.key)
        passed = {i.question.id for i in items if frozenset((i.question.id, family.key)) in met}
        for item in items:
            if item.question.id in own:
                n_circular += 1
            elif item.question.id not in passed:
                found = _tested(item, family, weight=weight, least=least)
                n_untested += found is None
                rows += [_row(item, family, *found)] if found else []
                met.add(frozenset((item.question.id, family.key)))
    return Screened(pl.DataFrame(rows, schema=PAIR), n_untested, n_circular, notes)


def _families(
    dataset: Dataset, people: Sample, by: Sequence[str]
) -> tuple[list[Family], tuple[str, ...]]:
    """The breaks as columns; one that cannot be made is a sentence."""
    found: list[Family] = []
    notes: list[str] = []
    for key in by:
        try:
            made = banner_of(dataset, people.responses, [key])
        except InsightError as error:
            notes.append(f"“{key}”没有列入：{error.message}")
            continue
        found += [one for one in made if not one.shares_people and len(one.names) > 1]
    return found, tuple(notes)


def _made_of(dataset: Dataset, key: str) -> frozenset[str]:
    """The questions that a break is made of: itself, or those its rule asks for."""
    audience = next((a for a in dataset.definitions.audiences if a.key == key), None)
    if audience is None:
        return frozenset((key,))
    asked = [c for c in conditions(audience.rule) if isinstance(c, Answer | Score | Responded)]
    named = {c.question.rpartition("_")[0] or c.question for c in asked} | {c.question for c in asked}  # fmt: skip
    groups = {c.by for c in conditions(audience.rule) if isinstance(c, InGroup)}
    return frozenset(named | groups)


def _items(responses: pl.DataFrame, question: Question) -> Iterator[Item]:
    """What of a question is tested at once."""
    for part in parts(question, responses):
        label = f"{part.id} {part.wording}"
        held = [c for c in part.columns if c in responses.columns]
        if not held:
            continue
        if part.kind in SCORED and responses[held[0]].dtype.is_numeric():
            told = scores_of(responses, part)
            yield Item(question, label, (), told.values, told.codes)
        elif part.kind is QuestionKind.RANK:
            yield from _ranks(responses, part, label)
        elif part.kind is QuestionKind.MULTI:
            answers = chosen(responses, part)
            yield from (Item(question, f"{label}｜{n}", (n, ""), None, _ticked(answers[n])) for n in answers.columns)  # fmt: skip
        elif part.kind in CLOSED and part.kind is not QuestionKind.DATE:
            answers = chosen(responses, part)
            yield Item(question, label, tuple(answers.columns), None, _placed(answers))


def _ranks(responses: pl.DataFrame, question: Question, label: str) -> Iterator[Item]:
    for option in question.options:
        if option.column in responses.columns:
            one = question.model_copy(update={"columns": (option.column,), "kind": QuestionKind.NUMBER})  # fmt: skip
            told = scores_of(responses, one)
            yield Item(question, f"{label}｜{option.label}（名次）", (), told.values, told.codes)


def _ticked(answers: pl.Series) -> Codes:
    """0 ticked, 1 not, 2 not asked."""
    return answers.replace_strict({True: 0, False: 1}, default=2, return_dtype=pl.Int64).to_numpy().astype(np.intp)  # fmt: skip


def _placed(answers: pl.DataFrame) -> Codes:
    """The place of the one answer that was chosen."""
    outside = answers.width
    at = pl.coalesce(*(pl.when(pl.col(c)).then(i) for i, c in enumerate(answers.columns)), pl.lit(outside))  # fmt: skip
    return answers.select(at.cast(pl.Int64)).to_series().to_numpy().astype(np.intp)


def _tested(
    item: Item, family: Family, *, weight: Floats | None, least: int
) -> tuple[Related, tuple[str, ...]] | None:
    """The test in the groups that are large enough, and the names of these."""
    if item.n_codes < 2:
        return None
    sums, _, _ = counts_of(item.codes, item.n_codes, columns=family.columns, weight=weight)
    solid = sums.n.sum(axis=0) >= max(least, 1)
    if solid.sum() < 2:
        return None
    kept = Sums(sums.n[:, solid], sums.w[:, solid], sums.q[:, solid])
    found = of_answers(kept) if item.values is None else of_scores(item.values, kept)
    names = tuple(n for n, is_in in zip(family.names, solid, strict=True) if is_in)
    return (found, names) if found else None


def _row(item: Item, family: Family, found: Related, names: tuple[str, ...]) -> dict[str, object]:
    has_order = item.values is not None
    told = {k: v for k, v in asdict(found).items() if k in ("statistic", "df", "p_value", "effect", "base")}  # fmt: skip
    option = "均值" if has_order else (item.names[found.row] or f"没选 {item.names[0]}")
    return told | {
        "question": item.question.id, "wording": item.label, "break": family.label, "by": family.key, "test": RANKS if has_order else CHI2,
        "option": option, "group": names[found.column], "value": found.value, "rest_value": found.rest, "unit": "分" if has_order else "占比",
    }  # fmt: skip
