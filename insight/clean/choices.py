"""Options inside answers: how several are joined in one cell, and in which order they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

SEPARATORS = ("┋", "¦", ";", "；", "|", "\n", "、", ",", "，")
_SURE = "┋"
_STRONG = frozenset("¦;；|")
_MOST_OPTIONS = 60
OTHER_TEXT = r"^\s*(.+?)\s*〖(.*)〗\s*$"
_OTHER_COLON = r"^\s*((?:其他|其它|Other)[^:：]{0,8})[:：]\s*(.+)$"


def separator(answers: pl.Series) -> str | None:
    """What joins several options in one cell, None where cells hold one answer each.

    Parameters
    ----------
    answers : (n) non-null text cells

    Notes
    -----
    ``┋`` (问卷星) is certain. Any other mark must stand in a tenth of the cells, and the pieces it
    leaves must be few and come again in other combinations; marks in brackets do not count.
    """
    if answers.str.contains(_SURE, literal=True).any():
        return _SURE
    return next((s for s in SEPARATORS[1:] if _joins(answers, s)), None)


def _joins(answers: pl.Series, mark: str) -> bool:
    parts = pieces(answers, mark)
    several = int((parts.list.len() > 1).sum())
    if several < max(2, len(answers) / 10):
        return False
    combined = pl.DataFrame({"cell": answers, "part": parts}).explode("part")
    options = combined.group_by("part").agg(n=pl.len(), cells=pl.col("cell").n_unique())
    if len(options) > _MOST_OPTIONS:
        return False
    again = float((options["cells"] > 1).mean() or 0)  # type: ignore[arg-type]
    if mark in _STRONG:
        return again >= 0.3
    often = options["n"].sum() / len(options)
    return again >= 0.6 and often >= 3 and answers.n_unique() >= len(options)


def pieces(answers: pl.Series, mark: str) -> pl.Series:
    """The options of each cell (n lists); a mark inside brackets belongs to the option."""
    if mark == _SURE:
        parts = answers.str.split(mark)
    else:
        outside = rf"(?:[^{re.escape(mark)}()（）【】〖〗]|\([^()]*\)|（[^（）]*）|【[^】]*】|〖[^〗]*〗|[()（）【】〖〗])+"
        parts = answers.str.extract_all(outside)
    stripped = parts.list.eval(pl.element().str.strip_chars())
    return stripped.list.eval(pl.element().filter(pl.element() != "")).list.unique(
        maintain_order=True
    )


def chosen(parts: pl.Series) -> pl.DataFrame:
    """What respondents wrote behind "other" apart from the option itself.

    Parameters
    ----------
    parts : (n) lists of options, null where there is no answer

    Returns
    -------
    (n) labels [list], written [text behind options as ``其他〖文本〗``, joined by "；", or null]
    """
    label = pl.coalesce(
        pl.element().str.extract(OTHER_TEXT, 1), pl.element().str.extract(_OTHER_COLON, 1), pl.element()
    )  # fmt: skip
    text = pl.coalesce(
        pl.element().str.extract(OTHER_TEXT, 2), pl.element().str.extract(_OTHER_COLON, 2)
    )
    written = parts.list.eval(text.drop_nulls()).list.join("；")
    return pl.DataFrame({
        "labels": parts.list.eval(label),
        "written": written.set(written.str.strip_chars() == "", None),
    })  # fmt: skip


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
        places = {label: place(label) for label in labels}
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


def _amount_place(label: str) -> _Place:
    number = _AMOUNT.search(label)
    if number is None:
        return (-1.0, 0.0) if _NOTHING.match(label) else None
    low, high = (float((number[i] or "0").replace(",", "")) for i in (1, 3))
    unit = number[2] or (number[4] if low < high else "")  # 1-1.5万, but 8000-1万
    amount = low * _UNITS.get(unit, 1.0)
    side = -1.0 if _BELOW.search(label) else 1.0 if _ABOVE.search(label) else 0.0
    return amount, side


_DEGREES = (
    (1.0, re.compile(r"^(非常|很|极其?|完全|十分|特别|绝对)不|^从不|^强烈反对")),
    (2.0, re.compile(r"^(比较|较|不太|有点|不怎么)不?|^不")),
    (3.0, re.compile(r"^(一般|中立|普通|无所谓|说不清|不确定)")),
    (5.0, re.compile(r"^(非常|很|极其?|完全|十分|特别|绝对|总是|强烈)")),
    (4.0, re.compile(r"^(满意|同意|重要|喜欢|愿意|可能|了解|符合|清楚|关注|推荐|需要|经常)")),
)  # fmt: skip


def _agreement_place(label: str) -> _Place:
    if re.match(r"^(比较|较)(?!不)", label):
        return 4.0, 0.0
    return next(((degree, 0.0) for degree, words in _DEGREES if words.match(label)), None)
