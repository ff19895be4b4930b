"""Bring files into a study, correct what their columns are, take them out: each a new revision.

Files are read in a child process only (see ``prepared``); the revision is made here, when all is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from insight import study as store
from insight.errors import Conflict, UnreadableFile
from insight.pipeline.kept import keep_cleaned
from insight.pipeline.prepared import Added, Previewed, prepared, previewed, remapped
from insight.pipeline.uploads import NO_HINTS, Hints, Upload
from insight.settings import settings
from insight.study import Revision, Source, Study
from insight.worker import Progress, Stop, call, silent


def preview(
    data: bytes | Path, name: str, *, hints: Hints = NO_HINTS, stop: Stop | None = None
) -> Previewed:
    """Read a file and propose what each of its tables is.

    Returns
    -------
    The tables that can be used, and the names of those that fit nothing.

    Raises
    ------
    InsightError : the file cannot be read, none of its tables can be used, or a column to map is absent.
    """
    return call(previewed, data, name, hints, about=name, stop=stop, is_quick=True)


def add(
    study: Study,
    data: bytes | Path,
    name: str,
    *,
    hints: Hints = NO_HINTS,
    progress: Progress = silent,
) -> Added:
    """Bring one file into the study (see ``add_all``)."""
    (added,) = add_all(study, [Upload(data, name, hints)], progress=progress)
    return added


def add_all(
    study: Study,
    uploads: Sequence[Upload],
    *,
    progress: Progress = silent,
    stop: Stop | None = None,
) -> tuple[Added, ...]:
    """Bring files into the study, all or none: keep their bytes, map and clean them, record the step.

    Raises
    ------
    InsightError : one of them cannot be used, or ``stop`` was pulled; nothing was changed.
    """
    before = store.head(study)
    known = before.recipe.sources
    names = "、".join(upload.name for upload in uploads)
    ready = call(
        prepared, study, uploads, known, about=names, progress=progress, stop=stop
    )  # fmt: skip
    for upload, one in zip(uploads, ready, strict=True):
        _put(study, upload, one.added.sources)
        for source, kept in zip(one.added.sources, one.kept, strict=True):
            keep_cleaned(study, source, kept)
    sources = [source for one in ready for source in one.added.sources]
    _commit(study, before, (*known, *sources), note=f"导入 {names}")
    return tuple(one.added for one in ready)


def _put(study: Study, upload: Upload, sources: Sequence[Source]) -> None:
    """Keep the bytes of a file that was read (UnreadableFile where they changed meanwhile)."""
    if store.put(study, upload.data) not in {source.file for source in sources}:
        raise UnreadableFile(upload.name, "它在导入时被别的程序改动了", "请稍后重新导入。")


def _commit(study: Study, before: Revision, sources: Sequence[Source], *, note: str) -> Revision:
    recipe = before.recipe.model_copy(update={"sources": tuple(sources)})
    return store.commit(study, recipe, parent=before.id, author=settings().author, note=note)


def _unchanged(study: Study, parent: int) -> Revision:
    """The newest revision, if it is still ``parent`` (Conflict otherwise)."""
    newest = store.head(study)
    if newest.id != parent:
        raise Conflict(newest.author, newest.at)
    return newest


def remap(
    study: Study,
    index: int,
    roles: Mapping[str, str],
    *,
    parent: int,
    stop: Stop | None = None,
) -> Revision:
    """Change what the columns of one source are, as a new revision on top of ``parent`` (Conflict)."""
    before = _unchanged(study, parent)
    source = before.recipe.sources[index]
    changed, kept = call(remapped, study, source, roles, about=source.name, stop=stop)
    keep_cleaned(study, changed, kept)
    sources = list(before.recipe.sources)
    sources[index] = changed
    return _commit(study, before, sources, note=f"修改映射 {source.name}")


def remove(study: Study, index: int, *, parent: int) -> Revision:
    """Take one source out, as a new revision; its bytes stay for the older revisions (Conflict)."""
    before = _unchanged(study, parent)
    sources = list(before.recipe.sources)
    gone = sources.pop(index)
    return _commit(study, before, sources, note=f"移除 {gone.name}")
