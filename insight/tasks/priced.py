"""Questions about prices: the four of the price sensitivity meter, and ladders of "would you buy at ...?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.answers import scores
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing
from insight.schema import Question, QuestionKind
from insight.tasks.asked import columns, last_words, named

METER, LADDER = "价格敏感度（PSM）", "Gabor–Granger"
_AMOUNT = r"(\d+(?:\.\d+)?)"
_PRICE = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(?:元|块|¥|￥|RMB)|[¥￥$€£]\s*(\d[\d,]*(?:\.\d+)?)")
_MEANINGS = (
    re.compile(r"太便宜|过于便宜|便宜到|便宜得|低到|低得|too cheap|so cheap|怀疑.{0,6}质量|质量.{0,4}怀疑", re.IGNORECASE),
    re.compile(r"便宜|划算|实惠|物超所值|合算|bargain|good value|cheap", re.IGNORECASE),
    re.compile(r"贵|偏高|expensive|high side", re.IGNORECASE),
    re.compile(r"太贵|过贵|过于昂贵|贵到|贵得|太高|高到|高得|too expensive|so expensive", re.IGNORECASE),
)  # fmt: skip
_MOSTLY = 0.8  # of the answers are prices
_ORDER = (
    0,
    3,
    1,
    2,
)  # "too cheap" also says "cheap", so that the strong words are looked for first
_YES = r"(?i)^(肯定|一定|可能|大概|应该|比较|非常)?(会|愿意|能接受|可以接受|接受|买|购买)|^(是|yes|y|1)$|definitely would|probably would"
_NO = r"(?i)不|否|not"
_METER_HOW = (
    "四道填数字的题：什么价格“太便宜，便宜到怀疑质量”“便宜、划算”“有点贵但还能接受”“太贵，不会考虑”"
)
_LADDER_HOW = (
    "每个价格一道“如果售价 29 元，您会购买吗”，题干里写明价格，答案是 会/不会 或 1–5 分的购买意愿"
)


@dataclass(frozen=True, slots=True)
class MeterAnswers:
    """(n x 4) prices from too cheap to too expensive, NaN = none; and the questions behind them."""

    prices: NDArray[np.float64]
    questions: tuple[Question, ...]


def meter_answers(
    dataset: Dataset, people: pl.DataFrame, *, ids: Sequence[str] = ()
) -> MeterAnswers:
    """The four prices of every respondent.

    Parameters
    ----------
    people : (n) respondents, columns of the questionnaire
    ids : the four questions from too cheap to too expensive; one "" means: recognise it by its wording

    Raises
    ------
    QuestionsMissing : a question is neither named nor recognised.
    """
    named_ = [named(dataset, [id_])[0] if id_ else None for id_ in (ids or ("",) * 4)]
    found = _four(columns(dataset), people) if None in named_ else ()
    if None in named_ and not found:
        raise QuestionsMissing(METER, "四道价格题", _METER_HOW)
    asked = tuple(q or found[at] for at, q in enumerate(named_))
    values = [_amounts(people[q.columns[0]]).to_numpy() for q in asked]
    return MeterAnswers(np.column_stack(values).astype(np.float64), asked)


def _four(listed: Sequence[Question], people: pl.DataFrame) -> tuple[Question, ...]:
    """The first four neighbours that ask for one of the four prices each."""
    priced = [q for q in listed if _is_number(people[q.columns[0]])]
    for start in range(len(priced) - 3):
        block = priced[start : start + 4]
        told = [_meaning(last_words(q)) for q in block]
        if sorted(t for t in told if t is not None) == [0, 1, 2, 3]:
            return tuple(block[told.index(k)] for k in range(4))
    return ()


def _meaning(words: str) -> int | None:
    return next((k for k in _ORDER if _MEANINGS[k].search(words)), None)


def _is_number(answers: pl.Series) -> bool:
    if answers.dtype.is_numeric():
        return True
    if answers.dtype != pl.String or answers.is_null().all():
        return False
    priced = answers.drop_nulls().str.contains(rf"^\D{{0,3}}{_AMOUNT}\D{{0,3}}$")
    return bool(priced.sum() > _MOSTLY * len(priced))


def _amounts(answers: pl.Series) -> pl.Series:
    """Prices as numbers; "29 元" is 29, what is no positive number is none."""
    if answers.dtype == pl.String:
        answers = answers.str.replace_all(",", "").str.extract(_AMOUNT)
    values = answers.cast(pl.Float64, strict=False)
    return values.set(~(values > 0), None)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Prices ascending, and who would buy at each: (n x k) 1, 0, or NaN where not asked."""

    prices: NDArray[np.float64]
    accepts: NDArray[np.float64]
    questions: tuple[Question, ...]


