"""Classes of respondents by the needs they tick: latent classes, and how many of them the answers tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import NONE_OF_THESE, chosen
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, QuestionsMissing, TooFewRows, UnknownName
from insight.needs.kinds import named_after
from insight.needs.raised import need_questions
from insight.schema import Question, QuestionKind
from insight.settings import settings
from insight.stats.latent_class import Codes, LatentClasses, fit, is_determined
from insight.stats.proportions import Floats

TITLE = "需求潜在类别"
VERB = "常选"
LEAST_ITEMS, MOST_CLASSES, MOST_ANSWERS = 3, 8, 40
_PATIENCE = 2  # numbers of classes in a row for which the criterion may get worse
_ANSWERED = (QuestionKind.MULTI, QuestionKind.SINGLE)


@dataclass(frozen=True, slots=True)
class Ticked:
    """What respondents chose, item by item.

    Attributes
    ----------
    ids : (n) those who were asked every item, sorted
    codes : (n x n_items) an option of a multi-select: 1 = ticked; a single choice: which answer
    answers : (n_answers) those that are told apart in tables, all different
    at : (n_answers) item and code of each
    n_gaps : respondents who answered some of the items
    source : the questions
    """

    ids: pl.Series
    codes: Codes
    answers: tuple[str, ...]
    at: tuple[tuple[int, int], ...]
    n_gaps: int
    source: str

    @property
    def levels(self) -> tuple[int, ...]:
        """(n_items) how many answers each item has."""
        return tuple(int(top) + 1 for top in self.codes.max(axis=0))

    @property
    def shares(self) -> Floats:
        """(n_answers) of everybody."""
        return np.array([(self.codes[:, item] == code).mean() for item, code in self.at])


@dataclass(frozen=True, slots=True)
class Classes:
    """Every respondent in the likeliest class, the largest class first; one class where the answers tell no more.

    Attributes
    ----------
    judged : (n_tried) k, n_parameters, log_likelihood, bic, aic, entropy_r2, n_smallest [people], n_same [starts], is_chosen
    model : the one that was chosen
    names : (k)
    chances : (k x n_answers)
    z : (k x n_answers) chances less the share of everybody, in standard deviations of one answer
    """

    judged: pl.DataFrame
    model: LatentClasses
    names: tuple[str, ...]
    chances: Floats
    z: Floats


def ticked(dataset: Dataset, ids: Sequence[str]) -> Ticked:
    """The answers to multi-selects and single choices.

    Parameters
    ----------
    ids : the questions; none = the first multi-select whose wording speaks of needs

    Raises
    ------
    UnknownName : there is no such question.
    BadParameter : a question of another kind, or too many answers.
    QuestionsMissing : fewer than three options that somebody chose and somebody did not.
    TooFewRows : too few answered for two classes.
    """
    assert dataset.responses is not None
    responses = dataset.responses.sort("respondent_id")
    asked = _asked(dataset, ids)
    items = [item for question in asked for item in _items(responses, question, many=len(asked) > 1)]  # fmt: skip
    table = pl.DataFrame([codes.alias(str(at)) for at, (codes, _) in enumerate(items)])
    is_whole = table.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    is_any = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    least = 2 * settings().small_base
    if items and is_whole.sum() < least:
        raise TooFewRows("每一项都回答了的答卷", int(is_whole.sum()), least)
    return _told(responses["respondent_id"], table, items, (is_whole, is_any), asked)


def _asked(dataset: Dataset, ids: Sequence[str]) -> tuple[Question, ...]:
    known = dataset.questionnaire
    found = tuple((name, known.find(name)) for name in dict.fromkeys(ids))
    for name, question in found:
        if question is None:
            raise UnknownName("题目", name, [q.id for q in known.of_kind(*_ANSWERED)])
        if question.kind not in _ANSWERED:
            raise BadParameter("勾选题（need_classes.questions）", f"{name} 不是多选题或单选题；打分题请用“需求分群”")  # fmt: skip
    assert dataset.responses is not None
    there = set(dataset.responses.columns)
    wanted = [q for _, q in found if q is not None] or list(need_questions(known)[:1])
    return tuple(q for q in wanted if there & set(q.columns))


Item = tuple[pl.Series, tuple[tuple[str, int], ...]]  # codes, and the answers that are told with their code  # fmt: skip


def _items(responses: pl.DataFrame, question: Question, *, many: bool) -> Iterator[Item]:
    """One item for each option of a multi-select, one for a single choice."""
    own = chosen(responses, question)
    behind = f"（{question.id}）" if many else ""
    if question.kind is QuestionKind.MULTI:
        for name in own.columns:
            if not NONE_OF_THESE.search(name):
                yield own[name].cast(pl.Int64), ((f"{name}{behind}", 1),)
        return
    met = [name for name in own.columns if own[name].any()]
    codes = pl.coalesce(pl.when(pl.col(name)).then(at) for at, name in enumerate(met))
    yield own.select(codes.cast(pl.Int64).alias("code")).to_series(), tuple((f"{name}{behind}", at) for at, name in enumerate(met))  # fmt: skip


def _told(
    ids: pl.Series, table: pl.DataFrame, items: Sequence[Item], counted: tuple[pl.Series, pl.Series], asked: Sequence[Question]
) -> Ticked:  # fmt: skip
    """The items on which those who answered them all differ."""
    is_whole, is_any = counted
    whole = table.filter(is_whole)
    telling = [at for at in range(len(items)) if whole[str(at)].n_unique() > 1]
    met = [{code: rank for rank, code in enumerate(whole[str(at)].unique().sort())} for at in telling]  # fmt: skip
    answers = [
        (name, item, met[item][code])
        for item, at in enumerate(telling)
        for name, code in items[at][1]
        if code in met[item]
    ]
    if len(answers) < LEAST_ITEMS:
        raise QuestionsMissing(TITLE, "有三个以上选项、有人选也有人不选的多选题", "一道多选题问“您选购时最看重哪些方面”")  # fmt: skip
    if len(answers) > MOST_ANSWERS:
        raise BadParameter("勾选题（need_classes.questions）", f"一共有 {len(answers)} 个选项，最多 {MOST_ANSWERS} 个")  # fmt: skip
    columns = [whole[str(at)].rank("dense").cast(pl.Int64).to_numpy() - 1 for at in telling]
    source = "、".join(f"{q.id} {q.wording}" for q in asked)
    return Ticked(
        ids.filter(is_whole),
        np.column_stack(columns),
        tuple(name for name, *_ in answers),
        tuple((item, code) for _, item, code in answers),
        int((is_any & ~is_whole).sum()),
        source,
    )


def classes(found: Ticked, *, n_classes: int, seed: int) -> Classes:
    """Divide the respondents; ``n_classes`` = 0 takes the number with the lowest BIC whose classes are all large enough.

    Raises
    ------
    BadParameter : more classes than the answers determine.
    NothingToTell : a class of ``n_classes`` is too small.
    """
    if n_classes and not is_determined(found.levels, n_classes):
        raise BadParameter("分成几类（need_classes.n_classes）", f"{len(found.levels)} 个选项定不出 {n_classes} 类，请少分几类或加题")  # fmt: skip
    tried = {k: model for k, model in _tried(found, n_classes, seed)}
    k = n_classes or _best(tried)
    smallest, least = _smallest(tried[k]), settings().small_base
    if smallest < least:
        raise NothingToTell(TITLE, f"分成 {k} 类时，最小的一类只有 {smallest} 人，不足 {least} 人", "请少分几类，或填 0 由数据决定。")  # fmt: skip
    chances = np.array([tried[k].chances[item][:, code] for item, code in found.at]).T
    z = (chances - found.shares) / np.sqrt(found.shares * (1 - found.shares))
    names = named_after(found.answers, z, verb=VERB)
    return Classes(_judged(tried, k), tried[k], names, chances, z)


def _tried(found: Ticked, wanted: int, seed: int) -> Iterator[tuple[int, LatentClasses]]:
    """Models of 1, 2, 3 ... classes, until the criterion has only got worse."""
    lowest, worse = np.inf, 0
    for k in range(1, MOST_CLASSES + 1):
        if not is_determined(found.levels, k) or (worse >= _PATIENCE and k > wanted):
            return
        model = fit(found.codes, k, seed=seed)
        yield k, model
        worse = 0 if model.bic < lowest else worse + 1
        lowest = min(lowest, model.bic)


def _best(tried: dict[int, LatentClasses]) -> int:
    large = [k for k, model in tried.items() if _smallest(model) >= settings().small_base]
    return min(large, key=lambda one: (tried[one].bic, one))


def _smallest(model: LatentClasses) -> int:
    return int(np.bincount(model.labels, minlength=len(model.sizes)).min())


def _judged(tried: dict[int, LatentClasses], k: int) -> pl.DataFrame:
    rows = [
        (at, m.n_parameters, m.log_likelihood, m.bic, m.aic, m.entropy_r2, _smallest(m), m.n_same, at == k)
        for at, m in tried.items()
    ]  # fmt: skip
    names = ["k", "n_parameters", "log_likelihood", "bic", "aic", "entropy_r2", "n_smallest", "n_same", "is_chosen"]  # fmt: skip
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("entropy_r2").fill_nan(None))  # fmt: skip
