"""Bring files into a study: read, propose, map, clean, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from insight import study as store
from insight.clean import Cleaned, Proposal, propose, with_roles
from insight.errors import AlreadyAdded, NoUsableColumn, UnknownName
from insight.pipeline.kept import Progress, cleaned_from, keep_cleaned, raw_of, secret_of, silent
from insight.readers import RawTable, read
from insight.settings import settings
from insight.study import Recipe, Revision, Source, Study


@dataclass(frozen=True, slots=True)
class Preview:
    """One table of a file as it was read, and what its columns seem to be."""

    raw: RawTable
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user knows better than the proposal.

    Attributes
    ----------
    table : canonical table
    roles : raw column -> role
    sheet : the only sheet to take
    encoding : of a text file
    """

    table: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    encoding: str | None = None


NO_HINTS = Hints()


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
    _check_columns(hints.roles, raws)
    for raw in raws:
        changes = {c: r for c, r in hints.roles.items() if c in raw.frame.columns}
        try:
            proposal = with_roles(propose(raw, table=hints.table), changes)
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
    """Bring a file into the study: keep its bytes, map and clean it, record the step.

    Parameters
    ----------
    data, name : the untouched bytes and what the user calls the file

    Raises
    ------
    InsightError : nothing was changed.
    """
    progress("读取文件")
    before = store.head(study)
    previews, passed = preview(data, name, hints=hints)
    file = sha256(data).hexdigest()
    planned = [_source(file, name, item, hints) for item in previews]
    _check_new(before.recipe, planned, name)
    progress("清洗")
    taken, unfit = _cleaned_all(study, previews, planned)
    progress("保存")
    store.put(study, data)
    for source, cleaned in taken:
        keep_cleaned(study, source, cleaned)
    sources = tuple(source for source, _ in taken)
    _commit(study, before, (*before.recipe.sources, *sources), note=f"导入 {name}")
    n_rows = tuple(cleaned.frame.height for _, cleaned in taken)
    n_issues = tuple(cleaned.issues.height for _, cleaned in taken)
    notes = tuple(note for item in previews for note in item.raw.notes)
    return Added(sources, n_rows, n_issues, (*passed, *unfit), notes)


def _source(file: str, name: str, item: Preview, hints: Hints) -> Source:
    proposal = item.proposal
    return Source(
        file=file,
        name=name,
        sheet=item.raw.name,
        table=proposal.table,
        roles=dict(proposal.roles),
        recognised=proposal.recognised,
        encoding=hints.encoding,
    )


def _cleaned_all(
    study: Study, previews: Sequence[Preview], sources: Sequence[Source]
) -> tuple[list[tuple[Source, Cleaned]], list[str]]:
    """Clean every table; of several, those without the required columns are named, not taken."""
    secret = secret_of(study)
    taken: list[tuple[Source, Cleaned]] = []
    unfit: dict[str, NoUsableColumn] = {}
    for item, source in zip(previews, sources, strict=True):
        try:
            taken.append((source, cleaned_from(item.raw, item.proposal, secret=secret)))
        except NoUsableColumn as error:
            unfit[item.raw.name] = error
    if not taken:
        raise next(iter(unfit.values()))
    return taken, list(unfit)


def _check_columns(roles: Mapping[str, str], raws: Sequence[RawTable]) -> None:
    known = [c for raw in raws for c in raw.frame.columns if c != "__line__"]
    for column in roles:
        if column not in known:
            raise UnknownName("列", column, known)


def _check_new(recipe: Recipe, sources: Sequence[Source], name: str) -> None:
    """A sheet of known bytes as the same table is known, whatever the file is called now."""

    def identity(source: Source) -> tuple[str, str, str]:
        is_whole_file = source.sheet == Path(source.name).stem
        return source.file, source.table, "" if is_whole_file else source.sheet

    known = {identity(s) for s in recipe.sources}
    if any(identity(s) in known for s in sources):
        raise AlreadyAdded(name)


def _commit(
    study: Study,
    before: Revision,
    sources: Sequence[Source],
    *,
    note: str,
    parent: int | None = None,
) -> Revision:
    recipe = before.recipe.model_copy(update={"sources": tuple(sources)})
    base = before.id if parent is None else parent
    return store.commit(study, recipe, parent=base, author=settings().author, note=note)


def remap(study: Study, index: int, roles: Mapping[str, str], *, parent: int) -> Revision:
    """Change what the columns of one source are, as a new revision on top of ``parent`` (Conflict)."""
    before = store.head(study)
    source = before.recipe.sources[index]
    raw = raw_of(study, source)
    proposal = with_roles(replace(propose(raw, table=source.table), roles=source.roles), roles)
    cleaned = cleaned_from(raw, proposal, secret=secret_of(study))
    changed = source.model_copy(update={"roles": dict(proposal.roles)})
    keep_cleaned(study, changed, cleaned)
    sources = list(before.recipe.sources)
    sources[index] = changed
    return _commit(study, before, sources, note=f"修改映射 {source.name}", parent=parent)


def remove(study: Study, index: int, *, parent: int) -> Revision:
    """Take one source out, as a new revision; its bytes stay for the older revisions (Conflict)."""
    before = store.head(study)
    sources = list(before.recipe.sources)
    gone = sources.pop(index)
    return _commit(study, before, sources, note=f"移除 {gone.name}", parent=parent)
