"""What did the respondents answer: every question with its counts, shares, intervals and bases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import CLOSED, NEVER_COUNTED, SCORED, Sample, parts, sample
from insight.bases import Base
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows, UnknownName
from insight.members import Members, ticked
from insight.schema import MISSING_LABELS, Question, QuestionKind, Questionnaire
from insight.settings import settings
from insight.stats.banner import SUPPRESSED, count_choices, flagged
from insight.stats.proportions import Rule, wilson
from insight.stats.scores import mean_of
from insight.stubs import answers_on, exclusive_clashes
from insight.summaries import summary_table
from insight.wording import count, decimal, listed, percent

TITLE = "问卷总表"
MOST_CHARTS, MOST_BARS = 12, 20


class Params(BaseModel):
    """Which questions, weighted or not."""

    questions: list[str] = Field(default_factory=list, title="题目", description="留空表示全部题目", json_schema_extra={"one_of": "questions"})  # fmt: skip
    use_weight: bool = Field(
        default=True, title="使用权重", description="问卷有“权重”列时，占比和均值按它加权"
    )
    base: Base = Field(default="回答本题的人", title="基数", description="“看到本题的人”把未答和拒答也算进占比的基数，并各列一行")  # fmt: skip


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


def question_table(
    question: Question, people: Sample, rule: Rule, *, base: Base = "回答本题的人"
) -> pl.DataFrame:
    """``option_table`` of a question, with the measure that only its kind has.

    MULTI: share_of_ticks [share of all ticks, adds up to 1]; RANK: n and share are of first ranks,
    mean_rank [1 = first, among those who ranked the item].
    """
    table = option_table(
        answers_on(people.responses, question, base), weight=people.weight, rule=rule
    )
    if question.kind is QuestionKind.MULTI:
        ticks = pl.col("share") * pl.col("weighted_base")
        table = table.with_columns(
            share_of_ticks=pl.when(ticks.sum() > 0).then(ticks / ticks.sum())
        )
    if question.kind is QuestionKind.RANK:
        held = [o.column for o in question.options if o.column in people.responses.columns]
        means: list[float | None] = [mean_of(people.responses[c], weight=people.weight).mean for c in held]  # fmt: skip
        means += [None] * (len(table) - len(means))
        table = table.with_columns(pl.Series("mean_rank", means, dtype=pl.Float64).fill_nan(None))
    return table.drop("weighted_base")


def _picture(question: Question, table: pl.DataFrame) -> alt.TopLevelMixin:
    ordinal = question.kind in (QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.DATE)
    table = table.with_row_index("at")
    shown = table if ordinal else table.sort("share", descending=True, nulls_last=True, maintain_order=True)  # fmt: skip
    shown = shown.head(MOST_BARS if not ordinal else len(shown))
    data = shown.select("at", "option", "share", "n", "base", is_small=pl.col("flag") != "")
    title = f"{question.id} {question.wording}"
    return charts.bars(data, label="option", value="share", title=title, order=shown["option"].to_list())  # fmt: skip


def _top_option(
    question: Question, table: pl.DataFrame, *, people: Sample, rule: Rule
) -> Finding | None:
    """The option most people chose, as a sentence."""
    is_answer = ~table["option"].is_in(list(MISSING_LABELS.values()))
    at = table["share"].set(~is_answer, None).arg_max()
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


def _hidden(summary: pl.DataFrame, rule: Rule) -> Finding:
    """That no question has an answer whose share could be told, as a sentence.

    Raises
    ------
    TooFewRows : nobody answered anything.
    """
    at = int(summary["base"].arg_max() or 0)
    row = summary.row(at, named=True)
    if not row["base"]:
        raise TooFewRows("有人回答的题目", 0, 1)
    why = f"不足 {rule.tiny_base} 人的题目不显示占比和平均分" if row["flag"] == SUPPRESSED else "没有可以算占比或平均分的题目"  # fmt: skip
    text = f"回答的人最多的是 {row['question']}“{row['wording']}”，{count(row['base'])} 人；{why}。"
    return Finding(text, row["base"], (Cell("summary", at, "base"),))


def _wanted(questionnaire: Questionnaire, params: Params) -> tuple[Question, ...]:
    known = [q.id for q in questionnaire.questions]
    if unknown := [name for name in params.questions if name not in known]:
        raise UnknownName("题目", unknown[0], known)
    return tuple(q for q in questionnaire.questions if not params.questions or q.id in params.questions)  # fmt: skip


def _asked(
    responses: pl.DataFrame, questionnaire: Questionnaire, params: Params
) -> tuple[Question, ...]:
    """The wanted questions whose columns are there; the rows of a matrix one by one."""
    there = set(responses.columns)
    held = (q for q in _wanted(questionnaire, params) if there & set(q.columns) and q.kind not in NEVER_COUNTED)  # fmt: skip
    return tuple(part for question in held for part in parts(question, responses))


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who chose each option, and who answered each question."""
    assert dataset.responses is not None
    people = sample(dataset.responses, use_weight=params.use_weight)
    asked = _asked(dataset.responses, dataset.questionnaire, params)
    responses = people.responses
    ids, unit = responses["respondent_id"], ("respondent_id",)
    options = {
        q.id: Members(ticked(answers_on(responses, q, params.base), ids, name="option"), unit, "n")
        for q in asked
        if q.kind in CLOSED
    }
    answered = responses.select(
        pl.any_horizontal(pl.col(c).is_not_null() for c in q.columns if c in responses.columns).alias(q.id)
        for q in asked
    )  # fmt: skip
    return {"summary": Members(ticked(answered, ids, name="question"), unit, "base"), **options}


