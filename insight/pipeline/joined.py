"""The joined tables of a study, kept under the digest of all they were made from, and the dataset made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import narwhals as nw
import polars as pl

from insight import ledger
from insight import study as store
from insight.customers import customer_base
from insight.dataset import Dataset, Memo
from insight.engines import Engine, ledger_on, log_on
from insight.gather import gather
from insight.gather.parts import Part
from insight.pipeline.ahead import ahead
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
from insight.pipeline.seeing import let_through
from insight.pipeline.shelf import shelf_of
from insight.quality import checked, without_doubtful
from insight.recoding import applied
from insight.schema import Definitions, Questionnaire
from insight.study import Recipe, Source, Study
from insight.weighting import weighted


def joined_digest(study: Study, recipe: Recipe) -> str:
    """Digest of everything the joined tables are made from."""
    rules = recipe.model_dump_json(
        exclude={
            "sources",
            "params",
            "segment_names",
            "audiences",
            "banners",
            "currency",
            "filter",
            "report",
            "lexicon",
            "codebook",
            "need_statements",
            "topic_edits",
            "playbook",
            "campaigns",
            "promises",
        }
    )
    return store.digest("joined", code(), rules, *(digest_of(study, s) for s in recipe.sources))


def definitions_of(recipe: Recipe) -> Definitions:
    """What the purchase groups of the study are; no part of the joined tables."""
    return Definitions(
        rfm=recipe.params.get("rfm", {}),
        high_ticket=recipe.params.get("high_ticket", {}),
        clusters=recipe.params.get("clusters", {}),
        lifecycle=recipe.params.get("lifecycle", {}),
        names=recipe.segment_names,
        audiences=recipe.audiences,
        banners=recipe.banners,
        weighting=recipe.weighting,
    )


def joined_of(study: Study, recipe: Recipe) -> Manifest:
    """Manifest of the joined tables.

    Returns
    -------
    tables (name -> sha256 of its Parquet; of the ledger also "orders.folded" and what ``ledger.keep``
        gives, "orders.days" …), rows (name -> count), keys, statuses, outcomes, n_conflicts, conflicts [the first of them],
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
        tables |= _ledger(tables["orders"])
    if "events" in tables:
        tables["events"] = (
            tables["events"].drop(_OF_A_MATCH).sort("customer_id", "event_at", maintain_order=True)
        )
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


def _ledger(lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables of a ledger: orders and, behind "orders.", what is worked out of them once."""
    folded = ledger.fold(lines.lazy())
    kept = {f"orders.{name}": frame for name, frame in ledger.keep(lines.lazy(), folded).items()}
    return {"orders": ledger.laid_out(lines), "orders.folded": folded} | kept


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
    """The joined tables of the newest revision: who is left out is gone, the others are weighted.

    Whoever may see some customers only gets theirs, weighted among all (see ``seeing.let_through``).
    """
    weighting = store.head(study).recipe.weighting
    return let_through(study, lambda: weighted(_whole(study, engine), weighting))


def unweighted(study: Study, *, engine: Engine = "polars") -> Dataset:
    """The joined tables of the newest revision without who is left out; those that whoever acts may see."""
    return let_through(study, lambda: _whole(study, engine))


def _whole(study: Study, engine: Engine) -> Dataset:
    recipe = store.head(study).recipe
    manifest = joined_of(study, recipe)
    tables = manifest["tables"]
    kept = {t: sha for t, sha in tables.items() if not _is_of_orders(t)}
    log = kept.pop("events", None)
    frames: dict[str, Any] = {name: verified(study, sha) for name, sha in kept.items()}
    return without_doubtful(
        Dataset(
            orders=_orders_of(study, manifest, engine=engine),
            events=log_on(engine, store.object_path(study, log)) if log else None,
            questionnaire=Questionnaire.model_validate(manifest["questionnaire"]),
            definitions=definitions_of(recipe),
            codebook=recipe.codebook,
            topic_edits=recipe.topic_edits,
            codes=coded_by_people(study),
            lexicon=recipe.lexicon,
            waterfall=steps_in(manifest),
            playbook=recipe.playbook,
            campaigns=recipe.campaigns,
            promises=recipe.promises,
            lists={
                one.people: verified(study, one.people)
                for one in (*recipe.campaigns, *recipe.promises)
            },
            memo=Memo(shelf_of(study)),
            **frames,
        )
    )


def _orders_of(study: Study, manifest: Manifest, *, engine: Engine) -> ledger.Orders | None:
    """The ledger of the joined tables on an engine; None where there are no orders."""
    tables = manifest["tables"]
    found = {t: store.object_path(study, tables[t]) for t in tables if _is_of_orders(t)}
    return _opened(found, engine) if found else None


def coded_by_people(study: Study) -> pl.DataFrame | None:
    """What people coded by hand, see ``Dataset.codes``; None where nobody did."""
    rows = [asdict(code) for code in store.codes_of(study)]
    schema = {"needs": pl.List(pl.String)}
    return pl.DataFrame(rows, schema_overrides=schema) if rows else None


_OF_A_MATCH = ("match_status", "match_tier", "match_key", "is_conflict")  # counted in the manifest


def _is_of_orders(table: str) -> bool:
    return table.split(".")[0] == "orders"


def _opened(paths: Mapping[str, Path], engine: Engine) -> ledger.Ledger:
    kept = {n: paths[f"orders.{n}"] for n in get_args(ledger.Kept) if f"orders.{n}" in paths}
    return ledger_on(engine, lines=paths["orders"], folded=paths["orders.folded"], kept=kept)


def issues(study: Study) -> pl.DataFrame:
    """What was dropped or changed: file, table, line, column, value [masked], reason, action."""
    newest = store.head(study)
    recipe, manifest = newest.recipe, joined_of(study, newest.recipe)
    schema = dict.fromkeys(("file", "table", *_ISSUE), pl.String()) | {"line": pl.UInt32()}
    shared: list[tuple[str | None, ...]] = [
        (file, table, None, None, None, reason, "未导入")
        for file, table, reason in manifest["notes"]
    ]
    orders = _orders_of(study, manifest, engine="polars")
    if orders is not None and (late := ahead(orders, newest.at)):
        shared.append(("", "orders", None, "下单时间", None, late, "保留"))
    parts = [
        issues_of(study, s).select(file=pl.lit(s.name), table=pl.lit(s.table), **_ISSUE)
        for s in recipe.sources
    ]
    together = verified(study, manifest["issues"]).select(schema.keys())
    return pl.concat([pl.DataFrame(shared, schema=schema, orient="row"), together, *parts])


_ISSUE = {name: pl.col(name) for name in ("line", "column", "value", "reason", "action")}
