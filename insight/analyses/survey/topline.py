"""What did the respondents answer: every question with its counts, shares, intervals and bases."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import CLOSED, NONE_OF_THESE, Sample, chosen, nets, parts, sample
from insight.dataset import Dataset
from insight.errors import MissingColumns, UnknownName
from insight.schema import QUESTION_KIND_LABELS, Question, QuestionKind, Questionnaire
from insight.settings import settings
from insight.stats.banner import SUPPRESSED, count_choices, flagged
from insight.stats.proportions import Rule, wilson
from insight.stats.scores import mean_of, net_promoter
from insight.wording import count, decimal, listed, percent

TITLE = "问卷总表"
MOST_CHARTS, MOST_BARS = 12, 20
SCORED = (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.NUMBER)
SUMMARY = {
    "question": pl.String, "wording": pl.String, "kind": pl.String, "base": pl.Int64, "n_missing": pl.Int64,
    "mean": pl.Float64, "sd": pl.Float64, "median": pl.Float64, "top2_share": pl.Float64,
    "any_share": pl.Float64, "nps": pl.Float64, "nps_margin": pl.Float64, "flag": pl.String,
}  # fmt: skip


class Params(BaseModel):
    """Which questions, weighted or not."""

    questions: list[str] = Field(
        default_factory=list,
        title="题目",
        description="留空表示全部题目",
        json_schema_extra={"one_of": "questions"},
    )
    use_weight: bool = Field(
        default=True, title="使用权重", description="问卷有“权重”列时，占比和均值按它加权"
    )


def option_table(answers: pl.DataFrame, *, weight: pl.Series, rule: Rule) -> pl.DataFrame:
    """Count every option of one question.

    Parameters
    ----------
    answers : (n_respondents x n_options) Boolean, null = not asked
    weight : (n_respondents) positive numbers

    Returns
    -------
    (n_options) option, n [count], base [asked, unweighted], share [weighted, 0..1],
        ci_low, ci_high [Wilson, 95 %, on the effective base], flag ["" | "*" | "—"],
        effective_base, weighted_base; share and interval are null where the base is tiny
    """
    table = count_choices(answers, weight=weight).rename({"row": "option"})
    shares, bases = (table[c].cast(pl.Float64).to_numpy() for c in ("share", "effective_base"))
    low, high = wilson(shares, bases)
    bounds = (pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None))
    table = table.with_columns(*bounds).pipe(flagged, rule=rule)
    shown = pl.when(pl.col("flag") != SUPPRESSED).then(pl.col("share", "ci_low", "ci_high"))
    return table.select("option", "n", "base", shown, "flag", "effective_base", "weighted_base")


def question_table(question: Question, people: Sample, rule: Rule) -> pl.DataFrame:
    """``option_table`` of a question, with the measure that only its kind has.

    MULTI: share_of_ticks [share of all ticks, adds up to 1]; RANK: n and share are of first ranks,
    mean_rank [1 = first, among those who ranked the item].
    """
    table = option_table(chosen(people.responses, question), weight=people.weight, rule=rule)
    if question.kind is QuestionKind.MULTI:
        ticks = pl.col("share") * pl.col("weighted_base")
        table = table.with_columns(
            share_of_ticks=pl.when(ticks.sum() > 0).then(ticks / ticks.sum())
        )
    if question.kind is QuestionKind.RANK:
        held = [o.column for o in question.options if o.column in people.responses.columns]
        means = [mean_of(people.responses[c], weight=people.weight).mean for c in held]
        table = table.with_columns(pl.Series("mean_rank", means, dtype=pl.Float64).fill_nan(None))
    return table.drop("weighted_base")


def summary_table(questions: Sequence[Question], people: Sample, rule: Rule) -> pl.DataFrame:
    """One row per question: who answered it, and the figures that fit its kind.

    Returns
    -------
    (n_questions) question, wording, kind, base [answered], n_missing [counted but unanswered],
        mean, sd, median [scores; median unweighted], top2_share [SCALE: highest two scores],
        any_share [MULTI: at least one option], nps, nps_margin [points, 95 %], flag
    """
    rows = [_summary_row(question, people, rule) for question in questions]
    return pl.DataFrame(rows, schema=SUMMARY, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip


def _summary_row(question: Question, people: Sample, rule: Rule) -> dict[str, object]:
    held = [c for c in question.columns if c in people.responses.columns]
    answered = pl.any_horizontal(pl.col(held).is_not_null())
    base = int(people.responses.select(answered.sum()).item())
    row: dict[str, object] = dict.fromkeys(SUMMARY) | {
        "question": question.id, "wording": question.wording, "base": base,
        "kind": QUESTION_KIND_LABELS[question.kind], "n_missing": len(people.responses) - base,
        "flag": "" if base >= rule.small_base else "*" if base >= rule.tiny_base else SUPPRESSED,
    }  # fmt: skip
    return row | _figures(question, people) if base >= rule.tiny_base else row


def _figures(question: Question, people: Sample) -> dict[str, object]:
    """Mean, NPS, T2B or NET of a question, whatever fits its kind."""
    grouped = count_choices(nets(people.responses, question), weight=people.weight)
    shares = grouped["share"].to_list()
    if question.kind is QuestionKind.MULTI:
        return {"any_share": shares[0]}
    if question.kind not in SCORED:
        return {}
    scores = people.responses[question.columns[0]]
    mean = mean_of(scores, weight=people.weight)
    figures: dict[str, object] = {"mean": mean.mean, "sd": mean.sd, "median": scores.median()}
    if question.kind is QuestionKind.NPS:
        net = net_promoter(shares[0], shares[2], base=grouped["effective_base"][0])
        return figures | {"nps": net.score, "nps_margin": net.margin}
    return figures | {"top2_share": shares[0] if shares else None}


def exclusive_clashes(question: Question, responses: pl.DataFrame) -> str:
    """A Chinese sentence where respondents ticked "none of these" together with something else."""
    answers = chosen(responses, question)
    none = [name for name in answers.columns if NONE_OF_THESE.search(name)]
    others = [name for name in answers.columns if name not in none]
    if question.kind is not QuestionKind.MULTI or not none or not others:
        return ""
    both = pl.any_horizontal(none) & pl.any_horizontal(others)
    n = answers.select(both.sum()).item()
    return f"{question.id}：有 {n} 份答卷同时选了“{none[0]}”和其他选项，按原样计入。" if n else ""


def _picture(question: Question, table: pl.DataFrame) -> alt.TopLevelMixin:
    ordinal = question.kind in (QuestionKind.SCALE, QuestionKind.NPS)
    shown = table if ordinal else table.sort("share", descending=True, nulls_last=True, maintain_order=True)  # fmt: skip
    shown = shown.head(MOST_BARS if not ordinal else len(shown))
    data = shown.select("option", "share", "n", "base", is_small=pl.col("flag") != "")
    title = f"{question.id} {question.wording}"
    return charts.bars(data, label="option", value="share", title=title, order=shown["option"].to_list())  # fmt: skip


def _top_option(
    question: Question, table: pl.DataFrame, *, people: Sample, rule: Rule
) -> Finding | None:
    """The option most people chose, as a sentence."""
    at = table["share"].arg_max()
    if at is None or not table["n"][at]:
        return None
    row = table.row(at, named=True)
    ties = table["option"].filter((table["share"] == row["share"]).fill_null(value=False)).to_list()
    verb = "把它排在第一位" if question.kind is QuestionKind.RANK else "选它"
    others = [t for t in ties if t != row["option"]]
    place = f"与{listed(others)}并列最多" if others else "最多"
    text = (
        f"{question.id}“{question.wording}”：“{row['option']}”{place}，{count(row['base'])} 人里有 {count(row['n'])} 人"
        f"{verb}（{people.percent(row['share'])}，95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}）"
        f"{rule.caution(row['base'])}。"
    )
    cells = ("n", "base", "share", "ci_low", "ci_high")
    return Finding(text, row["base"], tuple(Cell(question.id, int(at), c) for c in cells))


def _score(summary: pl.DataFrame, at: int, rule: Rule) -> Finding | None:
    """NPS or mean of a question, as a sentence."""
    row = summary.row(at, named=True)
    if row["mean"] is None:
        return None
    told, cells = f"平均 {decimal(row['mean'], digits=2)}", ["mean", "base"]
    if row["nps"] is not None:
        told = f"NPS 为 {decimal(row['nps'])}（误差 ±{decimal(row['nps_margin'])}），{told} 分"
        cells += ["nps", "nps_margin"]
    elif row["top2_share"] is not None:
        told += f" 分，{percent(row['top2_share'])} 打了最高两分"
        cells += ["top2_share"]
    text = f"{row['question']}“{row['wording']}”：{told}（基数 {count(row['base'])}）{rule.caution(row['base'])}。"  # fmt: skip
    return Finding(text, row["base"], tuple(Cell("summary", at, c) for c in cells))


def _wanted(questionnaire: Questionnaire, params: Params) -> tuple[Question, ...]:
    known = [q.id for q in questionnaire.questions]
    if unknown := [name for name in params.questions if name not in known]:
        raise UnknownName("题目", unknown[0], known)
    return tuple(q for q in questionnaire.questions if not params.questions or q.id in params.questions)  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """One table per question, named by its id, and ``summary`` over all of them."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    asked = [
        part
        for question in _wanted(dataset.questionnaire, params)
        if set(question.columns) & set(dataset.responses.columns)
        for part in parts(question, dataset.responses)
    ]
    if not asked:
        raise MissingColumns(TITLE, ("问卷：题目",))
    closed = [question for question in asked if question.kind in CLOSED]
    tables = {q.id: question_table(q, people, rule) for q in closed}
    summary = summary_table(asked, people, rule)
    sentences = [
        _score(summary, at, rule) if q.kind in SCORED else _top_option(q, tables[q.id], people=people, rule=rule) if q in closed else None
        for at, q in enumerate(asked)
    ]  # fmt: skip
    drawn = [q for q in closed if tables[q.id]["share"].is_not_null().any()][:MOST_CHARTS]
    return Result(
        {"summary": summary, **tables},
        {q.id: _picture(q, tables[q.id]) for q in drawn},
        tuple(f for f in sentences if f),
        _notes(closed, people, rule),
    )


def _notes(closed: Sequence[Question], people: Sample, rule: Rule) -> tuple[str, ...]:
    kinds = {question.kind for question in closed}
    clashes = (exclusive_clashes(q, people.responses) for q in closed if q.kind is QuestionKind.MULTI)  # fmt: skip
    return (
        "基数：看到并回答本题的答卷数（未显示、跳过和未答不计入，见总表“未答”）；多选题各项之和可以超过 100%。",
        "区间：95% Wilson 区间。NPS = 推荐者（9–10 分）占比 − 贬损者（0–6 分）占比，误差为 1.96 倍标准误。",
        people.note,
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不显示占比（—）。",
        *(
            ["排序题：人数和占比是排在第一位的，另列平均名次。"]
            if QuestionKind.RANK in kinds
            else []
        ),
        *filter(None, clashes),
    )


ANALYSIS = Analysis(
    key="topline",
    title=TITLE,
    question="大家是怎么回答每一道题的？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
)
