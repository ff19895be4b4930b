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
from insight.dataset import Dataset
from insight.errors import SheetNotFound
from insight.gather import Part, gather
from insight.readers import RawTable, read
from insight.schema import Questionnaire
from insight.settings import settings
from insight.study import Recipe, Source, Study

Engine = Literal["polars", "duckdb"]
Progress = Callable[[str], None]


def silent(step: str) -> None:
    """Tell nobody how far the work is."""


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
    """The table behind a source, read again from the untouched bytes."""
    sheets = read(store.get(study, source.file), source.name, encoding=source.encoding)
    found = next((raw for raw in sheets if raw.name == source.sheet), None)
    if found is None:
        raise SheetNotFound(source.name, source.sheet, [raw.name for raw in sheets])
    return found


def _digest_of(study: Study, source: Source) -> str:
    return store.digest("cleaned", _code(), study.id, source.model_dump_json())


def keep_cleaned(study: Study, source: Source, cleaned: Cleaned) -> None:
    """Keep a cleaned source under the digest of what it was made from."""
    manifest = {
        "frame": store.put(study, _parquet(cleaned.frame)),
        "issues": store.put(study, _parquet(cleaned.issues)),
        "questionnaire": cleaned.questionnaire and cleaned.questionnaire.model_dump(mode="json"),
    }
    inputs = _digest_of(study, source)
    store.remember(study, inputs, json.dumps(manifest).encode(), kind="cleaned")


def cleaned_from(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Clean a table; its issues begin with what reading it already set aside."""
    cleaned = clean(raw, proposal, secret=secret)
    return replace(cleaned, issues=pl.concat([raw.issues, cleaned.issues]))


def proposal_of(source: Source, raw: RawTable) -> Proposal:
    """What the columns of a source were said to be, with everything else that was decided about it."""
    proposed = propose(raw, table=source.table, decisions=source.decisions)
    return replace(proposed, roles=source.roles)


def _replayed(study: Study, source: Source) -> Cleaned:
    raw = raw_of(study, source)
    return cleaned_from(raw, proposal_of(source, raw), secret=secret_of(study))


def cleaned_of(study: Study, source: Source) -> Cleaned:
    """The cleaned source: as kept, else replayed from the untouched bytes."""
    manifest = _manifest(
        study, _digest_of(study, source), parts=lambda m: (m["frame"], m["issues"])
    )
    if manifest is None:
        cleaned = _replayed(study, source)
        keep_cleaned(study, source, cleaned)
        return cleaned
    asked = manifest["questionnaire"]
    return Cleaned(
        _verified(study, manifest["frame"]),
        _verified(study, manifest["issues"]),
        asked and Questionnaire.model_validate(asked),
    )


def _manifest(
    study: Study, inputs: str, *, parts: Callable[[dict[str, Any]], Iterable[str]]
) -> dict[str, Any] | None:
    """What was kept for these inputs, if every object it names is there; else it is made again."""
    sha = store.recall(study, inputs)
    if sha is None:
        return None
    manifest: dict[str, Any] = json.loads(store.get(study, sha))
    whole = all(store.object_path(study, part).is_file() for part in parts(manifest))
    return manifest if whole else None


def _verified(study: Study, sha: str) -> pl.DataFrame:
    """A kept table whose bytes are what was stored (DamagedStudy otherwise)."""
    return pl.read_parquet(io.BytesIO(store.get(study, sha)))


def joined_digest(study: Study, recipe: Recipe) -> str:
    """Digest of everything the joined tables are made from."""
    rules = recipe.model_dump_json(exclude={"sources", "params"})
    return store.digest("joined", _code(), rules, *(_digest_of(study, s) for s in recipe.sources))


def joined_of(study: Study, recipe: Recipe) -> dict[str, Any]:
    """Manifest of the joined tables.

    Returns
    -------
    tables (name -> sha256 of its Parquet), rows (name -> count), keys, statuses, n_conflicts,
        notes (file, table, sentence), n_customers, questionnaire
    """
    inputs = joined_digest(study, recipe)
    if kept := _manifest(study, inputs, parts=lambda m: m["tables"].values()):
        return kept
    gathered = gather([Part(s.table, cleaned_of(study, s), s.name) for s in recipe.sources])
    joined = gathered.joined
    manifest = {
        "tables": {t: store.put(study, _parquet(frame)) for t, frame in joined.tables.items()},
        "rows": {t: frame.height for t, frame in joined.tables.items()},
        "keys": joined.keys.to_dicts(),
        "statuses": joined.statuses.to_dicts(),
        "n_conflicts": joined.n_conflicts,
        "notes": gathered.notes,
        "n_customers": _people(joined.tables),
        "questionnaire": gathered.questionnaire.model_dump(mode="json"),
    }
    store.remember(study, inputs, json.dumps(manifest).encode(), kind="joined")
    return manifest


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
    """The joined tables of the newest revision."""
    manifest = joined_of(study, store.head(study).recipe)
    kept = dict(manifest["tables"])
    orders = kept.pop("orders", None)
    return Dataset(
        orders=_lazily(store.object_path(study, orders), engine) if orders else None,
        questionnaire=Questionnaire.model_validate(manifest["questionnaire"]),
        **{name: _verified(study, sha) for name, sha in kept.items()},
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
        cleaned_of(study, s).issues.select(file=pl.lit(s.name), table=pl.lit(s.table), **_ISSUE)
        for s in recipe.sources
    ]
    return pl.concat([pl.DataFrame(shared, schema=schema, orient="row"), *parts])


_ISSUE = {name: pl.col(name) for name in ("line", "column", "value", "reason", "action")}
