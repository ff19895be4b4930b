"""Which two questions ask about having and about lacking the same feature."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

import polars as pl

from insight.errors import BadParameter
from insight.ratings.items import NO_OPINION, items, label_of, named
from insight.schema import Question, Questionnaire
from insight.simplified import simplified

Numbers = Literal["自动", "1 = 喜欢", "5 = 喜欢"]
_WORDS = (  # in the order in which they are looked for; the number is the place in LEVELS
    (4, r"不喜欢|讨厌|厌恶|不满|(无法|不能|难以)(接受|忍受)|dislike|hate"),
    (3, r"忍受|勉强|凑合|将就|(可以|能够?)接受|tolerate|live with"),
    (2, r"无所谓|没感觉|中立|都可以|都行|neutral|don.?t care|indifferent"),
    (1, r"理所当然|理应|应该|应当|必须|必需|本该|expect|must"),
    (0, r"喜欢|满意|高兴|惊喜|like|enjoy|delight"),
)
_LACKING = re.compile(
    r"(?i)没有|不具备|不具有|不提供|不支持|不包含|不含|不带|不能够?|不可以|无法|缺少|缺乏|取消|未提供|反向|负向|"
    r"dysfunctional|without|does ?n.t have|do(es)? not have|lacks?\b"
)
_HAVING = re.compile(r"(?i)具备|具有|提供|支持|包含|带有|可以|能够?|增加|有|正向|functional|\bwith\b|\b(has|have)\b")  # fmt: skip
_QUOTED = re.compile(r"[【「『“\"《]([^】」』”\"》]+)[】」』”\"》]")
_BEFORE = re.compile(r"^\s*(如果|假如|假设|倘若|要是|若|当)?(我们|本店|本品牌|该?产品|这款产品|它|品牌|商家|平台|app)?的?", re.IGNORECASE)  # fmt: skip
_ALIKE = 0.7  # of the wording that two halves of a pair have in common


@dataclass(frozen=True, slots=True)
class Pair:
    """A feature and its two questions.

    Attributes
    ----------
    found : how they came together: 题干 (wording), 指定 (named), 对调 (named the other way round)
    """

    feature: str
    functional: Question
    dysfunctional: Question
    found: str = "题干"


def pairs_found(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Pair, ...]:
    """The pairs that the wording tells: 如果有…/如果没有…, 具备/不具备, functional/dysfunctional."""
    asked = [q for q in items(questionnaire, responses) if _answers_kano(responses, q)]
    having = [q for q in asked if _side(q) > 0]
    lacking = [q for q in asked if _side(q) < 0]
    pairs: list[Pair] = []
    for is_same in (_same_stem, _similar):
        for one in having:
            free = [q for q in lacking if q not in [p.dysfunctional for p in pairs]]
            other = is_same(one, free)
            if other and one not in [p.functional for p in pairs]:
                pairs.append(Pair(feature_of(one), one, other))
    order = {q.id: at for at, q in enumerate(asked)}
    return _with_own_names(sorted(pairs, key=lambda pair: order[pair.functional.id]))


def pairs_named(
    said: str, questionnaire: Questionnaire, responses: pl.DataFrame
) -> tuple[Pair, ...]:
    """The pairs that the user names: "Q9=Q10、Q11_1=Q12_1"; whole matrices pair row by row.

    Raises
    ------
    BadParameter : it is not written so, or two matrices have different numbers of rows.
    UnknownName : there is no such question.
    """
    pairs: list[Pair] = []
    for one in filter(None, re.split(r"[、,，;；\s]+", said)):
        halves = [half.strip() for half in one.split("=")]
        if len(halves) != 2 or not all(halves):
            raise BadParameter("题目配对", f"“{one}”不是“正向题=反向题”，例如 Q9=Q10")
        first, second = (named([half], questionnaire, responses) for half in halves)
        if len(first) != len(second):
            raise BadParameter("题目配对", f"“{halves[0]}”和“{halves[1]}”的行数不同")
        pairs += [_pair(a, b) for a, b in zip(first, _by_label(first, second), strict=True)]
    return _with_own_names(pairs)


def _pair(first: Question, second: Question) -> Pair:
    if _side(first) < 0 < _side(second):
        return Pair(feature_of(second), second, first, "对调")
    return Pair(feature_of(first), first, second, "指定")


def _by_label(first: Sequence[Question], second: Sequence[Question]) -> Sequence[Question]:
    """The rows of the second matrix in the order of the first, where their labels are the same."""
    at = {_stem(label_of(q)): q for q in second}
    found = [at.get(_stem(label_of(q))) for q in first]
    matched = [q for q in found if q is not None]
    return matched if len({q.id for q in matched}) == len(first) else second


def levels(responses: pl.DataFrame, item: Question, *, like_first: bool = True) -> pl.Series:
    """The answer of every respondent as its place in Kano's five answers.

    Parameters
    ----------
    like_first : of answers that are bare numbers, whether 1 (else 5) says "I like it"

    Returns
    -------
    (n) Int64, 0 = like, 1 = must be, 2 = neutral, 3 = live with, 4 = dislike; -1 = none of them
    """
    answers = responses[item.columns[0]]
    if not answers.dtype.is_numeric():
        worth: dict[str, int] | dict[float, int] = {x: at for x in answers.drop_nulls().unique() if (at := level_of(x)) is not None}  # fmt: skip
    else:
        told = {float(o.code): at for o in item.options if o.code and o.code.isdigit() and (at := level_of(o.label)) is not None}  # fmt: skip
        answers = answers.cast(pl.Float64)
        plain = {float(n): n - 1 if like_first else 5 - n for n in range(1, 6)}
        worth = told if len(told) >= 3 else plain
    if not worth:
        return pl.repeat(-1, len(answers), dtype=pl.Int64, eager=True)
    return answers.replace_strict(worth, default=-1, return_dtype=pl.Int64).fill_null(-1)


def is_bare(responses: pl.DataFrame, item: Question) -> bool:
    """Whether the answers are numbers that no label explains."""
    numeric = responses[item.columns[0]].dtype.is_numeric()
    return numeric and sum(level_of(o.label) is not None for o in item.options) < 3


def level_of(label: str) -> int | None:
    """The place of an answer among Kano's five; None where it is none of them.

    >>> [level_of(x) for x in ("我很喜欢", "理应如此", "无所谓", "可以忍受", "不喜欢", "每周")]
    [0, 1, 2, 3, 4, None]
    """
    plain = simplified(label)
    return next((at for at, words in _WORDS if re.search(words, plain, re.IGNORECASE)), None)


def _answers_kano(responses: pl.DataFrame, item: Question) -> bool:
    """Whether the answers are Kano's: words all of which are known, or numbers from 1 to 5."""
    answers = responses[item.columns[0]].drop_nulls()
    if answers.is_empty():
        return False
    if answers.dtype.is_numeric():
        return bool(answers.cast(pl.Float64).is_in([1.0, 2.0, 3.0, 4.0, 5.0]).all()) and _asks_if(
            item
        )
    words = [x for x in answers.unique() if not NO_OPINION.search(x)]
    return all(level_of(x) is not None for x in words)


