"""Who answered among those who buy: how many respondents and speakers could be matched to orders."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.customers import RULE, customer_base
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members
from insight.wording import count, money, percent

SIDES = {
    "matched": "已匹配",
    "only_here": "只在问卷或文本中",
    "ambiguous": "无法唯一对应",
    "no_key": "没有可用的标识",
}


class Params(BaseModel):
    """Nothing to choose."""


def _voices(dataset: Dataset) -> dict[str, pl.DataFrame]:
    frames = {"responses": dataset.responses, "texts": dataset.texts}
    return {t: f for t, f in frames.items() if f is not None and "match_status" in f.columns}


def coverage(voices: dict[str, pl.DataFrame], customers: pl.DataFrame) -> pl.DataFrame:
    """How far answers and words reach into the customer base.

    Parameters
    ----------
    voices : table -> (n_rows) customer_id, match_status, is_conflict
    customers : (n_customers) customer_id, spend [CNY]

    Returns
    -------
    (n_tables) table, n_rows, n_matched, n_only_here, n_ambiguous, n_no_key,
        n_conflicts [rows whose keys name different customers; the most trusted key decided],
        n_repeated [matched rows beyond the first of their customer],
        match_rate [matched / rows with a usable key], n_customers [distinct, matched],
        n_only_in_base [customers who said nothing], share_of_customers,
        revenue [CNY of the matched customers], share_of_revenue
    """
    rows = []
    for table, frame in voices.items():
        n = {s: int((frame["match_status"] == s).sum()) for s in SIDES}
        with_key = frame.height - n["no_key"]
        ids = frame.filter(pl.col("match_status") == "matched")["customer_id"].unique()
        reached = customers.filter(pl.col("customer_id").is_in(ids.implode()))
        total, revenue = (round(float(c["spend"].sum()), 4) for c in (customers, reached))
        rows.append({
            "table": table, "n_rows": frame.height, "n_matched": n["matched"], "n_only_here": n["only_here"],
            "n_ambiguous": n["ambiguous"], "n_no_key": n["no_key"], "n_conflicts": int(frame["is_conflict"].sum()),
            "n_repeated": n["matched"] - ids.len(),
            "match_rate": n["matched"] / with_key if with_key else None,
            "n_customers": reached.height, "n_only_in_base": customers.height - reached.height,
            "share_of_customers": reached.height / customers.height if customers.height else None,
            "revenue": revenue,
            "share_of_revenue": revenue / total if total else None,
        })  # fmt: skip
    return pl.DataFrame(rows)


_NAMES = {"responses": "答卷", "texts": "文本"}


def findings(table: pl.DataFrame) -> tuple[Finding, ...]:
    """One sentence for the answers, one for the words."""
    found = []
    for at, row in enumerate(table.iter_rows(named=True)):
        if row["match_rate"] is None:
            continue
        money_part = (
            f"，这些客户的消费为 {money(row['revenue'])}，占总额的 {percent(row['share_of_revenue'])}"
            if row["share_of_revenue"] is not None
            else ""
        )
        text = (
            f"{count(row['n_rows'])} 份{_NAMES[row['table']]}中 {count(row['n_matched'])} 份能对上客户"
            f"（有标识者的匹配率 {percent(row['match_rate'])}），来自 {count(row['n_customers'])} 位客户{money_part}。"
        )
        columns = ["n_rows", "n_matched", "match_rate", "n_customers"]
        columns += ["revenue", "share_of_revenue"] if money_part else []
        found.append(Finding(text, row["n_rows"], tuple(Cell("coverage", at, c) for c in columns)))
    return tuple(found)


def members(dataset: Dataset, _params: Params, _result: Result) -> Mapping[str, Members]:
    """The answers and the words of every status."""
    ids = {"responses": "respondent_id", "texts": "text_id"}
    said = [
        frame.lazy().select(
            pl.lit(table).alias("table"), pl.col("match_status").alias("status"), ids[table]
        )
        for table, frame in _voices(dataset).items()
    ]
    everyone = pl.concat(said, how="diagonal")
    unit = tuple(c for c in everyone.collect_schema().names() if c in ids.values())
    sides = everyone.with_columns(pl.col("table").replace(_NAMES), pl.col("status").replace(SIDES))
    return {
        "coverage": Members(everyone.drop("status"), unit, "n_rows"),
        "sides": Members(sides, unit, "n"),
    }


def run(dataset: Dataset, _params: Params) -> Result:
    """Count matches of answers and words against the customer base."""
    voices = _voices(dataset)
    customers = customer_base(dataset.orders, dataset.customers)
    if customers.is_empty():
        raise TooFewRows("能识别的客户", 0, 1)
    table = coverage(voices, customers)
    sides = table.select("table", *(f"n_{s}" for s in SIDES)).unpivot(
        index="table", variable_name="status", value_name="n"
    )
    sides = sides.with_columns(
        status=pl.col("status").str.strip_prefix("n_").replace(SIDES),
        table=pl.col("table").replace(_NAMES),
    )
    main = sides.with_row_index("at").filter(pl.col("table") == sides["table"][0])
    picture = charts.bars(
        main,
        label="status",
        value="n",
        order=tuple(SIDES.values()),
        title=f"{sides['table'][0]}的匹配情况",
    )
    notes = (
        f"客户基数 {count(customers.height)} 人。{RULE}",
        "标识依次为会员号、手机号、邮箱、昵称，统一写法后用研究密钥做 HMAC-SHA256，明文不进入分析。",
        "匹配率 = 已匹配 ÷ 有可用标识的份数；同一标识对应多位客户时不合并，列为无法唯一对应。",
        f"有 {count(int(table['n_conflicts'].sum()))} 份的几个标识指向不同客户，以最可信的标识（会员号优先）为准，请在原表核对。",
        "金额覆盖 = 已匹配客户的消费 ÷ 全部客户的消费（实付减退款）。",
    )
    return Result({"coverage": table, "sides": sides}, {"sides": picture}, findings(table), notes)


ANALYSIS = Analysis(
    key="match",
    title="客户匹配",
    question="问卷和文本里的人，有多少能对上订单？",
    needs={"orders|customers": ("customer_id",), "responses|texts": ("match_status",)},
    params=Params,
    run=run,
    members=members,
    place=30,
)
