"""Bring files into a study: read, propose, map, clean, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from insight import study as store
from insight.clean import Cleaned, propose, with_roles
from insight.errors import (
    Conflict,
    InsightError,
    NothingLeft,
    NoUsableColumn,
)
from insight.pipeline.kept import (
    Progress,
    cleaned_from,
    keep_cleaned,
    proposal_of,
    raw_of,
    secret_of,
    silent,
)
from insight.pipeline.uploads import (
    NO_HINTS,
    Hints,
    Preview,
    Upload,
    check_columns,
    check_new,
    check_single,
)
from insight.readers import read
from insight.settings import settings
from insight.study import Revision, Source, Study


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a file brought into the study."""

    sources: tuple[Source, ...]
    n_rows: tuple[int, ...]
    n_issues: tuple[int, ...]
    passed_over: tuple[str, ...]  # tables of the file that fit nothing
    notes: tuple[str, ...]  # what was noticed while reading


def preview(
    data: bytes, name: str, *, hints: Hints = NO_HINTS
) -> tuple[tuple[Preview, ...], tuple[str, ...]]:
    """Read a file and propose what each of its tables is.

    Returns
    -------
    The tables that can be used, and the names of those that fit nothing.

    Raises
    ------
    InsightError : the file cannot be read, none of its tables can be used, or a column to map is absent.
    """
    usable: list[Preview] = []
    passed: list[str] = []
    raws = read(data, name, sheet=hints.sheet, encoding=hints.encoding)
    check_columns(hints.roles, raws)
    for raw in raws:
        changes = {c: r for c, r in hints.roles.items() if c in raw.frame.columns}
        try:
            proposal = with_roles(
                propose(raw, table=hints.table, decisions=hints.decisions), changes
            )
        except NoUsableColumn:
            if len(raws) == 1:
                raise
            passed.append(raw.name)
        else:
            usable.append(Preview(raw, proposal))
    if not usable:
        raise NoUsableColumn(name, "订单、客户、问卷或文本", ("可识别的表头",))
    return tuple(usable), tuple(passed)


def add(
    study: Study, data: bytes, name: str, *, hints: Hints = NO_HINTS, progress: Progress = silent
) -> Added:
    """Bring one file into the study (see ``add_all``)."""
    (added,) = add_all(study, [Upload(data, name, hints)], progress=progress)
    return added


def add_all(
    study: Study, uploads: Sequence[Upload], *, progress: Progress = silent
) -> tuple[Added, ...]:
    """Bring files into the study, all or none: keep their bytes, map and clean them, record the step.

    Raises
    ------
    InsightError : one of them cannot be used; nothing was changed.
    """
    before = store.head(study)
    ready: list[_Ready] = []
    for upload in uploads:
        progress(f"读取 {upload.name}")
        known = [*before.recipe.sources, *(s for r in ready for s, _ in r.taken)]
        ready.append(_prepared(study, upload, known))
    progress("保存")
    for upload, one in zip(uploads, ready, strict=True):
        store.put(study, upload.data)
        for source, cleaned in one.taken:
            keep_cleaned(study, source, cleaned)
    sources = [source for one in ready for source, _ in one.taken]
    names = "、".join(upload.name for upload in uploads)
    _commit(study, before, (*before.recipe.sources, *sources), note=f"导入 {names}")
    return tuple(one.added() for one in ready)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file that was read and cleaned, and is not yet in the study."""

    taken: list[tuple[Source, Cleaned]]
    passed_over: tuple[str, ...]
    notes: tuple[str, ...]

    def added(self) -> Added:
        n_rows = tuple(cleaned.frame.height for _, cleaned in self.taken)
        n_issues = tuple(cleaned.issues.height for _, cleaned in self.taken)
        sources = tuple(source for source, _ in self.taken)
        return Added(sources, n_rows, n_issues, self.passed_over, self.notes)


def _prepared(study: Study, upload: Upload, known: Sequence[Source]) -> _Ready:
    previews, passed = preview(upload.data, upload.name, hints=upload.hints)
    file = sha256(upload.data).hexdigest()
    for item in previews:
        check_single(item, upload)
    planned = [_source(file, upload, item) for item in previews]
    check_new(known, planned, upload.name)
    taken, unfit = _cleaned_all(study, previews, planned)
    notes = tuple(note for item in previews for note in item.raw.notes)
    return _Ready(taken, (*passed, *unfit), notes)


def _source(file: str, upload: Upload, item: Preview) -> Source:
    proposal = item.proposal
    return Source(
        file=file,
        name=upload.name,
        sheet=item.raw.name,
        table=proposal.table,
        roles=dict(proposal.roles),
        recognised=proposal.recognised,
        encoding=upload.hints.encoding,
        decisions=proposal.decisions,
    )


def _cleaned_all(
    study: Study, previews: Sequence[Preview], sources: Sequence[Source]
) -> tuple[list[tuple[Source, Cleaned]], list[str]]:
    """Clean every table; of several, those without the required columns or rows are named, not taken."""
    secret = secret_of(study)
    taken: list[tuple[Source, Cleaned]] = []
    unfit: dict[str, InsightError] = {}
    for item, source in zip(previews, sources, strict=True):
        try:
            taken.append((source, cleaned_from(item.raw, item.proposal, secret=secret)))
        except (NoUsableColumn, NothingLeft) as error:
            unfit[item.raw.name] = error
    if not taken:
        raise next(iter(unfit.values()))
    return taken, list(unfit)


def _commit(study: Study, before: Revision, sources: Sequence[Source], *, note: str) -> Revision:
    recipe = before.recipe.model_copy(update={"sources": tuple(sources)})
    return store.commit(study, recipe, parent=before.id, author=settings().author, note=note)


def _unchanged(study: Study, parent: int) -> Revision:
    """The newest revision, if it is still ``parent`` (Conflict otherwise)."""
    newest = store.head(study)
    if newest.id != parent:
        raise Conflict(newest.author, newest.at)
    return newest


def remap(study: Study, index: int, roles: Mapping[str, str], *, parent: int) -> Revision:
    """Change what the columns of one source are, as a new revision on top of ``parent`` (Conflict)."""
    before = _unchanged(study, parent)
    source = before.recipe.sources[index]
    raw = raw_of(study, source)
    proposal = with_roles(proposal_of(source, raw), roles)
    cleaned = cleaned_from(raw, proposal, secret=secret_of(study))
    changed = source.model_copy(update={"roles": dict(proposal.roles)})
    keep_cleaned(study, changed, cleaned)
    sources = list(before.recipe.sources)
    sources[index] = changed
    return _commit(study, before, sources, note=f"修改映射 {source.name}")


def remove(study: Study, index: int, *, parent: int) -> Revision:
    """Take one source out, as a new revision; its bytes stay for the older revisions (Conflict)."""
    before = _unchanged(study, parent)
    sources = list(before.recipe.sources)
    gone = sources.pop(index)
    return _commit(study, before, sources, note=f"移除 {gone.name}")
