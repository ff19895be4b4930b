"""What speaks for a need, source by source: answers, interviews, and purchases with what is said of them."""

from __future__ import annotations

import polars as pl

from insight.needs.raised import INTERVIEW, REVIEW, SURVEY, Raised
from insight.stats.banner import TOTAL

_ORIGINS = {"in_orders": REVIEW, "in_survey": SURVEY, "in_interview": INTERVIEW}


def badges(raised: Raised, people: pl.DataFrame) -> pl.DataFrame:
    """Which sources each need is heard in, in every segment; in the total also from people who are no known customers.

    Parameters
    ----------
    people : (n) customer_id, group

    Returns
    -------
    (n_cells) row [the need], column [segment], in_orders [in reviews of purchases], in_survey, in_interview
    """
    told = raised.said.select("at", "customer_id", "origin")
    own = told.join(people.select("customer_id", "group"), on="customer_id")
    both = pl.concat([told.with_columns(group=pl.lit(TOTAL)).select(own.columns), own])
    heard = [(pl.col("origin") == origin).any().alias(name) for name, origin in _ORIGINS.items()]
    return both.group_by(row="at", column="group").agg(heard)


def evidence(raised: Raised, matrix: pl.DataFrame, *, buyers: pl.Series) -> pl.DataFrame:
    """How much each source says for every need.

    Parameters
    ----------
    matrix : as ``need_matrix`` gives it
    buyers : customers with an order

    Returns
    -------
    (n_needs) need, source, n_buyers [who raise it], n_survey, n_interviews, n_reviews [different people, known
        customers or not], sources
    """
    said = raised.said.with_columns(is_buyer=pl.col("customer_id").is_in(buyers.implode()))
    person = pl.coalesce("person", "customer_id", "text_id")
    counted = said.group_by("at").agg(
        pl.col("customer_id").filter("is_buyer").n_unique().cast(pl.Int64).alias("n_buyers"),
        *(
            person.filter(pl.col("origin") == origin).n_unique().cast(pl.Int64).alias(name)
            for name, origin in (("n_survey", SURVEY), ("n_interviews", INTERVIEW), ("n_reviews", REVIEW))
        ),
    )  # fmt: skip
    named = pl.DataFrame(
        [(str(at), n.label, n.source) for at, n in enumerate(raised.needs)],
        schema={"at": pl.String, "need": pl.String, "source": pl.String}, orient="row",
    )  # fmt: skip
    total = matrix.filter(pl.col("segment") == TOTAL).select("need", "source", "sources")
    joined = named.join(counted, on="at", how="left", maintain_order="left").join(
        total, on=("need", "source"), how="left", maintain_order="left"
    )
    return joined.with_columns(pl.col("^n_.*$").fill_null(0)).select(
        "need", "source", "n_buyers", "n_survey", "n_interviews", "n_reviews", "sources"
    )
