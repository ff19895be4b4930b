"""Many sources, one table each: stack what several files hold, join it to customers, collect all words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from insight.gather.order_details import exchanged
from insight.gather.order_returns import marked
from insight.gather.overlaps import shared_once
from insight.gather.parts import Part, stacked
from insight.join import Joined, join, with_places
from insight.schema import Matching, Questionnaire
from insight.surveys import offered, one_questionnaire, open_answers, surveys, unique_ids


@dataclass(frozen=True, slots=True)
class Gathered:
    """The joined tables of a study and the questions behind the answers.

    Attributes
    ----------
    notes : (file, table, sentence) of what was found in two files and counted once
    waterfall : file, and the steps of ``clean.waterfall`` from its raw rows to what is left of it;
        None without orders
    issues : file, table, line, column, value, reason, action of what only several files together show
    """

    joined: Joined
    questionnaire: Questionnaire
    notes: tuple[tuple[str, str, str], ...] = ()
    waterfall: pl.DataFrame | None = None
    issues: pl.DataFrame = field(default_factory=pl.DataFrame)


def gather(parts: Sequence[Part], matching: Matching | None = None) -> Gathered:
    """Make one table of each kind from all sources and give every row its customer.

    Parameters
    ----------
    parts : cleaned sources in the order they were added; rows that two exports share count once
    matching : which ties between people count

    Returns
    -------
    Gathered; orders of a list are told line by line where a detail file knows the lines; they also
        have ordered_month [yyyymm], texts also hold every open answer
    """
    different, notes = shared_once(parts)
    details = exchanged(different)
    returns = marked(details.parts)
    every = returns.parts
    once = [p for p in every if p.cleaned.frame.height] or every
    frames = {t: [p.cleaned.frame for p in once if p.table == t] for t in ("orders", "customers")}
    tables = {t: stacked(found) for t, found in frames.items() if found}
    answered = [p for p in once if p.table == "responses"]
    asked = surveys([p.cleaned for p in answered], files=[p.name for p in answered])
    questionnaire = one_questionnaire(asked)
    if asked:
        tables["responses"] = stacked([offered(s.frame, questionnaire) for s in asked])
    texts = [p.cleaned.frame for p in once if p.table == "texts"]
    texts = unique_ids(texts, "text_id") + open_answers(tables.get("responses"), questionnaire)
    if texts:
        tables["texts"] = stacked(texts)
    if events := [p.cleaned.frame for p in once if p.table == "events"]:
        tables["events"] = stacked(events)
    if "orders" in tables:
        tables["orders"] = tables["orders"].with_columns(ordered_month=_month())
    joined, n = _one_row_a_customer(join(with_places(tables, questionnaire), matching))
    if shown := [_named(p) for p in once if p.table == "designs"]:
        joined = replace(joined, tables={**joined.tables, "designs": stacked(shown)})
    if n:
        last = next(p.name for p in reversed(parts) if p.table == "customers")
        notes.append((last, "customers", f"有 {n:,} 位客户已在其他行出现，保留最先导入的一行"))
    return Gathered(
        joined,
        questionnaire,
        tuple(notes),
        _steps(every),
        pl.concat([details.issues, returns.issues]),
    )


def _named(design: Part) -> pl.DataFrame:
    """What was shown, under the name of its file: the designs of two tasks stay apart."""
    return design.cleaned.frame.select(pl.lit(design.name).alias("design"), pl.all())


def _steps(parts: Sequence[Part]) -> pl.DataFrame | None:
    """How the raw rows of each order file became lines."""
    known = [(p.name, p.cleaned.waterfall) for p in parts if p.table == "orders"]
    frames = [w.select(pl.lit(name).alias("file"), pl.all()) for name, w in known if w is not None]
    return pl.concat(frames) if frames else None


def _one_row_a_customer(joined: Joined) -> tuple[Joined, int]:
    """The first row of each customer in the customers table, and how many rows that leaves out."""
    customers = joined.tables.get("customers")
    if customers is None or "customer_id" not in customers.columns:
        return joined, 0
    first = pl.col("customer_id").is_null() | pl.col("customer_id").is_first_distinct()
    kept = customers.filter(first)
    return replace(
        joined, tables={**joined.tables, "customers": kept}
    ), customers.height - kept.height


def _month() -> pl.Expr:
    at = pl.from_epoch("ordered_at", time_unit="s")
    return (at.dt.year() * 100 + at.dt.month().cast(pl.Int32)).cast(pl.Int64)
