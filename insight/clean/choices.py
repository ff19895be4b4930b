"""Options inside answers: what is written behind "other", and in which order options are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from insight.simplified import simplified

OTHER = "其他"
_OTHER_TEXT = r"^\s*(.+?)\s*〖(.*)〗\s*$"
_OTHER_COLON = r"(?i)^\s*((?:其他|其它|other)(?:\s*[(（][^()（）]*[)）]|[^:：]{0,8}))[:：]\s*(.+)$"
_OTHER_CODE = r"(?i)^-oth-\s*(.*)$"


def chosen(parts: pl.Series) -> pl.DataFrame:
    """What respondents wrote behind "other" apart from the option itself.

    Parameters
    ----------
    parts : (n) lists of options, null where there is no answer

    Returns
    -------
    (n) labels [list], written [text behind options as ``其他〖文本〗``, joined by "；", or null]
    """
    element = pl.element()
    forms = (_OTHER_TEXT, _OTHER_COLON)
    label = pl.coalesce(*(element.str.extract(form, 1) for form in forms), _coded_other(), element)
    text = pl.coalesce(*(element.str.extract(form, 2) for form in forms), element.str.extract(_OTHER_CODE))  # fmt: skip
    written = parts.list.eval(text.filter(text.str.strip_chars() != "")).list.join("；")
    return pl.DataFrame({
        "labels": parts.list.eval(label).list.unique(maintain_order=True),
        "written": written.set(written == "", None),
    })  # fmt: skip


def _coded_other() -> pl.Expr:
    """LimeSurvey writes -oth- for "other"."""
    return pl.when(pl.element().str.contains(_OTHER_CODE)).then(pl.lit(OTHER))


def ordered(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Option labels in the order to show them.

    Parameters
    ----------
    counts : label -> number of respondents

    Returns
    -------
    By the letter or number before every label, by the amount they speak of ("以下" first, "以上"
    last), from "非常不满意" to "非常满意", else most frequent first, then by label.

    >>> ordered({"18~24岁": 5, "60岁以上": 9, "18岁以下": 1, "25~29岁": 2})
    ('18岁以下', '18~24岁', '25~29岁', '60岁以上')
    """
    labels = sorted(counts, key=lambda label: (-counts[label], label))
    if all(re.match(r"[A-Za-z]\s*[\s.、:：)）]", label) for label in labels):
        return tuple(sorted(labels))
    for place in (_amount_place, _agreement_place):
        places = {label: place(simplified(label)) for label in labels}
        if _tells_apart(list(places.values())):
            return tuple(sorted(labels, key=lambda label: places[label] or (9e99, 0)))
    return tuple(labels)


_Place = tuple[float, float] | None


def _tells_apart(places: list[_Place]) -> bool:
    """Whether at least two, and all but two or a third of the labels have a place of their own."""
    known = [p for p in places if p is not None]
    missing = len(places) - len(known)
    return len(known) >= 2 and len(set(known)) == len(known) and missing <= min(2, len(places) / 3)


_UNITS = {"千": 1e3, "k": 1e3, "K": 1e3, "万": 1e4, "亿": 1e8}
_AMOUNT = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)\s*([千kK万亿]?)(?:[^\d千万亿]{0,2}[-~～—至到]\s*(\d[\d,]*(?:\.\d+)?)\s*([千kK万亿]?))?"
)
_NOTHING = re.compile(r"^(无|没有|没|从不|从未|零)")
_BELOW, _ABOVE = re.compile("以下|以内|不到|不足|低于|少于|小于|[<＜≤]"), re.compile("以上|超过|高于|多于|大于|更多|[+＋>＞≥]")  # fmt: skip


def amounts(label: str) -> tuple[float, float, float] | None:
    """The lowest and highest amount a label speaks of, and whether it is open below (-1) or above (1).

    >>> amounts("3001-5000元"), amounts("1.5万以上"), amounts("无收入"), amounts("不知道")
    ((3001.0, 5000.0, 0.0), (15000.0, 15000.0, 1.0), (0.0, 0.0, 0.0), None)
    """
    number = _AMOUNT.search(label)
    if number is None:
        return (0.0, 0.0, 0.0) if _NOTHING.match(label) else None
    low, high = (float((number[i] or "0").replace(",", "")) for i in (1, 3))
    unit = number[2] or (number[4] if low < high else "")  # 1-1.5万, but 8000-1万
    side = -1.0 if _BELOW.search(label) else 1.0 if _ABOVE.search(label) else 0.0
    start = low * _UNITS.get(unit, 1.0)
    end = high * _UNITS.get(number[4] or "", 1.0) if number[3] else start
    return start, max(start, end), side


def _amount_place(label: str) -> _Place:
    found = amounts(label)
    if found is None:
        return None
    if _AMOUNT.search(label) is None:
        return (-1.0, 0.0)
    return found[0], found[2]


_DEGREES = (
    (1.0, re.compile(r"^(非常|很|极其?|完全|十分|特别|绝对)不|^从不|^强烈反对")),
    (2.0, re.compile(r"^(比较|较|不太|有点|不怎么)不?|^不")),
    (3.0, re.compile(r"^(一般|中立|普通|无所谓|说不清|不确定)")),
    (5.0, re.compile(r"^(非常|很|极其?|完全|十分|特别|绝对|总是|强烈)")),
    (4.0, re.compile(r"^(满意|同意|重要|喜欢|愿意|可能|了解|符合|清楚|关注|推荐|需要|经常)")),
)  # fmt: skip


def degree(label: str) -> float | None:
    """How far a label agrees, from 1 (非常不满意) over 3 (一般) to 5 (非常满意).

    >>> [degree(x) for x in ("很不重要", "不满意", "一般", "比较满意", "非常同意", "每周一次")]
    [1.0, 2.0, 3.0, 4.0, 5.0, None]
    """
    place = _agreement_place(simplified(label))
    return place[0] if place else None


def _agreement_place(label: str) -> _Place:
    if re.match(r"^(比较|较)(?!不)", label):
        return 4.0, 0.0
    return next(((degree, 0.0) for degree, words in _DEGREES if words.match(label)), None)
