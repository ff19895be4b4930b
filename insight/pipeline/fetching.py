"""Tables from databases and lakes: asked for once, kept as they were, asked for again with one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from insight import spool
from insight import study as store
from insight.errors import NothingToRefresh
from insight.origins import connections as configured
from insight.origins import fetch as fetched
from insight.pipeline.changing import change
from insight.pipeline.intake import add_all
from insight.pipeline.kept import cleaned_of, keep_cleaned
from insight.pipeline.prepared import Added, remapped
from insight.pipeline.uploads import NO_HINTS, Hints, Upload
from insight.schema import Origin
from insight.spool import Spooled
from insight.study import Source, Study
from insight.worker import Progress, Stop, call, silent


def connections() -> dict[str, str]:
    """Name -> kind of every configured database or lake (BadConnections)."""
    return {name: one.label for name, one in configured().items()}


def ask(origin: Origin, *, stop: Stop | None = None) -> Spooled:
    """What a database or lake answers, as a Parquet file; worked out in a child.

    Raises
    ------
    UnknownName, NothingAsked, SourceFailed, FileTooLarge
    """
    answer = spool.empty()
    call(_fetched, origin, answer.path, about=_called(origin), stop=stop)
    return answer


@contextmanager
def _answer(origin: Origin, stop: Stop | None = None) -> Iterator[Path]:
    """The same for as long as it is needed, beside no server."""
    with TemporaryDirectory(prefix="insight-") as folder:
        into = Path(folder) / "answer.parquet"
        call(_fetched, origin, into, about=_called(origin), stop=stop)
        yield into


def _fetched(origin: Origin, into: Path) -> int:
    return fetched(origin, into=into)


def _called(origin: Origin) -> str:
    """A short name for what was asked."""
    return origin.connection or Path(origin.ask.rstrip("/")).name.partition(".")[0] or "数据湖"


def fetch(
    study: Study,
    origin: Origin,
    *,
    name: str = "",
    hints: Hints = NO_HINTS,
    progress: Progress = silent,
) -> Added:
    """Bring the answer to a query, or the files of a lake, into the study (see ``add_all``)."""
    called = name or _called(origin)
    progress(f"取数 {called}", None)
    with _answer(origin) as path:
        upload = Upload(path, f"{called}.parquet", hints, origin)
        (added,) = add_all(study, [upload], progress=progress)
    return added


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What asking again gave: the file, and its rows before and now (equal bytes: nothing new)."""

    name: str
    is_new: bool
    n_before: int
    n_now: int


def refresh(
    study: Study, *, progress: Progress = silent, stop: Stop | None = None
) -> tuple[Refreshed, ...]:
    """Ask every database and lake of the study again, all or none, as one new revision.

    Raises
    ------
    NothingToRefresh : no table of the study comes from a database or a lake.
    InsightError : one of them does not answer, or no longer has a column that was mapped; nothing
        was changed.
    """
    before = store.head(study)
    sources = list(before.recipe.sources)
    if not any(source.origin for source in sources):
        raise NothingToRefresh
    told = []
    for at, source in enumerate(sources):
        if source.origin:
            progress(f"取数 {source.name}", at / len(sources))
            sources[at], one = _again(study, source, stop)
            told.append(one)
    if any(one.is_new for one in told):
        change(study, before, note="更新取数", sources=tuple(sources))
    return tuple(told)


def _again(study: Study, source: Source, stop: Stop | None) -> tuple[Source, Refreshed]:
    assert source.origin is not None
    n_before = cleaned_of(study, source).frame.height
    with _answer(source.origin, stop) as path:
        file = store.put(study, path)
    if file == source.file:
        return source, Refreshed(source.name, is_new=False, n_before=n_before, n_now=n_before)
    newer = source.model_copy(update={"file": file})
    changed, kept = call(remapped, study, newer, {}, about=source.name, stop=stop)
    keep_cleaned(study, changed, kept)
    n_now = cleaned_of(study, changed).frame.height
    return changed, Refreshed(source.name, is_new=True, n_before=n_before, n_now=n_now)
