"""What was worked out once and is kept: cleaned sources, joined tables, and the dataset made of them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import duckdb
import narwhals as nw
import polars as pl

from insight import study as store
from insight.clean import Cleaned, Proposal, clean, propose
from insight.clean.waterfall import SCHEMA
from insight.dataset import Dataset
from insight.gather import Part, gather
from insight.quality import checked, without_doubtful
from insight.readers import RawTable, read
from insight.recoding import applied
from insight.schema import Definitions, Questionnaire
from insight.settings import settings
from insight.study import Recipe, Source, Study
from insight.weighting import weighted
from insight.worker import call

Engine = Literal["polars", "duckdb"]
Manifest = dict[str, Any]
"""What was kept of one step: names of its objects, and what is small enough to stand here."""


@cache
def _code() -> str:
    """Digest of this package's own source: what other code worked out is not reused."""
    files = sorted(
        f for f in Path(__file__).parents[1].rglob("*") if f.suffix in {".py", ".toml", ".txt"}
    )
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def secret_of(study: Study) -> bytes:
    """The key that turns this study's identities into tokens (MissingKey)."""
    return store.key(study, keys_dir=settings().keys_dir)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def raw_of(study: Study, source: Source) -> RawTable:
    """The table behind a source, read again from the untouched bytes; in a child only."""
    data = store.located(study, source.file)
    return read(data, source.name, sheet=source.sheet, encoding=source.encoding)[0]


def _digest_of(study: Study, source: Source) -> str:
    return store.digest("cleaned", _code(), study.id, source.model_dump_json())


def put_cleaned(study: Study, cleaned: Cleaned) -> Manifest:
    """Put the tables of a cleaned source among the objects; nothing refers to them yet."""
    return {
        "frame": store.put(study, _parquet(cleaned.frame)),
        "issues": store.put(study, _parquet(cleaned.issues)),
        "questionnaire": cleaned.questionnaire and cleaned.questionnaire.model_dump(mode="json"),
        "waterfall": None if cleaned.waterfall is None else cleaned.waterfall.to_dicts(),
    }


def keep_cleaned(study: Study, source: Source, manifest: Manifest) -> None:
    """Keep a cleaned source under the digest of what it was made from."""
    inputs = _digest_of(study, source)
    store.remember(study, inputs, json.dumps(manifest).encode(), kind="cleaned")


