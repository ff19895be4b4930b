"""What changed since the last wave: shares, means and net promoter scores, and which changes are only chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import closed_questions
from insight.dataset import Dataset
from insight.errors import MissingColumns, UnknownName
from insight.members import Members
from insight.parameters import Correcting, Significance, rule_of
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break
from insight.segmentation.waves import TITLE, Grain, waves_of
from insight.stats.banner import TOTAL, codes_of
from insight.stats.cells import Columns
from insight.stats.multiple import CORRECTION_LABELS
from insight.stats.proportions import Rule
from insight.tabulation.asking import Asked, Weighing
from insight.tabulation.banners import Family
from insight.tabulation.behind import answered, cells_of
from insight.tabulation.figures import scored
from insight.tabulation.panel import panel
from insight.tabulation.people import people_of
from insight.tabulation.tracking import FALL, NEW, RISE, tracked
from insight.tabulation.wave_codebook import codebook, overview
from insight.wording import count, decimal, percent, points

MOST_SERIES, MOST_TOLD = 6, 3
# table -> its figure, the change of it, and how a change is called
FOLLOWED = {
    "scores": ("nps", "nps_change", "NPS"), "means": ("mean", "mean_change", "均值"), "shares": ("share", "wave_share_difference", "占比"),
}  # fmt: skip
ARROWS = {RISE: "↑", FALL: "↓"}


class Params(BaseModel):
    """What tells the waves apart, and which questions are followed."""

    wave: str = Field(
        default="",
        title="波次按",
        description="不选时依次看：导入的几个文件、写明波次的题、提交时间",
        json_schema_extra={"one_of": "waves"},
    )
    grain: Grain = Field(default="自动", title="时间粒度", description="按日期分波时每一波多长；自动：不超过 12 波里最短的")  # fmt: skip
    questions: list[str] = Field(default_factory=list, title="题目", description="不选时比较全部题目", json_schema_extra={"one_of": "questions"})  # fmt: skip
    correction: Correcting = "bh"
    level: Significance = "5% / 1%"
    weight: Weighing = "auto"


@dataclass(frozen=True, slots=True)
class Plan:
    """The waves, who is in which, and the questions: those with options, and all."""

    book: Asked
    waves: Break
    closed: tuple[Question, ...]

    @property
    def family(self) -> Family:
        """The waves as columns."""
        return self.book.families[0]


def run(dataset: Dataset, params: Params) -> Result:
    """Compare every wave with the one before."""
    rule = rule_of(params.correction, params.level)
    plan = _plan(dataset, params)
    people = plan.book.people
    found = tracked(plan.closed, plan.book.questions, plan.family, people=people, rule=rule)
    followed = {"scores": found.nets, "means": found.means, "shares": found.shares.drop("is_net")}
    kept = {name: table for name, table in followed.items() if table.height}
    differences = codebook(found.shares, plan.family.names)
    seen = overview(list(kept.values()), plan.family, rule=rule)
    tables = {"waves": seen, **kept} | ({"codebook": differences} if differences.height else {})
    tables |= panel(plan.closed, plan.book.questions, plan.family, people=people, rule=rule)
    findings = (*_changes(tables, rule), *_again(tables, rule), *_summary(tables, plan, rule))
    return Result(tables, _pictures(tables), findings, _notes(plan, tables, rule=rule))  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who chose what, and who gave a score, in which wave."""
    plan = _plan(dataset, params)
    unit = ("respondent_id",)
    numbers = scored(plan.book.questions, plan.book.people.responses)
    rated = answered(plan.book, numbers).select("question", pl.col("column").alias("wave"), "respondent_id")  # fmt: skip
    closed = Asked(plan.book.people, plan.closed, plan.book.families, ())
    chose = cells_of(closed, base="回答本题的人").select("question", "row", pl.col("column").alias("wave"), "respondent_id")  # fmt: skip
    known = {"shares": Members(chose, unit, "n"), "means": Members(rated, unit, "base"), "scores": Members(rated, unit, "n")}  # fmt: skip
    waves = plan.waves.members.rename({"group": "wave"}).lazy().join(plan.book.people.responses.lazy().select("respondent_id"), on="respondent_id", how="semi")  # fmt: skip
    return {"waves": Members(waves, unit, "n")} | {name: known[name] for name in known if name in result.tables}  # fmt: skip


