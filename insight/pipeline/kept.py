"""What was worked out of each source and is kept: its cleaned tables, under the digest of what they were made from."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from insight import study as store
from insight.clean import Cleaned, Proposal, clean, propose
from insight.clean.waterfall import SCHEMA
from insight.readers import RawTable, read
from insight.schema import Questionnaire
from insight.settings import settings
from insight.study import Source, Study
from insight.worker import call

Manifest = dict[str, Any]
"""What was kept of one step: names of its objects, and what is small enough to stand here."""


_GROUP = 2**17  # rows that are compressed together; several such groups at the same time


@cache
def code() -> str:
    """Digest of this package's own source: what other code worked out is not reused."""
    files = sorted(
        f for f in Path(__file__).parents[1].rglob("*") if f.suffix in {".py", ".toml", ".txt"}
    )
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def secret_of(study: Study) -> bytes:
    """The key that turns this study's identities into tokens (MissingKey)."""
    chosen = settings()
    if chosen.key_file and not store.key_path(study, chosen.keys_dir).is_file():
        return store.derived_key(study, file=chosen.key_file)
    return store.key(study, keys_dir=chosen.keys_dir)


def parquet(frame: pl.DataFrame) -> bytes:
    """A table as the bytes that are kept of it, without statistics: its rows stand in no order that would let a group be skipped."""
    buffer = io.BytesIO()
    frame.lazy().sink_parquet(buffer, compression="lz4", row_group_size=_GROUP, statistics=False)
    return buffer.getvalue()


def raw_of(study: Study, source: Source) -> RawTable:
    """The table behind a source, read again from the untouched bytes; in a child only."""
    data = store.located(study, source.file)
    return read(data, source.name, sheet=source.sheet, encoding=source.encoding)[0]


def digest_of(study: Study, source: Source) -> str:
    """Digest of everything a cleaned source is made from."""
    return store.digest("cleaned", code(), study.id, source.model_dump_json())


def put_cleaned(study: Study, cleaned: Cleaned) -> Manifest:
    """Put the tables of a cleaned source among the objects; nothing refers to them yet."""
    return {
        "frame": store.put(study, parquet(cleaned.frame)),
        "issues": store.put(study, parquet(cleaned.issues)),
        "questionnaire": cleaned.questionnaire and cleaned.questionnaire.model_dump(mode="json"),
        "waterfall": None if cleaned.waterfall is None else cleaned.waterfall.to_dicts(),
        "left_out": None if cleaned.left_out is None else cleaned.left_out.to_list(),
    }


def keep_cleaned(study: Study, source: Source, manifest: Manifest) -> None:
    """Keep a cleaned source under the digest of what it was made from."""
    inputs = digest_of(study, source)
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
    manifest = manifest_of(
        study, digest_of(study, source), parts=lambda m: (m["frame"], m["issues"])
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
        verified(study, manifest["frame"]),
        verified(study, manifest["issues"]),
        asked and Questionnaire.model_validate(asked),
        steps_in(manifest),
        _left_out(manifest),
    )


def _left_out(manifest: Manifest) -> pl.Series | None:
    ids = manifest["left_out"]
    return None if ids is None else pl.Series("order_id", ids, dtype=pl.String)


def issues_of(study: Study, source: Source) -> pl.DataFrame:
    """What cleaning one source changed or left out."""
    return verified(study, _kept_of(study, source)["issues"])


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


def manifest_of(
    study: Study, inputs: str, *, parts: Callable[[Manifest], Iterable[str]]
) -> Manifest | None:
    """What was kept for these inputs, if every object it names is there; else it is made again."""
    sha = store.recall(study, inputs)
    if sha is None:
        return None
    manifest: Manifest = json.loads(store.get(study, sha))
    whole = all(store.object_path(study, part).is_file() for part in parts(manifest))
    return manifest if whole else None


def verified(study: Study, sha: str) -> pl.DataFrame:
    """A kept table whose bytes are what was stored (DamagedStudy otherwise)."""
    return pl.read_parquet(io.BytesIO(store.get(study, sha)))
