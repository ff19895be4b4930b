"""Which features must be there, which please, and to whom: Kano's pairs of questions, judged for everybody and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import QuestionsMissing
from insight.members import Members, ticked
from insight.ratings import Pair, each_group, groups_if_any, levels, pairs_found, pairs_named
from insight.ratings.kano_pairs import Numbers, is_bare
from insight.ratings.kano_table import feature_table
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.kano import CATEGORIES, NAMES, STRENGTH, judged, turned
from insight.stats.proportions import Rule
from insight.wording import count, decimal, percent

TITLE = "KANO 模型"
MOST_DOUBTFUL = 0.1  # share of reversed and questionable answers that is warned of
MOST_FEATURES = 12  # told in sentences
TEST = "Fong 检验（单侧 5%）"
FOUND = {"题干": "按题干识别", "指定": "指定", "对调": "指定时写反，已按题干对调"}


class Params(BaseModel):
    """Which questions form pairs, and by which groups."""

    pairs: str = Field(
        default="",
        title="题目配对",
        description="写成“正向题=反向题”，几对之间用、隔开，如 Q9=Q10、Q11_1=Q12_1；留空时按题干里的“如果有/如果没有”“具备/不具备”识别",
    )
    by: str = Field(
        default="",
        title="人群",
        description="各人群分别判定；不选时用 RFM 八类，没有订单时用第一个能分组的变量",
        json_schema_extra={"one_of": "breaks"},
    )
    numbers: Numbers = Field(
        default="自动",
        title="数字答案",
        description="答案只有数字 1–5 而没有文字时，哪一端是“喜欢”",
    )
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Judge every feature for everybody, then in each group."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    pairs = _pairs(dataset, people, params)
    banner = groups_if_any(dataset, params.by)
    like_first = _like_first(people, pairs, params.numbers)
    answers = _answers(people, pairs, like_first=like_first)
    tables = {"features": feature_table(answers, people.weight, rule=rule)}
    if banner:
        parts = [
            feature_table(_answers(part, pairs, like_first=like_first), part.weight, rule=rule)
            .insert_column(0, pl.repeat(name, len(pairs), eager=True).alias("segment"))
            for name, part in each_group(people, banner)
        ]  # fmt: skip
        tables |= {"by_segment": pl.concat(parts)} if parts else {}
    tables["halves"] = _pair_table(people, pairs, like_first=like_first)
    return Result(
        tables,
        {"features": _picture(tables["features"])},
        _findings(tables, rule),
        _notes(people, pairs, rule=rule, banner=banner, numbers=_told_numbers(people, pairs, like_first=like_first)),
    )  # fmt: skip


def _pairs(dataset: Dataset, people: Sample, params: Params) -> tuple[Pair, ...]:
    asked = (dataset.questionnaire, people.responses)
    pairs = pairs_named(params.pairs, *asked) if params.pairs.strip() else pairs_found(*asked)
    if not pairs:
        raise QuestionsMissing(
            TITLE,
            "成对的正反两问",
            "“如果有……，您的感受是？”和“如果没有……，您的感受是？”，答案都是 喜欢、理所当然、无所谓、能忍受、不喜欢",
        )
    return pairs


def _like_first(people: Sample, pairs: Sequence[Pair], numbers: Numbers) -> bool:
    """Whether 1 says "I like it": the end to which having a feature leans, more than lacking it does."""
    if numbers != "自动":
        return numbers == "1 = 喜欢"
    bare = [p for p in pairs if is_bare(people.responses, p.functional)]
    gaps = [
        people.responses.select(
            pl.col(p.functional.columns[0]).mean() - pl.col(p.dysfunctional.columns[0]).mean()
        ).item()
        for p in bare
    ]
    return sum(gap or 0.0 for gap in gaps) <= 0


def _answers(people: Sample, pairs: Sequence[Pair], *, like_first: bool) -> pl.DataFrame:
    """(n x n_features) the place of each respondent's category in CATEGORIES, -1 = no answer."""
    halves = (
        [levels(people.responses, q, like_first=like_first).to_numpy() for q in (p.functional, p.dysfunctional)]
        for p in pairs
    )  # fmt: skip
    return pl.DataFrame({p.feature: judged(*both) for p, both in zip(pairs, halves, strict=True)})


