"""Recodes of figures: a scale reversed, bands to numbers, numbers to bands, the highest scores."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from insight.clean.choices import amounts
from insight.errors import BadRecode
from insight.recoding.made import (
    NUMBERS,
    SCALES,
    Made,
    each,
    is_numeric,
    need_kind,
    need_options,
    options_of,
)
from insight.schema import Option, Question, QuestionKind
from insight.schema.recodes import Bands, Boxes, Midpoints, Reverse

REST = "其余"


def reversed_(responses: pl.DataFrame, question: Question, step: Reverse) -> Made:
    """The scale the other way round: x becomes lowest + highest − x.

    Notes
    -----
    The lowest score is 0 where a 0 occurs among options or answers, else 1.

    Raises
    ------
    BadRecode
    """
    need_kind(question, (QuestionKind.SCALE, QuestionKind.MATRIX), what="反向计分")
    if not is_numeric(responses, question):
        raise BadRecode(question.id, "反向计分", "答案是文字，不是分数")
    known = options_of(responses, question)
    found = [float(o.code or o.label) for o in known] or [0.0]
    low, high = 0.0 if min(found) <= 0 else 1.0, float(step.points or max(found))
    if max(found) > high:
        raise BadRecode(question.id, "反向计分", f"有 {max(found):g} 分，超过了最高分 {high:g}")
    turned = (o.model_copy(update={"code": f"{low + high - float(o.code or o.label):g}"}) for o in known)  # fmt: skip
    options = tuple(sorted((_own_label(o, at=n) for n, o in zip(found, turned, strict=True)), key=lambda o: float(o.code or 0)))  # fmt: skip
    columns = each(responses, question, lambda c: (low + high - c).cast(c.dtype))
    return Made(question.model_copy(update={"options": options}), columns)


def _own_label(option: Option, *, at: float) -> Option:
    """An option that is called by its old score is called by the new one."""
    return option.model_copy(update={"label": option.code}) if option.label == f"{at:g}" else option


def midpoints(responses: pl.DataFrame, question: Question, step: Midpoints) -> Made:
    """Bands as numbers.

    Raises
    ------
    BadRecode, UnknownName
    """
    need_kind(question, (QuestionKind.SINGLE,), what="换成组中值")
    known = options_of(responses, question)
    need_options(step.values, known)
    values = {**middles([o.label for o in known]), **step.values}
    if not values:
        raise BadRecode(question.id, "换成组中值", "选项里没有数，请写明每个选项的数值")
    columns = each(responses, question, lambda c: c.replace_strict(values, default=None, return_dtype=pl.Float64))  # fmt: skip
    made = question.model_copy(update={"kind": QuestionKind.NUMBER, "options": ()})
    return Made(made, columns)


def middles(labels: list[str]) -> dict[str, float]:
    """The middle of every band; labels without an amount are left out.

    Notes
    -----
    A band that is open at one end is taken to be as wide as its neighbour; none goes below 0.

    >>> middles(["3000元以下", "3001-5000元", "5001-9000元", "9000元以上", "不清楚"])
    {'3000元以下': 2000.5, '3001-5000元': 4000.5, '5001-9000元': 7000.5, '9000元以上': 10999.5}
    """
    found = {label: band for label in labels if (band := amounts(label)) is not None}
    closed = sorted((low, high - low) for low, high, side in found.values() if side == 0)
    widths = [width for _, width in closed if width > 0] or [0.0]
    result = {}
    for label, (low, high, side) in found.items():
        outside = {-1.0: max(low - widths[0] / 2, 0.0), 1.0: high + widths[-1] / 2}
        result[label] = outside.get(side, (low + high) / 2)
    return result


def boxes(responses: pl.DataFrame, question: Question, step: Boxes) -> Made:
    """The highest (or lowest) scores against the others; of a single choice its last (first) options.

    Raises
    ------
    BadRecode
    """
    what = f"合并最{'高' if step.end == 'top' else '低'} {step.boxes} 分"
    need_kind(question, (*SCALES, QuestionKind.SINGLE, QuestionKind.MATRIX), what=what)
    known = options_of(responses, question)
    if len(known) <= step.boxes:
        raise BadRecode(question.id, what, f"一共只有 {len(known)} 档")
    chosen = known[-step.boxes :] if step.end == "top" else known[: step.boxes]
    named = f"最{'高' if step.end == 'top' else '低'} {step.boxes} 档（{'、'.join(o.label for o in chosen)}）"
    inside = _inside(responses, question, chosen)
    columns = each(responses, question, lambda c: _two(c, inside, named))
    kind = QuestionKind.MATRIX if question.kind is QuestionKind.MATRIX else QuestionKind.SINGLE
    options = (Option(label=named), Option(label=REST))
    return Made(question.model_copy(update={"options": options, "kind": kind}), columns)


def _inside(
    responses: pl.DataFrame, question: Question, chosen: tuple[Option, ...]
) -> list[float] | list[str]:
    if is_numeric(responses, question):
        return [float(o.code or o.label) for o in chosen]
    return [o.label for o in chosen]


def _two(answers: pl.Series, inside: list[float] | list[str], named: str) -> pl.Series:
    values = answers.cast(pl.Float64) if answers.dtype.is_numeric() else answers
    is_in = pl.lit(values).is_in(inside)
    told = pl.when(is_in).then(pl.lit(named)).otherwise(pl.lit(REST))
    return pl.select(told).to_series().set(answers.is_null(), None)


def bands(responses: pl.DataFrame, question: Question, step: Bands) -> Made:
    """Numbers as bands; an edge belongs to the band above it.

    Raises
    ------
    BadRecode
    """
    need_kind(question, (*NUMBERS, QuestionKind.MATRIX), what="分段")
    if not is_numeric(responses, question):
        raise BadRecode(question.id, "分段", "答案不是数字")
    if any(low >= high for low, high in pairwise(step.edges)):
        raise BadRecode(question.id, "分段", "分界点要从小到大，不能重复")
    if step.labels and len(set(step.labels)) != len(step.edges) + 1:
        raise BadRecode(question.id, "分段", f"{len(step.edges)} 个分界点要 {len(step.edges) + 1} 个不同的名称")  # fmt: skip
    labels = step.labels or band_labels(step.edges, whole=_is_whole(responses, question))
    names = {float(at): label for at, label in enumerate(labels)}
    columns = each(responses, question, lambda c: _band_of(c, step.edges).replace_strict(names, return_dtype=pl.String))  # fmt: skip
    kind = QuestionKind.MATRIX if len(question.columns) > 1 else QuestionKind.SINGLE
    options = tuple(Option(label=label) for label in labels)
    return Made(question.model_copy(update={"options": options, "kind": kind}), columns)


def _is_whole(responses: pl.DataFrame, question: Question) -> bool:
    values = pl.concat([responses[c].cast(pl.Float64).rename("x") for c in question.columns])
    return bool((values.drop_nulls() == values.drop_nulls().round()).all())


def _band_of(values: pl.Series, edges: tuple[float, ...]) -> pl.Series:
    """How many edges each value has reached (n, Float64); null stays null."""
    reached = pl.sum_horizontal(*((values >= edge).cast(pl.Float64) for edge in edges))
    return pl.select(reached).to_series().set(values.is_null(), None)


def band_labels(edges: tuple[float, ...], *, whole: bool) -> tuple[str, ...]:
    """What the bands are called; of whole numbers by their first and last.

    >>> band_labels((18.0, 30.0), whole=True)
    ('不到 18', '18–29', '30 及以上')
    >>> band_labels((0.5, 1.0), whole=False)
    ('不到 0.5', '0.5 到不足 1', '1 及以上')
    """
    whole = whole and all(edge.is_integer() for edge in edges)
    inner = (_whole_band(low, high) if whole else f"{low:g} 到不足 {high:g}" for low, high in pairwise(edges))  # fmt: skip
    return (f"不到 {edges[0]:g}", *inner, f"{edges[-1]:g} 及以上")


def _whole_band(low: float, high: float) -> str:
    return f"{low:g}" if high == low + 1 else f"{low:g}–{high - 1:g}"
