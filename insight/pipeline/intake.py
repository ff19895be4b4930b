"""Bring files into a study, correct what their columns are, take them out: each a new revision.

Files are read in a child process only (see ``prepared``); the revision is made here, when all is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from insight import study as store
from insight.pipeline.changing import change, newest, source_at, with_source
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
        copies = [copying.enter_context(store.keeping(study, one.content)) for one in uploads]
        own = [replace(one, data=copy) for one, (copy, _) in zip(uploads, copies, strict=True)]
        ready = call(prepared, study, own, known, about=names, progress=progress, stop=stop)
        for (_, keep), one in zip(copies, ready, strict=True):
            keep(one.added.sources[0].file)
            for source, kept in zip(one.added.sources, one.kept, strict=True):
                keep_cleaned(study, source, kept)
    sources = [source for one in ready for source in one.added.sources]
    change(study, before, note=f"导入 {names}", sources=(*known, *sources))
    return tuple(one.added for one in ready)


def remap(
    study: Study,
    index: int,
    roles: Mapping[str, str],
    *,
    parent: int,
    stop: Stop | None = None,
) -> Revision:
    """Change what the columns of one source are, as a new revision on top of ``parent`` (Conflict, NoSuchSource)."""
    before = newest(study, parent)
    source = source_at(study, before, index)
    changed, kept = call(remapped, study, source, roles, about=source.name, stop=stop)
    keep_cleaned(study, changed, kept)
    sources = with_source(before, index, changed)
    return change(study, before, note=f"修改映射 {source.name}", sources=sources)


def remove(study: Study, index: int, *, parent: int) -> Revision:
    """Take one source out, as a new revision; its bytes stay for the older ones (Conflict, NoSuchSource)."""
    before = newest(study, parent)
    gone = source_at(study, before, index)
    left = (one for at, one in enumerate(before.recipe.sources) if at != index)
    return change(study, before, note=f"移除 {gone.name}", sources=tuple(left))
