"""In which purchase segment those are who answered but cannot be found in the orders, as far as answers tell it."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.members import Members
from insight.parameters import Seed
from insight.stats import multinomial
from insight.stats.imputation import DRAWS
from insight.stats.proportions import Floats
from insight.typing_tool import TITLE, Typed, carried, typed
from insight.wording import count, decimal, percent

SURE = 0.8
_TEST = f"{multinomial.FOLDS} 折交叉验证，单侧精确 McNemar 检验"


class Params(BaseModel):
    """Which groups are learnt from which answers."""

    by: str = Field(
        default="high_ticket",
        title="人群",
        description="按购买或客户资料分的人群；问卷里的题不能用",
        json_schema_extra={"one_of": "breaks"},
    )
    questions: list[str] = Field(
        default_factory=list,
        title="题目",
        description="用哪些题推断；留空时用全部选择题、打分题和排序题",
        json_schema_extra={"one_of": "questions"},
    )
    least_lift: float = Field(
        default=1.05,
        ge=1,
        le=3,
        title="至少是几倍",
        description="猜中的比例至少是“全猜最大一层”的几倍，否则不给结果",
    )
    use_weight: bool = Field(default=True, title="使用权重")
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """Learn the segments, judge the model, and type everybody who has none."""
    assert dataset.responses is not None
    asked = params.questions, params.least_lift, params.seed
    made = typed(dataset, params.by, questions=asked[0], least_lift=asked[1], seed=asked[2])
    people = sample(dataset.responses, use_weight=params.use_weight)
    told = multinomial.chances(made.model, made.features.values[made.unknown])
    ids = made.features.ids.gather(made.unknown)
    tables = {
        "carried": carried(made, told, dataset, people=people, seed=params.seed),
        "respondents": _typed(made.groups, told, ids=ids),
        "accuracy": _accuracy(made),
        "confusion": _confusion(made),
        "model": _coefficients(made),
        "checked": _checked(made),
        "probabilities": _every(made.groups, told, ids=ids),
    }
    return Result(tables, _pictures(tables), _findings(tables, made), _notes(made, people))


def _accuracy(made: Typed) -> pl.DataFrame:
    """(1) base, hit_rate, base_rate, lift, p_value, balanced_rate, log_loss, base_log_loss, n_features."""
    found = made.judged
    return pl.DataFrame({
        "base": [len(made.codes)], "hit_rate": [found.hit_rate], "base_rate": [found.base_rate], "lift": [found.lift],
        "p_value": [found.p_value], "balanced_rate": [found.balanced_rate], "log_loss": [found.log_loss],
        "base_log_loss": [found.base_log_loss], "n_features": [len(made.features.names)],
    })  # fmt: skip


def _coefficients(made: Typed) -> pl.DataFrame:
    """(n_features x (k - 1)) segment, reference [the largest], feature, coefficient, odds_ratio_sd [for one standard deviation], odds_ratio
    [for one point, or for choosing the option]; largest coefficient first."""
    at = int(np.bincount(made.codes).argmax())
    beside = made.model.slopes - made.model.slopes[at]
    parts = [
        pl.DataFrame({
            "feature": made.features.names,
            "segment": [group] * len(made.features.names),
            "reference": [made.groups[at]] * len(made.features.names),
            "coefficient": beside[one],
            "odds_ratio_sd": np.exp(beside[one]),
            "odds_ratio": np.exp(beside[one] / made.model.spreads),
        })
        for one, group in enumerate(made.groups)
        if one != at
    ]  # fmt: skip
    ranked = pl.concat(parts).with_columns(
        pl.col("coefficient", "odds_ratio_sd", "odds_ratio").round(9)
    )
    return ranked.sort(pl.col("coefficient").abs(), "feature", "segment", descending=[True, False, False])  # fmt: skip


def _checked(made: Typed) -> pl.DataFrame:
    """(n_known) respondent_id, actual_segment, segment [by models that had not seen them], probability."""
    ids = made.features.ids.gather(made.known)
    actual = [made.groups[code] for code in made.codes]
    best = _typed(made.groups, made.unseen, ids=ids).select("respondent_id", "segment", "probability")  # fmt: skip
    return best.insert_column(1, pl.Series("actual_segment", actual, dtype=pl.String))


def _confusion(made: Typed) -> pl.DataFrame:
    """(k x k) actual_segment, segment, n_people, share [of the actual segment]."""
    k = len(made.groups)
    counts = np.zeros((k, k), dtype=np.int64)
    np.add.at(counts, (made.codes, made.unseen.argmax(axis=1)), 1)
    names = [(a, b) for a in made.groups for b in made.groups]
    cells = pl.DataFrame(names, schema=["actual_segment", "segment"], orient="row")
    return cells.with_columns(
        n_people=pl.Series(counts.ravel()),
        share=pl.Series((counts / counts.sum(axis=1, keepdims=True)).ravel()),
    )


def _typed(groups: tuple[str, ...], told: Floats, *, ids: pl.Series) -> pl.DataFrame:
    """(n) respondent_id, segment, probability, next_segment, next_probability, is_sure."""
    order = np.argsort(-told, axis=1, kind="stable")[:, :2]
    best = np.take_along_axis(told, order, axis=1)
    first, second = ([groups[g] for g in order[:, at]] for at in (0, 1))
    return pl.DataFrame({
        "respondent_id": ids, "segment": pl.Series(first, dtype=pl.String), "probability": best[:, 0],
        "next_segment": pl.Series(second, dtype=pl.String), "next_probability": best[:, 1], "is_sure": best[:, 0] >= SURE,
    })  # fmt: skip


def _every(groups: tuple[str, ...], told: Floats, *, ids: pl.Series) -> pl.DataFrame:
    """(n x k) respondent_id, segment, probability."""
    wide = pl.DataFrame(told, schema=list(groups)).insert_column(0, ids.alias("respondent_id"))
    long = wide.unpivot(index="respondent_id", variable_name="segment", value_name="probability")
    return long.sort("respondent_id", pl.col("segment").cast(pl.Enum(groups)))


def _pictures(tables: Mapping[str, pl.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    shown = tables["carried"].with_row_index("at").select("at", "segment", "share", "ci_low", "ci_high")  # fmt: skip
    cells = tables["confusion"].with_row_index("at").with_columns(is_small=pl.lit(value=False))
    heat = charts.heat(cells, row="actual_segment", column="segment", value="share")
    return {
        "carried": charts.bars(
            shown, label="segment", value="share", order=shown["segment"].to_list(),
            title="全部答卷里各人群的占比（含推断，线为 95% 区间）",
        ),
        "confusion": heat.properties(title="各人群的人被推断到哪里（占实际人群的比例，按没有见过的人）"),
    }  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame], made: Typed) -> tuple[Finding, ...]:
    """How good the guess is, who the others are, and by which answer it is told."""
    row = tables["accuracy"].row(0, named=True)
    text = (
        f"用 {count(row['n_features'])} 项答案推断“{made.banner.label}”：{count(row['base'])} 份已知的答卷里，模型没有见过时也猜中 "
        f"{percent(row['hit_rate'])}，是全猜最大一层（{percent(row['base_rate'])}）的 {decimal(row['lift'], digits=2)} 倍。"
    )
    cells = tuple(Cell("accuracy", 0, c) for c in ("n_features", "base", "hit_rate", "base_rate", "lift"))  # fmt: skip
    lead = Finding(text, row["base"], cells, _TEST)
    return (lead, *_others(tables["carried"], made), _strongest(tables["model"], made))


def _others(table: pl.DataFrame, made: Typed) -> tuple[Finding, ...]:
    """The segments among all, where there is anybody to guess."""
    n_unknown = len(made.unknown)
    if not n_unknown:
        return ()
    base = len(made.codes) + n_unknown
    ranked = table.with_row_index("at").sort("n_typed", "at", descending=[True, False])
    row = ranked.row(0, named=True)
    text = (
        f"对不上订单的 {count(n_unknown)} 份答卷里，估计有 {count(row['n_typed'])} 人属于“{row['segment']}”；"
        f"加上已知的 {count(row['n_observed'])} 人，占全部答卷的 {percent(row['share'])}"
        f"（95% 区间 {percent(row['ci_low'])}–{percent(row['ci_high'])}，含推断的误差）。"
    )
    told = ("n_typed", "n_observed", "share", "ci_low", "ci_high")
    cells = tuple(Cell("carried", row["at"], c) for c in told)
    return (Finding(text, base, cells, f"多重插补 {DRAWS} 次，Rubin 法则合并"),)


def _strongest(table: pl.DataFrame, made: Typed) -> Finding:
    row = table.row(0, named=True)
    is_option = "：" in row["feature"]
    step = "选它的人" if is_option else "每高 1 个标准差"
    odds = "odds_ratio" if is_option else "odds_ratio_sd"
    text = (
        f"最能区分的答案是“{row['feature']}”：{step}，属于“{row['segment']}”而不是“{row['reference']}”的几率是"
        f"{'其他人' if is_option else '原来'}的 {decimal(row[odds], digits=2)} 倍（其他答案相同，已收缩）。"
    )
    return Finding(text, len(made.codes), (Cell("model", 0, odds),))


def members(_dataset: Dataset, _params: Params, result: Result) -> Mapping[str, Members]:
    """The respondents who were typed, and those the model was judged by."""
    unit, checked = ("respondent_id",), result.tables["checked"].lazy()
    cells = checked.select("actual_segment", "segment", "respondent_id")
    return {
        "respondents": Members(result.tables["respondents"].lazy().select("respondent_id"), unit),
        "confusion": Members(cells, unit, "n_people"),
        "checked": Members(checked.select("respondent_id"), unit),
    }


def _notes(made: Typed, people: Sample) -> tuple[str, ...]:
    small = "；".join(f"“{g}”{count(n)} 份" for g, n in made.left_out.items())
    left = f"人数太少、学不出来的没有参与：{small}。" if small else ""
    return tuple(filter(None, (
        f"人群：{made.banner.label}{made.banner.note}；已知 {count(len(made.codes))} 份答卷，要推断 {count(len(made.unknown))} 份（对不上订单）。",
        left,
        f"方法：多项 Logit（L2 收缩，收缩强度由内层 {multinomial.INNER} 折交叉验证决定）；打分题和排序题按分数，其他题每个选项一列；没有回答的按平均计。",
        f"检验：{multinomial.FOLDS} 折交叉验证，同一位客户的答卷总在同一折；猜中比例达不到“至少是几倍”、或不显著高于全猜最大一层时不给结果。",
        f"区间：多重插补 {DRAWS} 次，每次重新抽样学习、按概率抽取人群，再按 Rubin（1987）合并，既含抽样误差也含推断误差；每个人推断的人群不能当作事实。",
        f"概率不低于 {percent(SURE, digits=0)} 的算“较有把握”。",
        "前提：对不上订单的人，与答案相同的已知客户一样；如果他们其实是别处的买家或非客户，推断不成立。",
        f"权重只用于占比和均值，不用于学习；{people.note}",
    )))  # fmt: skip


ANALYSIS = Analysis(
    key="typing",
    title=TITLE,
    question="对不上订单的答卷，属于哪一层客户？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("respondent_id", "customer_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=70,
    theme="答卷与分层",
)