def _pair_table(people: Sample, pairs: Sequence[Pair], *, like_first: bool) -> pl.DataFrame:
    """Which questions form each pair, how they came together, and whether their halves look exchanged."""
    swapped = _answers(people, [_exchanged(p) for p in pairs], like_first=like_first)
    straight = _answers(people, pairs, like_first=like_first)
    looks = [turned(_counts(straight[p.feature]), _counts(swapped[p.feature])) for p in pairs]
    return pl.DataFrame({
        "feature": [p.feature for p in pairs],
        "functional": [p.functional.id for p in pairs], "functional_wording": [p.functional.wording for p in pairs],
        "dysfunctional": [p.dysfunctional.id for p in pairs], "dysfunctional_wording": [p.dysfunctional.wording for p in pairs],
        "paired_by": [FOUND[p.found] for p in pairs], "halves_order": ["可能写反" if look else "正常" for look in looks],
    })  # fmt: skip


def _exchanged(pair: Pair) -> Pair:
    return Pair(pair.feature, pair.dysfunctional, pair.functional)


def _counts(places: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    known = places.filter(places >= 0).to_numpy()
    return np.bincount(known, minlength=len(CATEGORIES)).astype(np.float64)


def _picture(table: pl.DataFrame) -> alt.LayerChart:
    ground = charts.Ground(across=(0.0, -1.0), up=(0.0, 1.0), cross=(-0.5, 0.5), corners=("魅力", "期望", "无差异", "必备"))  # fmt: skip
    shown = table.with_row_index("at").select(
        "at", "feature", "better", "worse", "category_name", "base", is_small=pl.col("flag") != ""
    )
    return charts.quadrants(shown, label="feature", x="worse", y="better", ground=ground, title="Better–Worse 系数")  # fmt: skip


_ORDER = {letter: at for at, letter in enumerate("MOARIQ")}  # what is to be done comes first


def _findings(tables: Mapping[str, pl.DataFrame], rule: Rule) -> tuple[Finding, ...]:
    rows = [r for r in tables["features"].with_row_index("at").iter_rows(named=True) if r["category"]]  # fmt: skip
    rows.sort(key=lambda r: (_ORDER[r["category"]], r["worse"] or 0.0, r["feature"]))
    told = [_about(row, rule) for row in rows[:MOST_FEATURES]]
    doubted = [_doubtful(row, tables["halves"]["halves_order"][row["at"]]) for row in rows if (row["doubtful_share"] or 0) > MOST_DOUBTFUL]  # fmt: skip
    return (*told, *_differing(tables), *doubted)


def _about(row: Mapping[str, Any], rule: Rule) -> Finding:
    sure = "" if row["lead"] == "显著" or not row["runner_up"] else f"，但与“{NAMES[row['runner_up']]}”没有显著拉开"  # fmt: skip
    text = (
        f"“{row['feature']}”是{NAMES[row['category']]}属性（{row['category']}）：有它满意度提升系数 Better {decimal(row['better'], digits=2)}，"
        f"没有它满意度下降系数 Worse {decimal(row['worse'], digits=2)}，{count(row['base'])} 人作答{sure}{rule.caution(row['base'])}。"
    )
    cells = [c for c in ("better", "worse", "base") if row[c] is not None]
    return Finding(text, row["base"], tuple(Cell("features", row["at"], c) for c in cells), TEST)


def _differing(tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """The features that groups with enough people see clearly differently."""
    if "by_segment" not in tables:
        return []
    sure = (pl.col("flag") == "") & (pl.col("lead") == "显著")
    table = tables["by_segment"].with_row_index("at").filter(sure)
    found = []
    for feature in tables["features"]["feature"]:
        own = table.filter(pl.col("feature") == feature)
        rows = own.unique("category", keep="first", maintain_order=True).rows(named=True)
        if len(rows) > 1:
            told = "，".join(f"对“{r['segment']}”是{NAMES[r['category']]}（{count(r['base'])} 人）" for r in rows[:3])  # fmt: skip
            cells = tuple(Cell("by_segment", r["at"], "base") for r in rows[:3])
            found.append(Finding(f"“{feature}”因人群而异：{told}。", sum(r["base"] for r in rows[:3]), cells, TEST))  # fmt: skip
    return found


def _doubtful(row: Mapping[str, Any], order: str) -> Finding:
    why = "正反两问看起来写反了，请在“题目配对”里对调，或确认顾客真的不想要它" if order == "可能写反" else "请检查题目是否容易看错，或顾客是否不想要它"  # fmt: skip
    text = f"“{row['feature']}”有 {percent(row['doubtful_share'])} 的回答相反或自相矛盾（R 和 Q，{count(row['base'])} 人作答）：{why}。"  # fmt: skip
    return Finding(text, row["base"], (Cell("features", row["at"], "doubtful_share"), Cell("features", row["at"], "base")))  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who answered both halves of each feature, altogether and by group."""
    assert dataset.responses is not None
    people = sample(dataset.responses, use_weight=params.use_weight)
    pairs = _pairs(dataset, people, params)
    like_first = _like_first(people, pairs, params.numbers)
    answered = _answers(people, pairs, like_first=like_first).select(pl.all() >= 0)
    told = ticked(answered, people.responses["respondent_id"], name="feature")
    unit = ("respondent_id",)
    found = {"features": Members(told, unit, "base")}
    banner = groups_if_any(dataset, params.by)
    if banner and "by_segment" in result.tables:
        groups = banner.members.lazy().select("respondent_id", segment="group")
        found["by_segment"] = Members(told.join(groups, on="respondent_id"), unit, "base")
    return found


def _told_numbers(people: Sample, pairs: Sequence[Pair], *, like_first: bool) -> str:
    if not any(is_bare(people.responses, p.functional) for p in pairs):
        return ""
    return f"答案只有数字，按 {'1' if like_first else '5'} = 喜欢 读取；如果相反，请改“数字答案”。"


def _notes(
    people: Sample, pairs: Sequence[Pair], *, rule: Rule, banner: Break | None, numbers: str
) -> tuple[str, ...]:
    split = f"人群按“{banner.label}”{banner.note}划分。" if banner else "数据里没有能分组的变量，只给总体。"  # fmt: skip
    swapped = [p.feature for p in pairs if p.found == "对调"]
    return (
        f"基数：正反两问都作答的答卷；没有筛选；{split}",
        "评价表：Berger 等（1993）；M 必备、O 期望、A 魅力、I 无差异、R 反向、Q 可疑；人数并列时按 M>O>A>I 取。",
        "Better =（A+O）÷（A+O+M+I），Worse = −（O+M）÷（A+O+M+I），区间为 95% Wilson；四象限以 0.5 为界。",
        f"检验：最多的两类之间用 {TEST}，即人数差 ≥ 1.65×√[(a+b)(2N−a−b)/2N]；不作多重比较校正；类别强度以领先 {percent(STRENGTH)} 为界（Lee 与 Newcomb，1997）。",
        f"R 和 Q 合计超过 {percent(MOST_DOUBTFUL)} 的项目会提示。",
        people.note,
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不判定（—）。",
        *([numbers] if numbers else []),
        *([f"指定时正反写反、已按题干对调：{'、'.join(swapped)}。"] if swapped else []),
    )  # fmt: skip


ANALYSIS = Analysis(
    key="kano",
    title=TITLE,
    question="哪些功能必不可少，哪些让人惊喜？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=10,
    theme="需求",
)
