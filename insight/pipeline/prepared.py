"""What a child does with a file: read it, propose what it is, clean it, put its tables among the objects.

Nothing here runs in the server, and no table travels back: a preview carries the first rows, an
import the names of the objects it wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from insight.clean import Cleaned, Proposal, contents_of, propose, unclear_dates, with_roles
from insight.errors import InsightError, NothingLeft, NoUsableColumn
from insight.pipeline.asked import check_asked, known_options
from insight.pipeline.drifting import noticed, told
from insight.pipeline.kept import (
    Manifest,
    cleaned_from,
    proposal_of,
    put_cleaned,
    raw_of,
    secret_of,
)
from insight.pipeline.mapped_before import is_corrected, mappings
from insight.pipeline.offering import columns
from insight.pipeline.uploads import (
    Hints,
    Preview,
    Upload,
    check_columns,
    check_drift,
    check_new,
    check_single,
)
from insight.presets import OwnPreset
from insight.readers import RawTable, read
from insight.schema import ORDER_LINES, ORDERS
from insight.study import Source, Study, sha256
from insight.worker import Progress

SHOWN = 200  # rows of a table that a preview carries
Previewed = tuple[tuple[Preview, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a file brought into the study."""

    sources: tuple[Source, ...]
    n_rows: tuple[int, ...]
    n_issues: tuple[int, ...]
    passed_over: tuple[str, ...]  # tables of the file that fit nothing
    notes: tuple[str, ...]  # what was noticed while reading
    drift: tuple[str, ...] = ()  # how the columns differ from last time


@dataclass(frozen=True, slots=True)
class Ready:
    """A file whose tables lie among the objects of the study; no revision names them yet."""

    added: Added
    kept: tuple[Manifest, ...]  # one for each source


_Taken = tuple[Added, list[Cleaned]]


def previewed(
    data: bytes | Path, name: str, hints: Hints, known: Sequence[Source] = ()
) -> Previewed:
    """What each table of a file is, with its first rows (see ``intake.preview``)."""
    usable, passed = _proposed(data, name, hints, known=known)
    return tuple(_brief(item) for item in usable), passed


def prepared(
    study: Study, uploads: Sequence[Upload], known: Sequence[Source], *, progress: Progress
) -> tuple[Ready, ...]:
    """Read and clean files; only when all of them can be used is anything written."""
    taken: list[_Taken] = []
    for at, upload in enumerate(uploads):
        progress(f"读取 {upload.name}", at / len(uploads))
        taken.append(_taken(study, upload, known=known, beside=taken, progress=progress))
    progress("保存", None)
    return tuple(
        Ready(added, tuple(put_cleaned(study, one) for one in cleaned)) for added, cleaned in taken
    )


def remapped(study: Study, source: Source, roles: Mapping[str, str]) -> tuple[Source, Manifest]:
    """A source with corrected roles, cleaned again from its untouched bytes."""
    raw = raw_of(study, source)
    proposal = with_roles(proposal_of(source, raw), roles)
    cleaned = cleaned_from(raw, proposal, secret=secret_of(study))
    mapped = dict(proposal.roles)
    by_hand = {"corrected": True, "contents": contents_of(raw)} if mapped != source.roles else {}
    told = {"roles": mapped, "currency": cleaned.currency}
    changed = source.model_copy(update={**told, **by_hand})
    return changed, put_cleaned(study, cleaned)


def _proposed(data: bytes | Path, name: str, hints: Hints, *, known: Sequence[Source]) -> Previewed:
    """What each table of a file is, whole."""
    usable: list[Preview] = []
    passed: list[str] = []
    raws = read(data, name, sheet=hints.sheet, encoding=hints.encoding)
    own = mappings(known)
    check_columns(hints.roles, raws)
    for raw in raws:
        changes = {c: r for c, r in hints.roles.items() if c in raw.frame.columns}
        try:
            first = propose(raw, table=hints.table, decisions=hints.decisions, own=own)
            meant = first
            if not hints.table and first.table == ORDER_LINES.name and _tells_buyer(changes):
                meant = propose(raw, table=ORDERS.name, decisions=hints.decisions, own=own)
            proposal = with_roles(meant, changes)
        except NoUsableColumn:
            if len(raws) == 1:
                raise
            passed.append(raw.name)
        else:
            plain = first if hints.table is None else _without_hints(raw, own)
            corrected = is_corrected(hints, proposed=plain, final=proposal, sources=known)
            usable.append(Preview(raw, proposal, raw.frame.height, corrected=corrected))
    if not usable:
        raise NoUsableColumn(name, "订单、客户、问卷或文本", ("可识别的表头",))
    return tuple(usable), tuple(passed)


