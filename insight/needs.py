"""Which customers raise which need, by topic or by tick, in which segment, and what they spend."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from insight.answers import NONE_OF_THESE, chosen
from insight.members import ticked
from insight.schema import Question, QuestionKind, Questionnaire
from insight.schema.lexicon import Lexicon
from insight.stats.banner import SUPPRESSED, TOTAL, tabulate
from insight.stats.proportions import Rule
from insight.text.noise import noise
from insight.text.normalize import normalise
from insight.text.tokenize import tagger
from insight.text.topics import about, find_topics

OPEN_TEXT = "开放文本"
_SAID_IN = {"at": pl.String, "customer_id": pl.String, "text_id": pl.String}
NO_DIFFERENCE, UNTESTED = "无显著差异", "未能检验"
MATRIX = (
    "need", "segment", "n", "base", "share", "letters", "revenue", "source", "flag",
    "rest_share", "share_difference", "p_value",
)  # fmt: skip
_NEEDY = re.compile("需要|希望|期待|看重|在意|改进|不满|问题|原因|因素|建议|烦恼|需求")
_OTHER = re.compile(  # but not 其他顾客的评价
    r"^其[他它]($|[^\u4e00-\u9fff]|请|原因|方面)|^以上(都|均|皆|全)"
)


@dataclass(frozen=True, slots=True)
class Need:
    """A need and where it was heard ("开放文本", "问卷多选：<题干>")."""

    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Raised:
    """Who raised what.

    Attributes
    ----------
    needs : (n_needs)
    people : (n_customers) customer_id [unique, sorted], then one Boolean column per need called
        "0", "1", ... in the order of ``needs``; null = never asked, or said nothing that can be coded
    texts : (n) at ["0", "1", ...], customer_id, text_id: where it was said; empty for needs that were ticked
    """

    needs: tuple[Need, ...]
    people: pl.DataFrame
    texts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_SAID_IN))

    def mentions(self) -> pl.DataFrame:
        """(n) need, source, customer_id, text_id [null where it was ticked]."""
        named = [{"at": str(at), "need": n.label, "source": n.source} for at, n in enumerate(self.needs)]  # fmt: skip
        told = ticked(self.people.drop("customer_id"), self.people["customer_id"], name="at")
        known = pl.LazyFrame(named, schema=dict.fromkeys(("at", "need", "source"), pl.String))
        said = told.join(known, on="at").join(self.texts.lazy(), on=("at", "customer_id"), how="left")  # fmt: skip
        return said.drop("at").collect()


def need_questions(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The multi-selects whose wording speaks of needs; all multi-selects where none does."""
    multi = questionnaire.of_kind(QuestionKind.MULTI)
    return tuple(q for q in multi if _NEEDY.search(q.wording)) or multi


def from_texts(
    said: pl.DataFrame, lexicon: Lexicon | None = None, *, n_topics: int = 0, seed: int = 0
) -> Raised:
    """Find the topics of what participants say, and which customers mention each.

    Parameters
    ----------
    said : (n_texts) text_id, text [of participants, personal data masked], customer_id [null where unknown]
    n_topics : 0 = chosen by the data

    Returns
    -------
    Topics are learnt from all texts; people are the customers with at least one text that is no
    noise. A customer raises every topic that one of their texts is about.

    Raises
    ------
    TooFewRows, BadParameter : as ``find_topics``.
    """
    model = find_topics(said["text"].to_list(), tag=tagger(lexicon), n_topics=n_topics, seed=seed)
    told = pl.DataFrame(about(model), schema=[str(at) for at in range(len(model.labels))])
    coded = told.with_columns(said["customer_id"]).filter(pl.Series(model.assignment >= 0))
    needs = tuple(Need(label, OPEN_TEXT) for label in model.labels)
    ids = said.select("text_id", "customer_id").lazy()
    said_in = ticked(told, said["text_id"], name="at").join(ids, on="text_id").select(*_SAID_IN)
    return Raised(needs, _per_customer(coded), said_in.collect())


