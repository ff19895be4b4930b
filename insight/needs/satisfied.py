"""How satisfied those are who raise a need: by their own rating, else by the tone in which they say it."""

from __future__ import annotations

import polars as pl

from insight.answers import NPS_GROUPS
from insight.dataset import Dataset
from insight.needs.raised import Raised
from insight.ratings import label_of, overall, points, scored
from insight.schema import QuestionKind
from insight.sentiment.scoring import judged, lexicon
from insight.text.plain import plain_each

MOODS = {"positive": 100.0, "neutral": 50.0, "negative": 0.0}
MIDDLE, STARS = 50.0, (5.0, 10.0)
_RATED = {"customer_id": pl.String, "satisfaction": pl.Float64, "is_dissatisfied": pl.Boolean}


def rated(dataset: Dataset) -> tuple[pl.DataFrame, str]:
    """The satisfaction of every customer who rated anything, and a note on where it comes from.

    Returns
    -------
    (n_customers) customer_id, satisfaction [0..100: the lowest to the highest point of the scale],
        is_dissatisfied [below its middle; of a recommendation: a detractor]; the overall rating of the
        questionnaire counts before the stars of reviews
    """
    asked, told = _by_question(dataset)
    stars = _by_stars(dataset)
    both = pl.concat([asked, stars.join(asked, on="customer_id", how="anti")])
    named = [f"问卷“{told}”"] if told else []
    named += ["评论的评分"] if stars.height else []
    source = "，没有时用".join([*named, "原话的语气（正面 100、中性 50、负面 0）"])
    note = f"满意度：换算成 0–100 分，取{source}；低于 50 分、NPS 贬损者或语气为负面算不满。"
    return both.sort("customer_id"), note


def _by_question(dataset: Dataset) -> tuple[pl.DataFrame, str]:
    """The mean of a customer's answers to the overall rating, and what it asks."""
    none = pl.DataFrame(schema=_RATED), ""
    responses = dataset.responses
    if responses is None or not {"customer_id", "respondent_id"} <= set(responses.columns):
        return none
    asked = overall(dataset.questionnaire, responses)
    if asked is None or len(scale := points(responses, [asked])) < 2:
        return none
    known = responses.select("customer_id", score=scored(responses, asked)).drop_nulls()
    mean = known.group_by("customer_id").agg(pl.col("score").mean())
    part = 100 * (pl.col("score") - scale[0]) / (scale[-1] - scale[0])
    detractor = pl.col("score") < NPS_GROUPS[1][1]
    unhappy = detractor if asked.kind is QuestionKind.NPS else part < MIDDLE
    return mean.select("customer_id", satisfaction=part, is_dissatisfied=unhappy), label_of(asked)


def _by_stars(dataset: Dataset) -> pl.DataFrame:
    """The mean stars of a customer's reviews, of five or, where one gave more, of ten."""
    if not {"customer_id", "rating"} <= dataset.columns("texts"):
        return pl.DataFrame(schema=_RATED)
    assert dataset.texts is not None
    given = dataset.texts.select("customer_id", pl.col("rating").cast(pl.Float64)).drop_nulls()
    highest: float = given["rating"].max() or 0.0  # type: ignore[assignment]
    top = STARS[0] if highest <= STARS[0] else max(STARS[1], highest)
    mean = given.group_by("customer_id").agg(pl.col("rating").mean())
    part = (100 * (pl.col("rating") - 1) / (top - 1)).clip(0)
    return mean.select("customer_id", satisfaction=part, is_dissatisfied=part < MIDDLE)


def satisfied(raised: Raised, rates: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """How satisfied each customer is who raises each need.

    Parameters
    ----------
    rates : as ``rated`` gives them
    texts : (n_texts) text_id, text; read where somebody rated nothing and no tone is known yet

    Returns
    -------
    (n) at, customer_id, satisfaction [0..100], is_dissatisfied; both null where nothing tells it
    """
    said = raised.said.drop_nulls("customer_id")
    told = _toned(said.join(rates, on="customer_id", how="anti"), texts)
    pairs = said.select("at", "customer_id").unique()
    own = pairs.join(rates, on="customer_id", how="left").join(told, on=("at", "customer_id"), how="left")  # fmt: skip
    return own.select(
        "at",
        "customer_id",
        satisfaction=pl.coalesce("satisfaction", "tone"),
        is_dissatisfied=pl.coalesce("is_dissatisfied", "is_blamed"),
    ).sort("at", "customer_id")


def _toned(said: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """(n) at, customer_id, tone [0..100, the mean of all times], is_blamed [at least once]."""
    unread = said.filter(pl.col("polarity").is_null())["text_id"].drop_nulls().unique()
    read = texts.filter(pl.col("text_id").is_in(unread.implode()))
    words = lexicon()
    moods = [judged(text, words).polarity for text in plain_each(read["text"])]
    heard = read.select("text_id", heard=pl.Series(moods, dtype=pl.String))
    known = said.join(heard, on="text_id", how="left").select(
        "at", "customer_id", mood=pl.coalesce("polarity", "heard")
    )
    tone = pl.col("mood").replace_strict(MOODS, default=None, return_dtype=pl.Float64)
    each = known.drop_nulls("mood").group_by("at", "customer_id")
    return each.agg(tone=tone.mean(), is_blamed=(pl.col("mood") == "negative").any())
