"""The matrix of needs as an analysis asks for it: voices heard, placed, counted, priced, and told how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from pydantic import BaseModel, Field

from insight import ledger
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.needs.cards import cards_of
from insight.needs.evidence import evidence
from insight.needs.hearing import heard, said_by
from insight.needs.matrix import need_matrix, need_ranking, people_of
from insight.needs.placing import Known, Wanted, placed
from insight.needs.raised import Raised
from insight.needs.satisfied import rated, satisfied
from insight.needs.stake import LEAST
from insight.needs.worth import VOTES, WORTHS, Vote, Worth, weights_of, worth_of
from insight.parameters import Correcting, NumberOfTopics, Seed, Significance, picked, rule_of
from insight.segmentation.breaks import Break, break_of
from insight.stats.proportions import Rule
from insight.wording import count


class Asking(BaseModel):
    """Parameters that every analysis of needs shares."""

    by: str = Field(default="rfm", title="人群", json_schema_extra={"one_of": "breaks"})
    vote: Vote = picked(
        "person",
        VOTES,
        title="每个人的分量",
        description="按消费金额或预期价值时，占比是金额的占比；预期价值由复购模型给出",
    )
    questions: list[str] = Field(
        default_factory=list,
        title="需求题（多选）",
        description="留空时自动选题干谈到需要、看重、不满等的多选题；没有这样的题就用全部多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    use_topics: bool = Field(
        default=True, title="使用开放文本", description="把开放题、评论和访谈里的话也归入需求"
    )
    n_topics: NumberOfTopics = 0
    use_weight: bool = Field(default=True, title="使用权重")
    worth: Worth = picked(
        "lately",
        WORTHS,
        title="未来 12 个月的金额",
        description="可能流失的金额按它计算；模型没有通过检验时也用最近 12 个月的消费",
    )
    churn_days: int = Field(
        default=180,
        ge=7,
        le=730,
        title="多少天没有再买算流失",
        description="用来计算可能流失的金额",
    )
    n_draws: int = Field(
        default=300,
        ge=100,
        le=2000,
        title="自助抽样次数",
        description="可能流失金额的区间来自对客户的重复抽样",
    )
    seed: Seed = 0
    correction: Correcting = "bh"
    level: Significance = "5% / 1%"


@dataclass(frozen=True, slots=True)
class Made:
    """Needs against the groups of one break.

    Attributes
    ----------
    raised : who raised what
    banner : the groups
    matrix, ranking, evidence, people, cards : as ``need_matrix``, ``need_ranking``, ``evidence``, ``people_of`` and
        ``cards_of`` give them
    notes : how it was done, one Chinese sentence each
    """

    raised: Raised
    banner: Break
    matrix: pl.DataFrame
    ranking: pl.DataFrame
    evidence: pl.DataFrame
    people: pl.DataFrame
    cards: pl.DataFrame
    rule: Rule
    notes: tuple[str, ...]


def raised_in(dataset: Dataset, params: Asking, *, title: str) -> tuple[Raised, tuple[str, ...]]:
    """What is heard with these parameters (see ``heard``)."""
    return heard(
        dataset, title=title, questions=params.questions, use_topics=params.use_topics, n_topics=params.n_topics
    )  # fmt: skip


def asked(dataset: Dataset, params: Asking, *, title: str) -> Made:
    """Needs of all sources against one break of the customers.

    Raises
    ------
    MissingColumns : neither texts nor multi-selects can be traced to customers.
    TooFewRows : too few customers of the groups said anything.
    UnknownName, BadParameter : a parameter names nothing, or nobody's voice counts.
    """
    assert dataset.orders is not None
    rule = rule_of(params.correction, params.level)
    raised, notes = raised_in(dataset, params, title=title)
    banner = break_of(dataset, params.by, unit="customer_id")
    known = raised.people.join(banner.members, on="customer_id", how="semi")
    if known.height < rule.tiny_base:
        raise TooFewRows(f"说过需求并能归入“{banner.label}”的客户", known.height, rule.tiny_base)
    if not raised.needs:
        raise TooFewRows("有人提到的需求", 0, 1)
    rates, told = rated(dataset)
    texts = said_by(dataset) if {"text_id", "text", "customer_id"} <= dataset.columns("texts") else _NOTHING_SAID  # fmt: skip
    facts = Known(
        worth=worth_of(dataset.orders, "model" if params.vote == "value" else params.worth),
        weights=weights_of(dataset) if params.use_weight else None,
        happy=satisfied(raised, rates, texts),
        away=ledger.absences(dataset.orders, known["customer_id"].to_list()),
    )
    wanted = Wanted(rule, params.vote, params.churn_days, params.n_draws, params.seed)
    people = placed(raised, facts, banner=banner, vote=params.vote)
    if people.height < rule.tiny_base:
        raise TooFewRows("说过需求并且权重大于 0 的客户", people.height, rule.tiny_base)
    matrix = need_matrix(raised, people, known=facts, banner=banner, wanted=wanted)
    outside = raised.people.height - known.height
    return Made(
        raised,
        banner,
        matrix,
        need_ranking(matrix),
        evidence(raised, matrix, buyers=facts.worth["customer_id"]),
        people_of(raised, people, facts.happy),
        cards_of(dataset, raised, texts=texts, worth=facts.worth, by=params.by),
        rule,
        (*_whom(banner, outside), told, *_money(params), *tested_how(rule), _weighted(params, facts), *notes),
    )  # fmt: skip


_NOTHING_SAID = pl.DataFrame(schema={"text_id": pl.String, "text": pl.String})


def _whom(banner: Break, outside: int) -> Sequence[str]:
    left = f"；另有 {count(outside)} 位说过需求的客户没有人群归属，不在表中" if outside else ""
    return (
        f"人群：按“{banner.label}”{banner.note}划分，单位是客户（同一客户多次发言或多份答卷只算一次）{left}。",
        "基数：开放文本以说过有实质内容的话的客户为基数，多选题以看到该题的客户为基数；访谈员的话不计入。",
        "提到：一段话主要在谈、或至少两成在谈某个主题，就算该客户提到它；有编码本时按编码本。多选题里的“其他”“以上都没有”不算需求。",
        "来源：问卷（选项、开放题）、访谈、订单三项里有几项支持，写成 2/3；订单一项指购买后的评价里有人提到，或提及者随后明显更少再买。总计里也算没有对应上客户的人。",
    )


def _money(params: Asking) -> Sequence[str]:
    return (
        "提及者消费金额：提到该需求的客户的全部消费净额（实付减退款，客户不重复计），不是由需求带来的收入；各需求之间不能相加，基数不同的来源之间也不宜直接比大小。",
        f"可能流失金额 = 该人群全部客户未来 12 个月的金额（{WORTHS[params.worth]}）× 提到它又不满的占比 × 提及者与未提及者 {params.churn_days} 天流失率之差（为负按 0）。"
        "占比由说过话的客户推及该人群的全部客户；一项需求没有人的满意度可知时，提到就算不满。",
        f"流失率：一次购买之后 {params.churn_days} 天内没有再买的比例（Kaplan–Meier，含还在等待的最近一次），在同一人群内比较提及者与未提及者。"
        f"区间：对客户重复抽样 {count(params.n_draws)} 次（种子 {params.seed}）的 2.5%–97.5% 分位，逐项给出，没有作多重比较校正。",
        f"提及者或未提及者不足 {LEAST} 人时写“样本不足”；流失率之差的区间含 0 时只给上限；它是相关，不是解决后能留住的金额。",
    )


def tested_how(rule: Rule) -> Sequence[str]:
    """How the columns of a table of needs are compared, as footnotes."""
    if rule.correction != "bh":
        return (*rule.footnotes, _REST)
    letters = (
        f"字母：较低列的字母印在较高的单元格里；小写 p≤{rule.levels[0]:g}，大写 p≤{rule.levels[1]:g}。多重比较按错误发现率（FDR）校正：先看哪些需求在人群间有差异，"
        "再在这些需求内看哪两列不同（Benjamini & Bogomolov，2014）。"
    )
    return (rule.footnotes[0], letters, rule.small_bases, _REST)


_REST = "“比其他客户高”：与同一需求下不属于该人群的客户比较（合并方差 z 检验，未校正），只在有字母时才写。"


def _weighted(params: Asking, facts: Known) -> str:
    own = "未加权" if facts.weights is None else "用研究的权重（同一客户多份答卷取平均；只有文本的客户权重为 1）"  # fmt: skip
    vote = "" if params.vote == "person" else f"；每个人的分量{VOTES[params.vote]}"
    return f"权重：{own}{vote}。占比、满意度和可能流失金额加权，人数和基数不加权。"