def _plan(dataset: Dataset, params: Params) -> Plan:
    waves = waves_of(dataset, params.wave, grain=params.grain)
    people = people_of(dataset, weight=params.weight)
    ids = people.responses.select("respondent_id")
    group = ids.join(waves.members, on="respondent_id", how="left", maintain_order="left")["group"]
    columns = Columns(codes_of(group, waves.groups), len(waves.groups))
    family = Family(waves.key, waves.label, waves.groups, TOTAL, columns)
    questions = _questions(dataset, params.questions, besides=waves.key)
    closed = tuple(q for q in closed_questions(dataset.questionnaire, people.responses) if q in questions and q.kind is not QuestionKind.DATE)  # fmt: skip
    if not closed and not scored(questions, people.responses):
        raise MissingColumns(TITLE, ("问卷：可以比较的题目（单选、多选、量表等）",))
    return Plan(Asked(people, questions, (family,), ()), waves, closed)


def _questions(dataset: Dataset, wanted: Sequence[str], *, besides: str) -> tuple[Question, ...]:
    known = {q.id: q for q in dataset.questionnaire.questions if q.id != besides}
    for name in wanted:
        if name not in known:
            raise UnknownName("题目", name, tuple(known))
    return tuple(known[name] for name in dict.fromkeys(wanted or known))


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    """The net promoter scores, the means and the shares that moved most, each over all waves."""
    drawn: dict[str, alt.TopLevelMixin] = {}
    for name, (figure, change, _) in FOLLOWED.items():
        if name not in tables:
            continue
        placed = tables[name].with_row_index("at").filter(pl.col(figure).is_not_null())
        keys = ["question", "row"]
        moved = placed.group_by(keys).agg(
            (pl.col("p_adjusted").fill_null(1.0)).min().alias("p"), pl.col(change).abs().max().alias("far"), pl.col(figure).mean().alias("size"), pl.col("at").min(),
        ).sort("p", "far", "at", descending=[False, True, False], nulls_last=True)  # fmt: skip
        near = pl.col("size").is_between(pl.col("size").first() / 2, pl.col("size").first() * 2)
        shown = (moved.filter(near) if name == "means" else moved).head(MOST_SERIES)
        own = placed.join(shown.select(keys), on=keys, how="semi", maintain_order="left")
        label = pl.col("row") if name != "shares" else pl.format("{} {}", "question", "row")
        mark = pl.col("verdict").replace_strict(ARROWS, default="", return_dtype=pl.String)
        order = tables["waves"]["wave"].to_list()
        data = own.select("at", pl.col("wave").cast(pl.Enum(order)), figure, label.alias("series"), mark.alias("mark"), is_small=pl.col("flag") != "")  # fmt: skip
        drawn[name] = charts.trends(data, wave="wave", value=figure, series="series", mark="mark")
    return drawn


def _changes(tables: Mapping[str, pl.DataFrame], rule: Rule) -> Iterator[Finding]:
    """The largest significant changes in the last wave, by kind of figure."""
    last = tables["waves"]["wave"][-1]
    for name, (_, change, _) in FOLLOWED.items():
        if name not in tables:
            continue
        sure = tables[name].with_row_index("at").filter(pl.col("verdict").is_in([RISE, FALL]), wave=last)  # fmt: skip
        widest = sure.sort(pl.col(change).abs(), "at", descending=[True, False])
        yield from (_change(name, row, rule) for row in widest.head(MOST_TOLD).iter_rows(named=True))  # fmt: skip


def _change(name: str, row: Mapping[str, Any], rule: Rule) -> Finding:
    figure, change, called = FOLLOWED[name]
    told = f"{row['question']}“{row['row']}”" if name == "shares" else row["row"]
    now, before, by = (_written(name, row[c]) for c in (figure, f"previous_{figure}", change))
    counted = "base" if "base" in row else "n"
    text = (
        f"{told}的{called}在“{row['wave']}”为 {now}，比“{row['previous_wave']}”的 {before}"
        f"{'上升' if row[change] > 0 else '下降'} {points(abs(row[change])) if name == 'shares' else by.removeprefix('-')}（n={count(row[counted])}），"
        f"超出误差{rule.caution(row[counted])}。"
    )
    cells = (figure, f"previous_{figure}", change, counted)
    return Finding(text, row[counted], tuple(Cell(name, row["at"], c) for c in cells), _test(rule))


def _written(name: str, value: float) -> str:
    return percent(value) if name == "shares" else decimal(value, digits=1 if name == "scores" else 2)  # fmt: skip