def cleaned_from(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Clean a table; its issues begin with what reading it already set aside."""
    cleaned = clean(raw, proposal, secret=secret)
    return replace(cleaned, issues=pl.concat([raw.issues, cleaned.issues]))


def proposal_of(source: Source, raw: RawTable) -> Proposal:
    """What the columns of a source were said to be, with everything else that was decided about it."""
    used = source.decisions.preset if source.preset is None else source.preset
    as_then = source.decisions.model_copy(update={"preset": used})
    proposed = propose(raw, table=source.table, decisions=as_then)
    changed = [c for c, role in source.roles.items() if proposed.roles.get(c) != role]
    return replace(
        proposed,
        roles=source.roles,
        evidence={**proposed.evidence, **dict.fromkeys(changed, "由用户指定")},
        decisions=source.decisions,
        recognised=source.recognised,
        confidence=source.confidence,
    )


def _replayed(study: Study, source: Source) -> Manifest:
    raw = raw_of(study, source)
    cleaned = cleaned_from(raw, proposal_of(source, raw), secret=secret_of(study))
    return put_cleaned(study, cleaned)


def _kept_of(study: Study, source: Source) -> Manifest:
    """What is kept of a cleaned source; where nothing is, it is replayed from the untouched bytes in a child."""
    manifest = _manifest(
        study, _digest_of(study, source), parts=lambda m: (m["frame"], m["issues"])
    )
    if manifest is None:
        manifest = call(_replayed, study, source, about=source.name, is_quick=True)
        keep_cleaned(study, source, manifest)
    return manifest


def cleaned_of(study: Study, source: Source) -> Cleaned:
    """The cleaned source: as kept, else replayed from the untouched bytes in a child."""
    manifest = _kept_of(study, source)
    asked = manifest["questionnaire"]
    return Cleaned(
        _verified(study, manifest["frame"]),
        _verified(study, manifest["issues"]),
        asked and Questionnaire.model_validate(asked),
        steps_in(manifest),
    )


def issues_of(study: Study, source: Source) -> pl.DataFrame:
    """What cleaning one source changed or left out."""
    return _verified(study, _kept_of(study, source)["issues"])


def waterfall_of(study: Study, source: Source) -> pl.DataFrame | None:
    """How the raw rows of one order file became lines; None of other tables."""
    return steps_in(_kept_of(study, source))


def steps_in(manifest: Manifest) -> pl.DataFrame | None:
    """The steps from raw rows to lines that a manifest holds, of one file or, with ``file``, of all."""
    rows = manifest["waterfall"]
    if rows is None:
        return None
    named = {"file": pl.String} if "file" in rows[0] else {}
    return pl.DataFrame(rows, schema={**named, **SCHEMA})


def _manifest(
    study: Study, inputs: str, *, parts: Callable[[Manifest], Iterable[str]]
) -> Manifest | None:
    """What was kept for these inputs, if every object it names is there; else it is made again."""
    sha = store.recall(study, inputs)
    if sha is None:
        return None
    manifest: Manifest = json.loads(store.get(study, sha))
    whole = all(store.object_path(study, part).is_file() for part in parts(manifest))
    return manifest if whole else None


def _verified(study: Study, sha: str) -> pl.DataFrame:
    """A kept table whose bytes are what was stored (DamagedStudy otherwise)."""
    return pl.read_parquet(io.BytesIO(store.get(study, sha)))


def joined_digest(study: Study, recipe: Recipe) -> str:
    """Digest of everything the joined tables are made from."""
    rules = recipe.model_dump_json(exclude={"sources", "params", "segment_names", "report"})
    return store.digest("joined", _code(), rules, *(_digest_of(study, s) for s in recipe.sources))


def definitions_of(recipe: Recipe) -> Definitions:
    """What the purchase groups of the study are; no part of the joined tables."""
    return Definitions(
        rfm=recipe.params.get("rfm", {}),
        high_ticket=recipe.params.get("high_ticket", {}),
        names=recipe.segment_names,
    )


def joined_of(study: Study, recipe: Recipe) -> Manifest:
    """Manifest of the joined tables.

    Returns
    -------
    tables (name -> sha256 of its Parquet), rows (name -> count), keys, statuses, outcomes,
        n_conflicts, conflicts [the first of them],
        notes (file, table, sentence), n_customers, questionnaire
    """
    inputs = joined_digest(study, recipe)
    if kept := _manifest(study, inputs, parts=lambda m: m["tables"].values()):
        return kept
    parts = [Part(s.table, cleaned_of(study, s), s.name) for s in recipe.sources]
    gathered = gather(parts, recipe.matching)
    joined, tables = gathered.joined, dict(gathered.joined.tables)
    done = applied(tables.get("responses"), gathered.questionnaire, recipe.recodes)
    if done.responses is not None:
        tables["responses"] = done.responses
    rows = {t: frame.height for t, frame in tables.items()}
    if "responses" in tables:
        tables["quality"] = checked(tables["responses"], done.questionnaire, recipe.exclusions)
    manifest = {
        "tables": {t: store.put(study, _parquet(frame)) for t, frame in tables.items()},
        "rows": rows,
        "keys": joined.keys.to_dicts(),
        "statuses": joined.statuses.to_dicts(),
        "outcomes": joined.outcomes.to_dicts(),
        "n_conflicts": joined.n_conflicts,
        "conflicts": joined.conflicts.head(_MOST_CONFLICTS).to_dicts(),
        "notes": [*gathered.notes, *(("重编码", "responses", told) for told in done.skipped)],
        "n_customers": _people(joined.tables),
        "questionnaire": done.questionnaire.model_dump(mode="json"),
        "waterfall": None if gathered.waterfall is None else gathered.waterfall.to_dicts(),
    }
    store.remember(study, inputs, json.dumps(manifest).encode(), kind="joined")
    return manifest


_MOST_CONFLICTS = 1_000  # listed; all are counted


def _people(tables: Mapping[str, pl.DataFrame]) -> int | None:
    """How many customers the orders and the customers table tell apart."""
    known = [
        f["customer_id"]
        for t, f in tables.items()
        if t in ("orders", "customers") and "customer_id" in f.columns
    ]
    return pl.concat(known).drop_nulls().n_unique() if known else None


def _lazily(path: Path, engine: Engine) -> nw.LazyFrame[Any]:
    if engine == "duckdb":
        return nw.from_native(duckdb.read_parquet(str(path)))
    return nw.from_native(pl.scan_parquet(path))


def load(study: Study, *, engine: Engine = "polars") -> Dataset:
    """The joined tables of the newest revision: who is left out is gone, the others are weighted."""
    return weighted(unweighted(study, engine=engine), store.head(study).recipe.weighting)


def unweighted(study: Study, *, engine: Engine = "polars") -> Dataset:
    """The joined tables of the newest revision without who is left out."""
    recipe = store.head(study).recipe
    manifest = joined_of(study, recipe)
    kept = dict(manifest["tables"])
    orders = kept.pop("orders", None)
    return without_doubtful(
        Dataset(
            orders=_lazily(store.object_path(study, orders), engine) if orders else None,
            questionnaire=Questionnaire.model_validate(manifest["questionnaire"]),
            definitions=definitions_of(recipe),
            waterfall=steps_in(manifest),
            **{name: _verified(study, sha) for name, sha in kept.items()},
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
    return pl.concat([pl.DataFrame(shared, schema=schema, orient="row"), *parts])


_ISSUE = {name: pl.col(name) for name in ("line", "column", "value", "reason", "action")}
