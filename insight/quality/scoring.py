"""Every check on every questionnaire, put together into a score of doubt with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from insight.answers import spoken
from insight.quality import answering, copies
from insight.schema import Questionnaire


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it is called, how heavily it weighs, what it looks at."""

    label: str
    points: int
    meaning: str


CHECKS: Mapping[str, Check] = MappingProxyType({
    "repeated_here": Check("同一 IP 的相同答卷", 50, "来自同一 IP，且全部选择题答案相同"),
    "repeated": Check("与他人答案完全相同", 40, "八道以上选择题的答案与另一份逐题相同"),
    "too_fast": Check("作答过快", 35, "用时不到中位数的三成，或平均每题不到两秒"),
    "senseless": Check("乱填", 35, "开放题是重复的字、键盘连键或无意义的字母"),
    "straight": Check("整组选同一项", 30, "五个以上量表题全部选同一个答案"),
    "copied": Check("开放题雷同", 30, "十二个字以上的开放题与另一份逐字相同"),
    "contradictory": Check("前后矛盾", 25, "选了“以上都没有”又选了别的，或推荐意愿与满意度相反"),
    "unlikely": Check("作答模式异常", 15, "量表答案的组合远离其他人（马氏距离，p<0.001）"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the checks draw the line: share of the median time, seconds per question, p of a pattern."""

    share_of_median: float = 0.3
    seconds_per_item: float = 2.0
    pattern_p: float = 0.001


def cases(
    responses: pl.DataFrame, questionnaire: Questionnaire, *, lines: Thresholds | None = None
) -> pl.DataFrame:
    """Check every questionnaire.

    Parameters
    ----------
    responses : (n) as cleaned
    lines : where the checks draw the line

    Returns
    -------
    (n) respondent_id, one Boolean column for each of ``CHECKS`` [null: could not be checked],
        doubt [0..100, higher is more doubtful], reasons [labels joined by "、"], duration_s if known,
        is_customer [has been matched to orders or customers]

    Notes
    -----
    A score of doubt, never a verdict: Meade & Craig (2012), Psychol Methods 17, 437-455.
    """
    lines = lines or Thresholds()
    flags = _flags(responses, questionnaire, lines)
    frame = pl.DataFrame([responses["respondent_id"], *(f.alias(n) for n, f in flags.items())])
    points = [pl.col(n).fill_null(value=False).cast(pl.Int64) * c.points for n, c in CHECKS.items()]
    named = [pl.when(pl.col(n)).then(pl.lit(c.label)) for n, c in CHECKS.items()]
    found = responses["match_status"] == "matched" if "match_status" in responses.columns else None
    known = [responses["duration_s"]] if "duration_s" in responses.columns else []
    return frame.with_columns(
        pl.min_horizontal(pl.sum_horizontal(points), 100).alias("doubt"),
        pl.concat_str(named, separator="、", ignore_nulls=True).alias("reasons"),
        *known,
        is_customer=found if found is not None else pl.lit(None, pl.Boolean),
    )


def _flags(
    responses: pl.DataFrame, questionnaire: Questionnaire, lines: Thresholds
) -> dict[str, pl.Series]:
    closed = copies.closed_columns(questionnaire, responses)
    words = [responses[q.columns[0]] for q in spoken(questionnaire, responses)]
    scales = answering.grids(questionnaire, responses)
    none = pl.repeat(None, responses.height, dtype=pl.Boolean, eager=True)
    here = copies.repeated(responses, closed, from_one_place=True)
    anywhere = copies.repeated(responses, closed, from_one_place=False)
    return {
        "repeated_here": here,
        "repeated": anywhere & ~here.fill_null(value=False),
        "too_fast": answering.too_fast(
            responses, share=lines.share_of_median, per_item=lines.seconds_per_item, n_items=len(questionnaire.questions)
        ),
        "senseless": copies.senseless(words) if words else none,
        "straight": answering.straight(responses, scales),
        "copied": copies.copied(words) if words else none,
        "contradictory": answering.contradictory(responses, questionnaire),
        "unlikely": answering.unlikely(responses, scales, p=lines.pattern_p),
    }  # fmt: skip
