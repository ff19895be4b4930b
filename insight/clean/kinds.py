"""What kind of question one column of answers is, and which kinds it may be made into."""

from __future__ import annotations

import re

import polars as pl

from insight.clean.columns import is_numeric
from insight.clean.contents import MOBILE, is_like_id
from insight.clean.rankings import rank_mark
from insight.clean.times import times
from insight.clean.values import numbers, plain
from insight.errors import BadKind
from insight.schema import QUESTION_KIND_LABELS, QuestionKind
from insight.simplified import simplified

_NPS = re.compile(r"推荐|\bnps\b|nps$|^nps|recommend", re.IGNORECASE)
_SCALE = re.compile(
    r"满意|评分|打分|程度|同意|重要|符合|喜欢|可能性|意愿|几分|量表|rating|satisf|\bsat_",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"建议|意见|想法|补充|为什么|原因|请说明|请描述|请填写|谈谈|感受|看法|想说|还有什么"
)
SURELY_OPEN = re.compile(r"建议|意见|补充|请说明|请描述|谈谈|想说|还有什么|想法|看法|感受")
_WEIGHT = re.compile(
    r"^(wt|wgt|weights?|加权|权重)([_\s.]?\w{1,3}|系数|因子)?$|^(样本|抽样)权重$", re.IGNORECASE
)
_SLIDER = re.compile(r"滑[动块条]|拖动|slider", re.IGNORECASE)
_DATE = r"^(19|20)\d{2}(\s*[-/年.]\s*\d{1,2}\s*[-/月.]\s*\d{1,2}(\D|$)|(0[1-9]|1[0-2])\d{2}$)"
_POINT = r"^\s*(\d{1,3})\s*(?:$|[-–—.、:：)）分]|\s)"
WIDEST_SCALE = 11
WIDEST_SLIDER = 101
MOST_OPTIONS = 200
_MOST_LOST = 0.5  # of the answers that a kind may leave unread


def kind_of(answers: pl.Series, *, wording: str, coded: bool) -> QuestionKind:
    """Kind of a question that one column holds.

    Parameters
    ----------
    answers : (n) non-null text
    wording : what was asked
    coded : whether the file holds option numbers instead of option text

    Notes
    -----
    Phone numbers and long numbers that hardly repeat are identifiers, never quantities. 0 to 10
    with a wording on recommending is NPS; 2 to 11 neighbouring integers are a scale, two integers a
    single choice; in a coded file integers are option numbers unless the wording speaks of a
    rating. Text is open where it hardly repeats, is long, or is asked for openly.
    """
    wording = simplified(wording)
    if _is_date(answers):
        return QuestionKind.DATE
    if is_phone(answers) or (is_like_id(answers, header=wording)):
        return QuestionKind.ID
    if is_numeric(answers):
        return _numeric_kind(numbers(answers).drop_nulls(), wording=wording, coded=coded)
    return QuestionKind.OPEN if is_open(answers, wording=wording) else QuestionKind.SINGLE


def _numeric_kind(values: pl.Series, *, wording: str, coded: bool) -> QuestionKind:
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    if _WEIGHT.search(wording) and low > 0:
        return QuestionKind.WEIGHT
    whole = bool((values == values.round()).all()) and low >= 0
    if whole and high <= 10 and high > 5 and _NPS.search(wording):
        return QuestionKind.NPS
    if _SLIDER.search(wording) and high > WIDEST_SCALE:
        return QuestionKind.SLIDER
    points = whole and high <= WIDEST_SCALE and high - low < WIDEST_SCALE
    if points and _SCALE.search(wording):
        return QuestionKind.SCALE
    if whole and (coded or values.n_unique() <= 2):
        return QuestionKind.SINGLE
    return QuestionKind.SCALE if points else QuestionKind.NUMBER


