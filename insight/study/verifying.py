"""Is everything there that a study acknowledged, byte for byte; and what nobody needs any more."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from insight.study.auditing import broken_line
from insight.study.database import connected
from insight.study.model import Recipe, Study
from insight.study.objects import object_path, sha256
from insight.study.revisions import history

_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = 1  # bytes that tell JSON from Parquet
HOUR = 3_600  # seconds; a younger file may belong to a change that is still on its way


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at every byte of a study found.

    Attributes
    ----------
    objects : files that lie under a hash
    verified : those whose content has that hash
    orphans : files that nothing refers to: what a crash left behind
    lost : results and tables that are made again from the raw files when they are asked for
    damaged : what is wrong, one Chinese phrase each; empty: nothing acknowledged is lost
    """

    objects: int
    verified: int
    orphans: tuple[Path, ...]
    lost: int
    damaged: tuple[str, ...]


def verify(study: Study) -> Verified:
    """Hash every object, and compare with what revisions and results refer to."""
    kept = list(stored(study))
    wrong = {p.name for p in kept if sha256(p) != p.name}
    present = {p.name for p in kept}
    raw, derived = raw_objects(study), derived_objects(study)
    return Verified(
        objects=len(kept),
        verified=len(kept) - len(wrong),
        orphans=tuple(
            p for p in _files(study) if p.name not in raw | derived or p.name not in present
        ),
        lost=len(derived - raw - present),
        damaged=tuple(_damages(study, wrong=wrong, missing=raw - present)),
    )


def _damages(study: Study, *, wrong: set[str], missing: set[str]) -> Iterator[str]:
    yield from (f"对象 {sha[:12]} 的内容与校验值不符" for sha in sorted(wrong))
    yield from (f"缺少原始文件 {sha[:12]}" for sha in sorted(missing))
    with connected(study.path) as db:
        try:
            said = [row[0] for row in db.execute("PRAGMA integrity_check")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
    if said != ["ok"]:
        yield f"数据库不完整（{said[0]}）"
    elif line := broken_line(study):
        yield f"审计记录从第 {line} 条起被改动"


def sweep(study: Study, *, older_than: float = HOUR) -> int:
    """Delete the orphans that are older [seconds]; returns how many."""
    before = time.time() - older_than
    old = [path for path in verify(study).orphans if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _files(study: Study) -> Iterator[Path]:
    return (p for p in sorted((study.path / "objects").rglob("*")) if p.is_file())


def stored(study: Study) -> Iterator[Path]:
    """The files that lie where their hash says, by name."""
    return (p for p in _files(study) if p == object_path(study, p.name))


def raw_objects(study: Study) -> set[str]:
    """Hashes of what can not be worked out again: the untouched files and the lists of people of all revisions."""
    return raw_names(revision.recipe for revision in history(study))


def raw_names(recipes: Iterable[Recipe]) -> set[str]:
    """Hashes of the untouched files and the lists of people that recipes name."""
    return {sha for recipe in recipes for sha in _named_by(recipe)}


def _named_by(recipe: Recipe) -> Iterator[str]:
    yield from (source.file for source in recipe.sources)
    yield from lists_of(recipe)


def lists_of(recipe: Recipe) -> tuple[str, ...]:
    """Hashes of the lists of people that a recipe names."""
    started, promised = (c.people for c in recipe.campaigns), (p.people for p in recipe.promises)
    return (*started, *promised)


def derived_objects(study: Study) -> set[str]:
    """Hashes of what was worked out: results, and the tables that a manifest among them names."""
    with connected(study.path) as db:
        named = {row[0] for row in db.execute("SELECT object FROM derived")}
    return named | {sha for name in named for sha in _named_in(object_path(study, name))}


def _named_in(path: Path) -> Iterator[str]:
    """The objects that a manifest, which is JSON, names."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        if file.read(_HEAD) == b"{":
            yield from _HASH.findall((_HEAD * "{") + file.read().decode("utf-8", "replace"))