def from_codes(said: pl.DataFrame, texts: pl.DataFrame, names: Sequence[str]) -> Raised:
    """Which customers speak of each need of a codebook.

    Parameters
    ----------
    said : (n_texts) text_id, text, customer_id [null where unknown]
    texts : (n) text_id, need [name]
    names : the needs, in the order of the codebook; those that nobody speaks of are left out

    Returns
    -------
    people are the customers with at least one text that is coded or no noise.
    """
    there = set(texts["need"])
    needs = [name for name in names if name in there]
    raised = {name: set(part["text_id"]) for (name,), part in texts.group_by("need")}
    told = said.select(pl.col("text_id").is_in(list(raised[n])).alias(str(at)) for at, n in enumerate(needs))  # fmt: skip
    tag, coded = tagger(), set(texts["text_id"])
    normal = [normalise(text) for text in said["text"]]
    speaks = [
        i in coded or not noise(t, tag(t)) for i, t in zip(said["text_id"], normal, strict=True)
    ]
    people = told.with_columns(said["customer_id"]).filter(pl.Series(speaks, dtype=pl.Boolean))
    ids = said.select("text_id", "customer_id").lazy()
    said_in = ticked(told, said["text_id"], name="at").join(ids, on="text_id").select(*_SAID_IN)
    return Raised(
        tuple(Need(n, OPEN_TEXT) for n in needs), _per_customer(people), said_in.collect()
    )


def from_options(responses: pl.DataFrame, question: Question) -> Raised:
    """Which customers ticked each option of a multi-select; 其他 and 以上都没有 are no needs.

    Parameters
    ----------
    responses : (n_respondents) customer_id [null where unmatched] and the columns of ``question``
    """
    answers = chosen(responses, question)
    kept = [n for n in answers.columns if not (NONE_OF_THESE.search(n) or _OTHER.search(n))]
    numbered = answers.select(pl.col(name).alias(str(at)) for at, name in enumerate(kept))
    needs = tuple(Need(name, f"问卷多选：{question.wording}") for name in kept)
    return Raised(needs, _per_customer(numbered.with_columns(responses["customer_id"])))


def together(parts: Sequence[Raised]) -> Raised:
    """All needs of several sources, for everybody whom any source reached."""
    shifted, said_in, start = [], [pl.DataFrame(schema=_SAID_IN)], 0
    for part in parts:
        names = {str(at): str(at + start) for at in range(len(part.needs))}
        shifted.append(part.people.rename(names))
        said_in.append(part.texts.with_columns(pl.col("at").replace(names)))
        start += len(part.needs)
    people = reduce(_outer, shifted, pl.DataFrame(schema={"customer_id": pl.String}))
    needs = _told_apart(need for part in parts for need in part.needs)
    return Raised(needs, people.sort("customer_id"), pl.concat(said_in))


def _told_apart(needs: Iterable[Need]) -> tuple[Need, ...]:
    """A number behind the label of a need that its source already has."""
    seen: Counter[Need] = Counter()
    apart = []
    for need in needs:
        seen[need] += 1
        again = f"（{seen[need]}）" if seen[need] > 1 else ""
        apart.append(Need(f"{need.label}{again}", need.source))
    return tuple(apart)


