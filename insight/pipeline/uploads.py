"""What a user hands over, what is known of it before it is taken, and why it may be refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from insight.clean import Drift, Proposal
from insight.errors import AlreadyAdded, ColumnsLost, DuplicateHeaders, UnknownName
from insight.pipeline.offering import Column
from insight.readers import RawTable
from insight.schema import TABLES, UNDECIDED, Decisions, Origin
from insight.spool import Spooled
from insight.study import Source


@dataclass(frozen=True, slots=True)
class Preview:
    """One table of a file as it was read, and what its columns seem to be.

    Attributes
    ----------
    raw : the table; its first rows only, where the preview left the process that read it
    n_rows : rows of the whole table
    columns : what is shown of each column
    unclear : some dates that could be two days, where the user has not said how they are written
    corrected : whether it is taken for what the user, not the proposal, says
    """

    raw: RawTable
    proposal: Proposal
    n_rows: int
    columns: tuple[Column, ...] = ()
    unclear: tuple[str, ...] = ()
    corrected: bool = False

    @property
    def drift(self) -> Drift:
        """How the columns differ from those of the user's own preset they were mapped by."""
        return self.proposal.drift


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user knows better than the proposal.

    Attributes
    ----------
    table : canonical table
    roles : raw column -> role
    sheet : the only sheet to take
    encoding : of a text file
    decisions : everything else
    strict : refuse a file that lacks a column which played a role last time
    """

    table: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    encoding: str | None = None
    decisions: Decisions = UNDECIDED
    strict: bool = False


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the user hands it over: its untouched bytes or where they lie, its name, and what is said of it."""

    data: bytes | Path | Spooled
    name: str
    hints: Hints = NO_HINTS
    origin: Origin | None = None  # the database or lake that gave it

    @property
    def content(self) -> bytes | Path:
        """The bytes, or where they lie."""
        return self.data.path if isinstance(self.data, Spooled) else self.data


def check_columns(roles: Mapping[str, str], raws: Sequence[RawTable]) -> None:
    """Refuse a correction of a column that no table of the file has (UnknownName)."""
    known = [c for raw in raws for c in raw.frame.columns if c != "__line__"]
    for column in roles:
        if column not in known:
            raise UnknownName("列", column, known)


_AGAIN = re.compile(r"(.+)_\d+")


def check_single(item: Preview, upload: Upload) -> None:
    """Refuse to choose between columns of one header when one of them matters (DuplicateHeaders).

    Questionnaires repeat stems; there every column is a question of its own.
    """
    if item.proposal.table == "responses":
        return
    roles = item.proposal.roles
    known = {c.name for c in TABLES[item.proposal.table].columns}
    again = {c: m[1] for c in roles if (m := _AGAIN.fullmatch(c)) and m[1] in roles}
    doubtful = [
        first
        for second, first in again.items()
        if {roles[first], roles[second]} & known and not {first, second} & set(upload.hints.roles)
    ]
    if doubtful:
        raise DuplicateHeaders(upload.name, tuple(dict.fromkeys(doubtful)))


def check_drift(item: Preview, upload: Upload) -> None:
    """Refuse, where the user is strict, a file without a column that played a role last time (ColumnsLost)."""
    if upload.hints.strict and item.drift.lost:
        raise ColumnsLost(upload.name, item.proposal.own, item.drift.lost)


def check_new(before: Sequence[Source], sources: Sequence[Source], name: str) -> None:
    """Refuse a sheet of known bytes as the same table, whatever the file is called now (AlreadyAdded)."""

    def identity(source: Source) -> tuple[str, str, str]:
        is_whole_file = source.sheet == Path(source.name).stem
        return source.file, source.table, "" if is_whole_file else source.sheet

    known = {identity(s) for s in before}
    if any(identity(s) in known for s in sources):
        raise AlreadyAdded(name)