def run(dataset: Dataset, params: Params) -> Result:
    """One table per question, named by its id, and ``summary`` over all of them."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    asked = _asked(dataset.responses, dataset.questionnaire, params)
    if not asked:
        raise MissingColumns(TITLE, ("问卷：题目",))
    closed = [question for question in asked if question.kind in CLOSED]
    tables = {q.id: question_table(q, people, rule, base=params.base) for q in closed}
    summary = summary_table(asked, people, rule)
    sentences = [
        _score(summary, at, rule) if q.kind in SCORED else _top_option(q, tables[q.id], people=people, rule=rule) if q in closed else None
        for at, q in enumerate(asked)
    ]  # fmt: skip
    drawn = [q for q in closed if tables[q.id]["share"].is_not_null().any()][:MOST_CHARTS]
    return Result(
        {"summary": summary, **tables},
        {q.id: _picture(q, tables[q.id]) for q in drawn},
        tuple(f for f in sentences if f) or (_hidden(summary, rule),),
        _notes(asked, people, rule, base=params.base),
    )


def _notes(asked: Sequence[Question], people: Sample, rule: Rule, *, base: Base) -> tuple[str, ...]:
    kinds = {question.kind for question in asked}
    clashes = (exclusive_clashes(q, people.responses) for q in asked if q.kind is QuestionKind.MULTI)  # fmt: skip
    return (
        _base_rule(base),
        "未被问到 = 跳过或未显示；未答 = 看到而没有答（没有说明的空白也算）；拒答 = 明确拒绝回答；三者分别计数，见总表。",
        "区间：95% Wilson 区间。NPS = 推荐者（9–10 分）占比 − 贬损者（0–6 分）占比，误差为 1.96 倍标准误。",
        people.note,
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不显示占比（—）。",
        *(note for kind, note in _OF_KIND.items() if kind in kinds),
        *filter(None, clashes),
    )


_OF_KIND = {
    QuestionKind.RANK: "排序题：人数和占比是排在第一位的，另列平均名次。",
    QuestionKind.DATE: "日期题按月计数。",
}


def _base_rule(base: Base) -> str:
    several = "多选题各项之和可以超过 100%"
    if base == "看到本题的人":
        return f"基数：看到本题的答卷数，未答和拒答计入并各列一行；未被问到的不计入；{several}。"
    return f"基数：看到并回答本题的答卷数；多选题为看到本题的答卷数（一项都没选也计入）；未被问到的都不计入；{several}。"


ANALYSIS = Analysis(
    key="topline",
    title=TITLE,
    question="大家是怎么回答每一道题的？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=10,
    theme="表格",
)