def _outer(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join(right, on="customer_id", how="full", coalesce=True)


def _per_customer(answers: pl.DataFrame) -> pl.DataFrame:
    """One row per known customer: true where any of their rows is, null where none was asked."""
    known = answers.drop_nulls("customer_id").select("customer_id", pl.exclude("customer_id"))
    return known.group_by("customer_id").agg(pl.all().max()).sort("customer_id")


def need_matrix(
    raised: Raised, *, members: pl.DataFrame, groups: Sequence[str], spend: pl.DataFrame, rule: Rule
) -> pl.DataFrame:
    """Cross needs with segments.

    Parameters
    ----------
    raised : who raised what
    members : (n_customers) customer_id, group; others are outside the table
    groups : the segments in display order
    spend : (n_customers) customer_id, spend [CNY, net]; absent customers spent nothing

    Returns
    -------
    (n_needs x (1 + n_segments)) columns of MATRIX, the total first within each need:
        n [customers who raise it], base [customers who were asked or said anything], share,
        letters, revenue [CNY, all spend of the n distinct customers; null where suppressed],
        source, flag, rest_share, share_difference, p_value [against the other segments]
    """
    people = _placed(raised, members=members, spend=spend)
    ones = pl.repeat(1.0, len(people), dtype=pl.Float64, eager=True)
    keys = [str(at) for at in range(len(raised.needs))]
    cells = tabulate(
        people.select(keys), column=people["group"], columns=groups, weight=ones, rule=rule
    )
    labels = pl.DataFrame(
        {"row": keys, "need": [n.label for n in raised.needs], "source": [n.source for n in raised.needs]},
        schema={"row": pl.String, "need": pl.String, "source": pl.String},
    )  # fmt: skip
    return (
        cells.join(_revenue(people, keys), on=("row", "column"), how="left", maintain_order="left")
        .join(labels, on="row", how="left", maintain_order="left")
        .rename({"column": "segment"})
        .with_columns(
            revenue=pl.when(pl.col("flag") != SUPPRESSED).then(pl.col("revenue").fill_null(0.0))
        )
        .select(MATRIX)
    )


def _placed(raised: Raised, *, members: pl.DataFrame, spend: pl.DataFrame) -> pl.DataFrame:
    """The people whose segment is known, with group and spend, sorted by customer."""
    groups = members.select("customer_id", "group").unique("customer_id", keep="first")
    known = raised.people.join(groups, on="customer_id", how="inner")
    paid = known.join(spend.select("customer_id", "spend"), on="customer_id", how="left")
    return paid.with_columns(pl.col("spend").fill_null(0.0)).sort("customer_id")


def _revenue(people: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """(n_cells) row, column, revenue: spend of the distinct customers who raise the need."""
    summed = [pl.col("spend").filter(pl.col(key)).sum().round(2).alias(key) for key in keys]
    total = people.select(pl.lit(TOTAL).alias("column"), *summed)
    each = people.group_by("group").agg(summed).rename({"group": "column"})
    both = pl.concat([total.head(1), each.select(total.columns)])
    return both.unpivot(index="column", variable_name="row", value_name="revenue")


def need_ranking(matrix: pl.DataFrame) -> pl.DataFrame:
    """Rank needs by what the customers who raise them spend.

    Returns
    -------
    (n_needs) need, source, n, base, share, revenue of the total,
        top_segment: the highest share among segments with a letter; "无显著差异" where none has one,
        "未能检验" where fewer than two segments have a share that is shown and neither 0 nor 1.
        Customers raise several needs, so revenue must not be added up.
    """
    inner = pl.col("segment") != TOTAL
    testable = (inner & (pl.col("share") > 0) & (pl.col("share") < 1)).sum() >= 2
    lettered = inner & ~pl.col("letters").is_in(["", SUPPRESSED])
    highest = pl.col("segment").filter(lettered).sort_by(pl.col("share").filter(lettered), descending=True, maintain_order=True).first()  # fmt: skip
    none = pl.when(testable).then(pl.lit(NO_DIFFERENCE)).otherwise(pl.lit(UNTESTED))
    total = pl.col("n", "base", "share", "revenue").filter(~inner).first()
    return (
        matrix.group_by("need", "source", maintain_order=True)
        .agg(total, top_segment=highest.fill_null(none))
        .sort("revenue", descending=True, nulls_last=True, maintain_order=True)
    )


def labels_of(needs: Iterable[Need]) -> list[str]:
    """Labels that are unique within a chart: the source is added to those that are not."""
    listed = list(needs)
    twice = {n.label for n in listed if sum(m.label == n.label for m in listed) > 1}
    return [f"{n.label}（{n.source}）" if n.label in twice else n.label for n in listed]
