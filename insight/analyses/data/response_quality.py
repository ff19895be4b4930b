"""Which answered questionnaires deserve a second look, and why."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.quality import CHECKS
from insight.wording import count, percent

DOUBTFUL = 50  # points from which a questionnaire is called doubtful


class Params(BaseModel):
    """Nothing to choose: the rules are those of the study."""


def summary(cases: pl.DataFrame) -> pl.DataFrame:
    """How often each check found something.

    Parameters
    ----------
    cases : (n_respondents) as ``insight.quality.cases`` gives it

    Returns
    -------
    (n_checks) check, n, base [respondents it could be made for], share, points, meaning;
        most frequent first
    """
    rows = [
        (check.label, int(cases[name].sum() or 0), cases[name].count(), check.points, check.meaning)
        for name, check in CHECKS.items()
    ]
    table = pl.DataFrame(rows, schema=_SUMMARY, orient="row")
    share = pl.when(pl.col("base") > 0).then(pl.col("n") / pl.col("base"))
    named = table.with_columns(share=share).select(
        "check", "n", "base", "share", "points", "meaning"
    )
    return named.sort("n", "points", "check", descending=[True, True, False])


_SUMMARY = {"check": pl.String, "n": pl.Int64, "base": pl.Int64, "points": pl.Int64, "meaning": pl.String}  # fmt: skip


def doubtful(cases: pl.DataFrame) -> pl.DataFrame:
    """The respondents with any reason, most doubtful first; of equals those who bought nothing first."""
    shown = ("respondent_id", "doubt", "reasons", "duration_s", "is_customer", "is_left_out")
    found = cases.filter(pl.col("doubt") > 0).select([c for c in shown if c in cases.columns])
    by = ["doubt", "is_customer", "respondent_id"]
    return found.sort(by, descending=[True, False, False], nulls_last=True)


def overview(cases: pl.DataFrame) -> pl.DataFrame:
    """(1) base, n_flagged, share_flagged, n_doubtful, n_left_out."""
    n = cases.height
    flagged = int((cases["doubt"] > 0).sum())
    return pl.DataFrame({
        "base": [n], "n_flagged": [flagged], "share_flagged": [flagged / n],
        "n_doubtful": [int((cases["doubt"] >= DOUBTFUL).sum())], "n_left_out": [int(cases["is_left_out"].sum())],
    })  # fmt: skip


def findings(total: pl.DataFrame, checks: pl.DataFrame) -> tuple[Finding, ...]:
    """How many have a reason, how many weigh heavily, and the most frequent reason."""
    row, first = total.row(0, named=True), checks.row(0, named=True)
    text = (
        f"{count(row['base'])} 份答卷中 {count(row['n_flagged'])} 份有可疑之处（{percent(row['share_flagged'])}），"
        f"其中 {count(row['n_doubtful'])} 份的可疑分在 {DOUBTFUL} 分以上，已排除 {count(row['n_left_out'])} 份。"
    )  # fmt: skip
    cells = [Cell("overview", 0, c) for c in ("base", "n_flagged", "share_flagged", "n_doubtful", "n_left_out")]  # fmt: skip
    found = [Finding(text, row["base"], tuple(cells))]
    if first["n"]:
        often = f"最常见的是“{first['check']}”：{count(first['n'])} 份，占能检查的 {percent(first['share'])}。"  # fmt: skip
        cells = [Cell("checks", 0, c) for c in ("n", "share")]
        found.append(Finding(often, first["base"], tuple(cells)))
    return tuple(found)


def members(dataset: Dataset, _params: Params, _result: Result) -> Mapping[str, Members]:
    """The respondents that each check found."""
    assert dataset.quality is not None
    flags = dataset.quality.lazy().select("respondent_id", *CHECKS)
    long = flags.unpivot(index="respondent_id", variable_name="check").filter("value").drop("value")
    labels = {name: check.label for name, check in CHECKS.items()}
    named = long.with_columns(pl.col("check").replace(labels))
    return {
        "checks": Members(named, ("respondent_id",), "n"),
        "cases": Members(flags.select("respondent_id"), ("respondent_id",)),
    }


def run(dataset: Dataset, _params: Params) -> Result:
    """Sum up the checks on all questionnaires, those left out included."""
    cases = dataset.quality
    if cases is None or cases.is_empty():
        raise TooFewRows("答卷", 0, 1)
    checks, total = summary(cases), overview(cases)
    shown = checks.with_row_index("at").filter(pl.col("base") > 0)
    picture = charts.bars(shown, label="check", value="n", title="每项检查发现的答卷数")
    notes = (
        f"可疑分是各项检查的分数之和，最高 100 分；{DOUBTFUL} 分以上建议逐份核对。分数只是线索，不点击不会排除任何一份。",
        *(f"{check.label}（{check.points} 分）：{check.meaning}。" for check in CHECKS.values()),
        "对得上订单的答卷有真实购买为证，同分时排在后面。来源：Huang 等 2012；Johnson 2005；Meade & Craig 2012。",
    )
    tables = {"overview": total, "checks": checks, "cases": doubtful(cases)}
    return Result(tables, {"checks": picture}, findings(total, checks), notes)


ANALYSIS = Analysis(
    key="response_quality",
    title="答卷质量",
    question="哪些答卷不可信，为什么？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=20,
)
