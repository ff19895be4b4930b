"""Bring files into a study, correct what their columns are, take them out: each a new revision.

Files are read in a child process only (see ``prepared``); the revision is made here, when all is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from insight import study as store
from insight.errors import UnreadableFile
from insight.pipeline.changing import change, newest, with_source
from insight.pipeline.kept import keep_cleaned
from insight.pipeline.prepared import Added, Previewed, prepared, previewed, remapped
from insight.pipeline.uploads import NO_HINTS, Hints, Upload
from insight.spool import Spooled
from insight.study import Revision, Source, Study
from insight.worker import Progress, Stop, call, silent


def preview(
    data: bytes | Path | Spooled,
    name: str,
    *,
    hints: Hints = NO_HINTS,
    known: Sequence[Source] = (),
    stop: Stop | None = None,
) -> Previewed:
    """Read a file and propose what each of its tables is.

    Parameters
    ----------
    known : sources of the study it is meant for; what the user corrected there is followed

    Returns
    -------
    The tables that can be used, and the names of those that fit nothing.

    Raises
    ------
    InsightError : the file cannot be read, none of its tables can be used, or a column to map is absent.
    """
    return call(previewed, data, name, hints, known, about=name, stop=stop, is_quick=True)


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
    before = newest(study)
    known = before.recipe.sources
    names = "、".join(upload.name for upload in uploads)
    with ExitStack() as copying:
        keeps = [copying.enter_context(store.keeping(study, upload.content)) for upload in uploads]
        ready = call(prepared, study, uploads, known, about=names, progress=progress, stop=stop)
        for upload, keep, one in zip(uploads, keeps, ready, strict=True):
            _check_same(upload, keep(), one.added.sources)
            for source, kept in zip(one.added.sources, one.kept, strict=True):
                keep_cleaned(study, source, kept)
    sources = [source for one in ready for source in one.added.sources]
    change(study, before, note=f"导入 {names}", sources=(*known, *sources))
    return tuple(one.added for one in ready)


def _check_same(upload: Upload, kept: str, sources: Sequence[Source]) -> None:
    """Refuse a file (UnreadableFile) of which other bytes were read than kept: it changed meanwhile."""
    if kept not in {source.file for source in sources}:
        raise UnreadableFile(upload.name, "它在导入时被别的程序改动了", "请稍后重新导入。")


def remap(
    study: Study,
    index: int,
    roles: Mapping[str, str],
    *,
    parent: int,
    stop: Stop | None = None,
) -> Revision:
    """Change what the columns of one source are, as a new revision on top of ``parent`` (Conflict)."""
    before = newest(study, parent)
    source = before.recipe.sources[index]
    changed, kept = call(remapped, study, source, roles, about=source.name, stop=stop)
    keep_cleaned(study, changed, kept)
    sources = with_source(before, index, changed)
    return change(study, before, note=f"修改映射 {source.name}", sources=sources)


def remove(study: Study, index: int, *, parent: int) -> Revision:
    """Take one source out, as a new revision; its bytes stay for the older revisions (Conflict)."""
    before = newest(study, parent)
    sources = list(before.recipe.sources)
    gone = sources.pop(index)
    return change(study, before, note=f"移除 {gone.name}", sources=tuple(sources))