def _asks_if(item: Question) -> bool:
    return bool(re.search(r"(?i)如果|假如|假设|倘若|要是|若|具备|functional|\bif\b", item.wording))


def _side(item: Question) -> int:
    """1 where the question is about having the feature, -1 about lacking it, 0 unclear."""
    for text in _texts(item):
        if _LACKING.search(text):
            return -1
        if _HAVING.search(text):
            return 1
    return 0


def _texts(item: Question) -> tuple[str, ...]:
    """Where the side may stand: in the row of a matrix only where it stands in no wording above it."""
    whole, _, row = simplified(item.wording).rpartition("｜")
    return (whole, row) if whole and (_LACKING.search(whole) or re.search("具备|functional|如果", whole)) else (row, whole)  # fmt: skip


def _stem(text: str) -> str:
    """The wording without the side and without punctuation, for comparison."""
    plain = simplified(text)
    mark = _LACKING.search(plain) or _HAVING.search(plain)
    bare = plain[: mark.start()] + plain[mark.end() :] if mark else plain
    return re.sub(r"[\W_]+", "", bare).lower()


def _key(item: Question) -> str:
    """What both halves have in common, with the row of the matrix apart."""
    whole, _, row = item.wording.rpartition("｜")
    return f"{_stem(whole)}｜{_stem(row)}"


def _same_stem(one: Question, others: Iterable[Question]) -> Question | None:
    return next((q for q in others if _key(q) == _key(one)), None)


def _similar(one: Question, others: Iterable[Question]) -> Question | None:
    """The most similar of the others, whose row in the matrix, if there is one, is the same."""
    ranked = [(SequenceMatcher(None, _key(one), _key(q)).ratio(), q) for q in others if _row(q) == _row(one)]  # fmt: skip
    best = max(ranked, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= _ALIKE else None


def _row(item: Question) -> str:
    """The row of the matrix; "" outside of one, so that any two questions may be similar."""
    return _stem(label_of(item)) if "｜" in item.wording else ""


def feature_of(item: Question) -> str:
    """What the feature is called: the row of the matrix, what stands in quotes, else the wording up to the comma.

    >>> from insight.schema import QuestionKind
    >>> feature_of(Question(id="Q9", wording="如果有专属客服，您的感受是？", kind=QuestionKind.SINGLE, columns=("Q9",)))
    '专属客服'
    """
    text = label_of(item)
    if quoted := _QUOTED.search(text):
        return quoted[1]
    mark = _LACKING.search(text) or _HAVING.search(text)
    bare = text[: mark.start()] + text[mark.end() :] if mark and "｜" not in item.wording else text
    first = re.split(r"[，,。？?！!：:]", _BEFORE.sub("", bare, count=1))[0]
    return re.sub(r"(的话|时)$", "", first).strip() or text


def _with_own_names(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The same pairs; features of one name told apart by the id of their question."""
    names = [pair.feature for pair in pairs]
    return tuple(
        replace(pair, feature=f"{pair.feature}（{pair.functional.id}）") if names.count(pair.feature) > 1 else pair
        for pair in pairs
    )  # fmt: skip