def ladder(
    dataset: Dataset,
    people: pl.DataFrame,
    *,
    questions: Sequence[str] = (),
    prices: str = "",
    top: int = 2,
) -> Ladder:
    """What every respondent says to each price of a ladder.

    Parameters
    ----------
    people : (n) respondents, columns of the questionnaire
    questions : ids, one a price, or one with several prices to tick; empty: the questions whose wordings
        differ by their price only
    prices : "19、29、39" in the order of the questions; "" = as the wordings say
    top : how many of the highest scores of a scale mean a purchase

    Raises
    ------
    QuestionsMissing : no such questions are named or recognised.
    BadParameter : not as many prices as questions.
    """
    named_ = _ticked(dataset, questions) or (named(dataset, questions) if questions else ())
    asked = named_ or _rungs(columns(dataset))
    if len(asked) < 2:
        raise QuestionsMissing(LADDER, "几个价格下的购买意愿题", _LADDER_HOW)
    told = (
        [float(p) for p in re.findall(_AMOUNT, prices)]
        if prices
        else [_price(last_words(q)) for q in asked]
    )
    if len(told) != len(asked) or None in told:
        raise BadParameter("价格", f"有 {len(asked)} 题，却有 {len([p for p in told if p])} 个价格")
    amounts = np.array(told, dtype=np.float64)
    order = np.argsort(amounts, kind="stable")
    if len(np.unique(amounts)) < len(amounts):
        raise BadParameter("价格", "有两题是同一个价格")
    answers = [_buys(people, q, top=top) for q in asked]
    return Ladder(
        amounts[order], np.column_stack(answers)[:, order], tuple(asked[i] for i in order)
    )


def _ticked(dataset: Dataset, ids: Sequence[str]) -> tuple[Question, ...]:
    """The options of a multiple choice as questions of their own, where it is one."""
    question = dataset.questionnaire.find(ids[0]) if len(ids) == 1 else None
    if question is None or question.kind is not QuestionKind.MULTI:
        return ()
    return tuple(
        question.model_copy(update={"wording": f"{question.wording}｜{o.label}", "columns": (o.column,), "options": ()})
        for o in question.options
        if o.column and _price(o.label) is not None
    )  # fmt: skip


def _rungs(listed: Sequence[Question]) -> tuple[Question, ...]:
    """The longest block of neighbours whose wordings are equal but for the price."""

    def frame(question: Question) -> str:
        words = question.wording if _PRICE.search(last_words(question)) else ""
        return _PRICE.sub("¤", words) if words else question.id

    blocks = [tuple(group) for _, group in groupby(listed, key=frame)]
    return max(blocks, key=len, default=())


def _price(words: str) -> float | None:
    found = _PRICE.findall(words) or [(n, "") for n in re.findall(_AMOUNT, words)]
    amounts = [float((a or b).replace(",", "")) for a, b in found]
    return amounts[-1] if len(amounts) == 1 else None


def _buys(people: pl.DataFrame, question: Question, *, top: int) -> NDArray[np.float64]:
    answers = people[question.columns[0]]
    if answers.dtype == pl.Boolean:
        bought = answers
    elif answers.dtype.is_numeric():
        known = [score for _, score in scores(answers, question)]
        bought = answers >= known[-min(top, len(known) - 1) if len(known) > 2 else -1]
    else:
        bought = answers.str.contains(_YES) & ~answers.str.contains(_NO)
    values: NDArray[np.float64] = bought.cast(pl.Float64).to_numpy().astype(np.float64)
    return values