def _tells_buyer(roles: Mapping[str, str]) -> bool:
    """Whether the user names a column that only orders have: who bought, or when."""
    only = [c for c in ORDERS.columns if ORDER_LINES.column(c.name) is None]
    return bool({word for c in only for word in (c.name, c.label)} & set(roles.values()))


def _without_hints(raw: RawTable, own: Sequence[OwnPreset]) -> Proposal | None:
    try:
        return propose(raw, own=own)
    except NoUsableColumn:
        return None


def _brief(item: Preview) -> Preview:
    """A preview that can travel: the first rows, and what was seen of each column in all of them."""
    raw = item.raw
    first = replace(raw, frame=raw.frame.head(SHOWN), issues=raw.issues.head(SHOWN))
    shown, unclear = columns(raw, item.proposal), unclear_dates(raw, item.proposal)
    return replace(item, raw=first, columns=shown, unclear=unclear)


def _taken(
    study: Study,
    upload: Upload,
    *,
    known: Sequence[Source],
    beside: Sequence[_Taken],
    progress: Progress,
) -> _Taken:
    """Every table of a file, cleaned, and what is told of it; ``beside`` are the files before it in this import."""
    with ThreadPoolExecutor(1) as aside:
        hashed = aside.submit(sha256, upload.content)
        previews, passed = _proposed(upload.content, upload.name, upload.hints, known=known)
        file = hashed.result()
    for item in previews:
        if item.drift:
            progress(noticed(upload.name, item.proposal), None)
        check_single(item, upload)
        check_drift(item, upload)
    others = [cleaned for _, tables in beside for cleaned in tables]
    previews = tuple(_with_options(item, study, known=known, beside=others) for item in previews)
    planned = [_source(file, upload, item) for item in previews]
    before = [*known, *(source for added, _ in beside for source in added.sources)]
    check_new(before, planned, upload.name)
    taken, unfit = _cleaned_all(study, previews, planned)
    for source, cleaned in taken:
        if source.table == "responses":
            check_asked(upload.hints.decisions, cleaned.questionnaire)
    added = Added(
        sources=tuple(source for source, _ in taken),
        n_rows=tuple(cleaned.frame.height for _, cleaned in taken),
        n_issues=tuple(cleaned.issues.height for _, cleaned in taken),
        passed_over=(*passed, *unfit),
        notes=tuple(note for item in previews for note in item.raw.notes),
        drift=tuple(sentence for item in previews for sentence in told(item.drift)),
    )
    return added, [cleaned for _, cleaned in taken]


def _with_options(
    item: Preview, study: Study, *, known: Sequence[Source], beside: Sequence[Cleaned]
) -> Preview:
    """A questionnaire that is split by the options which other files already tell."""
    if item.proposal.table != "responses":
        return item
    decided = item.proposal.decisions
    options = known_options(study, known, beside=beside)
    if not options.keys() - decided.options.keys():
        return item
    told = decided.model_copy(update={"options": options | decided.options})
    return replace(item, proposal=replace(item.proposal, decisions=told))


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
        preset=proposal.preset,
        confidence=proposal.confidence,
        origin=upload.origin,
        corrected=item.corrected,
        contents=contents_of(item.raw) if item.corrected else {},
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
            cleaned = cleaned_from(item.raw, item.proposal, secret=secret)
            taken.append((source.model_copy(update={"currency": cleaned.currency}), cleaned))
        except (NoUsableColumn, NothingLeft) as error:
            unfit[item.raw.name] = error
    if not taken:
        raise next(iter(unfit.values()))
    return taken, list(unfit)
