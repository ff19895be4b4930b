"""The joined tables of a study, kept under the digest of all they were made from, and the dataset made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import narwhals as nw
import polars as pl

from insight import ledger
from insight import study as store
from insight.customers import customer_base
from insight.dataset import Dataset
from insight.engines import Engine, ledger_on
from insight.gather import gather
from insight.gather.parts import Part
from insight.pipeline.kept import (
    Manifest,
    cleaned_of,
    code,
    digest_of,
    issues_of,
    manifest_of,
    parquet,
    steps_in,
    verified,
)
from insight.quality import checked, without_doubtful
from insight.recoding import applied
from insight.schema import Definitions, Questionnaire
from insight.study import Recipe, Source, Study
from insight.weighting import weighted


def joined_digest(study: Study, recipe: Recipe) -> str:
    """Digest of everything the joined tables are made from."""
    rules = recipe.model_dump_json(exclude={"sources", "params", "segment_names", "report"})
    return store.digest("joined", code(), rules, *(digest_of(study, s) for s in recipe.sources))


def definitions_of(recipe: Recipe) -> Definitions:
    """What the purchase groups of the study are; no part of the joined tables."""
    return Definitions(
        rfm=recipe.params.get("rfm", {}),
        high_ticket=recipe.params.get("high_ticket", {}),
        clusters=recipe.params.get("clusters", {}),
        lifecycle=recipe.params.get("lifecycle", {}),
        names=recipe.segment_names,
    )


def joined_of(study: Study, recipe: Recipe) -> Manifest:
    """Manifest of the joined tables.

    Returns
    -------
    tables (name -> sha256 of its Parquet; ``folded`` holds the orders as ``ledger.fold`` makes them), rows (name -> count), keys, statuses, outcomes,
        n_conflicts, conflicts [the first of them],
        notes (file, table, sentence), n_customers, questionnaire
    """
    inputs = joined_digest(study, recipe)
    if kept := manifest_of(study, inputs, parts=lambda m: [*m["tables"].values(), m["issues"]]):
        return kept
    parts = [_part(study, source) for source in recipe.sources]
    gathered = gather(parts, recipe.matching)
    joined, tables = gathered.joined, dict(gathered.joined.tables)
    done = applied(tables.get("responses"), gathered.questionnaire, recipe.recodes)
    if done.responses is not None:
        tables["responses"] = done.responses
    rows = {t: frame.height for t, frame in tables.items()}
    if "responses" in tables:
        tables["quality"] = checked(tables["responses"], done.questionnaire, recipe.exclusions)
    if "orders" in tables:
        tables["folded"] = ledger.fold(tables["orders"].lazy())
        tables["orders"] = ledger.laid_out(tables["orders"])
    manifest = {
        "tables": {t: store.put(study, parquet(frame)) for t, frame in tables.items()},
        "rows": rows,
        "keys": joined.keys.to_dicts(),
        "statuses": joined.statuses.to_dicts(),
        "outcomes": joined.outcomes.to_dicts(),
        "n_conflicts": joined.n_conflicts,
        "conflicts": joined.conflicts.head(_MOST_CONFLICTS).to_dicts(),
        "notes": [*gathered.notes, *(("重编码", "responses", told) for told in done.skipped)],
        "issues": store.put(study, parquet(gathered.issues)),
        "n_customers": _people(joined.tables),
        "questionnaire": done.questionnaire.model_dump(mode="json"),
        "waterfall": None if gathered.waterfall is None else gathered.waterfall.to_dicts(),
    }
    store.remember(study, inputs, json.dumps(manifest).encode(), kind="joined")
    return manifest


def _part(study: Study, source: Source) -> Part:
    header = next((c for c, role in source.roles.items() if role == "order_id"), "")
    return Part(source.table, cleaned_of(study, source), source.name, header)


_MOST_CONFLICTS = 1_000  # listed; all are counted


def _people(tables: Mapping[str, pl.DataFrame]) -> int | None:
    """How many customers there are (see ``insight.customers``); None where nobody is told apart."""
    known = {t: tables[t] for t in ("orders", "customers") if t in tables}
    if not any("customer_id" in frame.columns for frame in known.values()):
        return None
    orders = nw.from_native(known["orders"].lazy()) if "orders" in known else None
    return customer_base(orders, known.get("customers")).height


def load(study: Study, *, engine: Engine = "polars") -> Dataset:
    """The joined tables of the newest revision: who is left out is gone, the others are weighted."""
    return weighted(unweighted(study, engine=engine), store.head(study).recipe.weighting)


def unweighted(study: Study, *, engine: Engine = "polars") -> Dataset:
    """The joined tables of the newest revision without who is left out."""
    recipe = store.head(study).recipe
    manifest = joined_of(study, recipe)
    kept = dict(manifest["tables"])
    files = {"lines": kept.pop("orders", None), "folded": kept.pop("folded", None)}
    paths = {name: store.object_path(study, sha) for name, sha in files.items() if sha}
    return without_doubtful(
        Dataset(
            orders=ledger_on(engine, **paths) if paths else None,
            questionnaire=Questionnaire.model_validate(manifest["questionnaire"]),
            definitions=definitions_of(recipe),
            waterfall=steps_in(manifest),
            **{name: verified(study, sha) for name, sha in kept.items()},
        )
    )


def issues(study: Study) -> pl.DataFrame:
    """What was dropped or changed: file, table, line, column, value [masked], reason, action."""
    recipe = store.head(study).recipe
    schema = dict.fromkeys(("file", "table", *_ISSUE), pl.String()) | {"line": pl.UInt32()}
    shared = [
        (file, table, None, None, None, reason, "未导入")
        for file, table, reason in joined_of(study, recipe)["notes"]
    ]
    parts = [
        issues_of(study, s).select(file=pl.lit(s.name), table=pl.lit(s.table), **_ISSUE)
        for s in recipe.sources
    ]
    together = verified(study, joined_of(study, recipe)["issues"]).select(schema.keys())
    return pl.concat([pl.DataFrame(shared, schema=schema, orient="row"), together, *parts])


_ISSUE = {name: pl.col(name) for name in ("line", "column", "value", "reason", "action")}