def _again(tables: Mapping[str, pl.DataFrame], rule: Rule) -> Iterator[Finding]:
    """The largest significant change of those who answered two waves in a row."""
    for name, figure, change, called in (("panel_means", "mean", "mean_change", "平均分"), ("panel_shares", "share", "wave_share_difference", "占比")):  # fmt: skip
        sure = tables[name].with_row_index("at").filter(pl.col("verdict").is_in([RISE, FALL])) if name in tables else pl.DataFrame()  # fmt: skip
        if sure.height:
            row = sure.sort(pl.col(change).abs(), "at", descending=[True, False]).row(0, named=True)
            kind = "shares" if figure == "share" else "means"
            text = (
                f"“{row['previous_wave']}”和“{row['wave']}”都答了的 {count(row['base'])} 人里，{row['row']}的{called}由 {_written(kind, row[f'previous_{figure}'])} "
                f"变为 {_written(kind, row[figure])}，超出误差{rule.caution(row['base'])}。"
            )
            cells = tuple(Cell(name, row["at"], c) for c in ("base", f"previous_{figure}", figure))
            yield Finding(text, row["base"], cells, "配对 t 检验" if kind == "means" else "McNemar 精确检验")  # fmt: skip


def _paired(tables: Mapping[str, pl.DataFrame]) -> str:
    """What the note on the tests adds where some people answered twice."""
    if not {"panel_shares", "panel_means"} & set(tables):
        return ""
    return "；客户编号相同、相邻两波都答了的人另作配对检验（占比用 McNemar 精确检验，加权时用配对 t；均值用配对 t；同一波答了几份的只取编号最小的一份），见“两波都答的人”两张表"


def _summary(tables: Mapping[str, pl.DataFrame], plan: Plan, rule: Rule) -> Iterator[Finding]:
    """How many of the comparisons with the last wave are more than chance, and whether the options changed."""
    at = tables["waves"].height - 1
    row = tables["waves"].row(at, named=True)
    text = (
        f"“{row['wave']}”（{count(row['n'])} 份答卷）与上一波相比共检验 {count(row['n_tests'])} 处，显著上升 {count(row['n_up'])} 处、"
        f"显著下降 {count(row['n_down'])} 处，其余 {count(row['n_noise'])} 处都在误差内。"
    )
    cells = ("n", "n_tests", "n_up", "n_down", "n_noise")
    yield Finding(text, row["n"], tuple(Cell("waves", at, c) for c in cells), _test(rule))
    if "codebook" in tables:
        first = tables["codebook"].row(0, named=True)
        n = tables["codebook"].height
        text = f"各波的题目或选项有 {count(n)} 处不同，例如{first['question']}“{first['row']}”：{first['remark']}（没有出现在{first['absent_waves']}），这些变化不能当作态度变化。"
        yield Finding(text, plan.book.people.responses.height, (Cell("codebook", 0, "row"), Cell("codebook", 0, "absent_waves")))  # fmt: skip


def _test(rule: Rule) -> str:
    return f"与上一波比较：占比 z、均值 Welch t、NPS z（双侧，p≤{rule.levels[0]:g}，校正：{CORRECTION_LABELS[rule.correction]}）"


def _notes(plan: Plan, tables: Mapping[str, pl.DataFrame], *, rule: Rule) -> tuple[str, ...]:
    outside = plan.book.people.responses.height - plan.family.n_inside
    made = [name for name, words in (("占比", "shares"), ("均值", "means"), ("NPS", "scores")) if words in tables]  # fmt: skip
    n_tests = sum(tables["waves"]["n_tests"].to_list())
    differ = "见“题目和选项的变化”" if "codebook" in tables else "没有查到不同"
    return (
        f"波次：按“{plan.waves.label}”分成 {len(plan.waves.groups)} 波：{'、'.join(plan.waves.groups)}{f'；另有 {count(outside)} 份答卷没有波次，不计入' if outside else ''}。",
        "基数：各波中看到并回答本题的答卷数；筛选：全部未被排除的答卷。",
        f"检验：{_test(rule)}，每一波与问过本题的上一波比较；各波当作不同的人，同一批人重复受访时检验偏保守{_paired(tables)}。",
        f"多重比较：{'、'.join(made)}各以全部比较为一族，共检验 {count(n_tests)} 处；“在误差内”的变化不宜解读，占比为 0% 或 100% 的不检验。",
        f"题目和选项：同一份问卷才会并在一起；某一波没有人选、而按其他波次的占比几乎不可能是偶然（概率不到 1%）的选项，视为那一波没有这个选项，标“{NEW}”等字样，{differ}。",
        rule.small_bases,
        plan.book.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="waves",
    title=TITLE,
    question="和上一波比，哪些变化是真的？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=150,
    theme="波次",
)