def is_slider(filled: list[pl.Series], *, wording: str) -> bool:
    """Whether a wording and all its columns (non-null numbers as text) speak of points on a line from 0 to 100."""
    if _SLIDER.search(simplified(wording)) is None:
        return False
    values = numbers(pl.concat(filled)).drop_nulls()
    return bool(values.is_between(0, WIDEST_SLIDER - 1).all())


def is_rating(wording: str) -> bool:
    """Whether a wording asks to rate something (满意度, 打分)."""
    return _SCALE.search(simplified(wording)) is not None


def is_phone(answers: pl.Series) -> bool:
    """Whether at least half of the answers are mobile phone numbers."""
    return bool((plain(answers).str.contains(MOBILE).mean() or 0) >= 0.5)  # type: ignore[operator]


def _is_date(answers: pl.Series) -> bool:
    told = answers.str.contains(_DATE)
    return bool(told.mean() >= 0.9) and bool(times(answers).seconds.is_not_null().mean() >= 0.9)  # type: ignore[operator]


def is_open(answers: pl.Series, *, wording: str) -> bool:
    """Whether text answers are free writing rather than options."""
    n, distinct = len(answers), answers.n_unique()
    length = float(answers.unique().str.len_chars().mean() or 0)  # type: ignore[arg-type]
    many = max(20, n / 2)
    return (
        distinct > min(60, many)
        or (distinct > 20 and length >= 5)
        or (distinct > 12 and (length >= 15 or _OPEN.search(wording) is not None))
        or (distinct > max(2, n / 2) and (length >= 6 or SURELY_OPEN.search(wording) is not None))
    )


def points(answers: pl.Series) -> pl.Series:
    """Scores (n, Float64); of a labelled one (``5 - 非常满意``, ``5分``) the number before the label."""
    return numbers(answers).fill_null(answers.str.extract(_POINT).cast(pl.Float64))


def check_kind(answers: pl.Series, kind: QuestionKind, *, question: str) -> None:
    """Refuse a kind that the answers of one column cannot be.

    Parameters
    ----------
    answers : (n) non-null text

    Raises
    ------
    BadKind : says in one sentence why.
    """
    if reason := _hindrance(answers, kind):
        raise BadKind(question, QUESTION_KIND_LABELS[kind], reason)


def _hindrance(answers: pl.Series, kind: QuestionKind) -> str:
    match kind:
        case QuestionKind.MATRIX | QuestionKind.SHARES | QuestionKind.BLANKS | QuestionKind.TABLE:
            return "它在表里只有一列，这种题型需要几列"
        case QuestionKind.SINGLE if (n := answers.n_unique()) > MOST_OPTIONS:
            return f"有 {n:,} 种不同的回答，单选题最多 {MOST_OPTIONS} 种"
        case QuestionKind.RANK if rank_mark(answers, is_told=True) is None:
            return "没有用“→”等符号连接的名次"
        case QuestionKind.DATE:
            return _unread(times(answers).seconds, "日期")
        case QuestionKind.NUMBER | QuestionKind.SLIDER | QuestionKind.WEIGHT:
            return "内容是手机号" if is_phone(answers) else _unread(numbers(answers), "数字")
        case QuestionKind.SCALE | QuestionKind.NPS:
            return _no_scale(points(answers), kind)
    return ""


def _unread(read: pl.Series, what: str) -> str:
    n = read.null_count()
    return f"{len(read):,} 个回答里有 {n:,} 个不是{what}" if n > _MOST_LOST * len(read) else ""


def _no_scale(scores: pl.Series, kind: QuestionKind) -> str:
    if unread := _unread(scores, "分数"):
        return unread
    known = scores.drop_nulls()
    if not bool((known == known.round()).all()):
        return "分数不是整数"
    widest = 10 if kind is QuestionKind.NPS else WIDEST_SLIDER - 1
    low, high = float(known.min()), float(known.max())  # type: ignore[arg-type]
    return f"分数在 {low:g} 到 {high:g} 之间，应在 0 到 {widest} 之间" if low < 0 or high > widest else ""  # fmt: skip
