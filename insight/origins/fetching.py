"""Fetch what an origin answers into a Parquet file, batch by batch, and say who answered."""

from __future__ import annotations

from pathlib import Path

from insight.errors import NothingAsked
from insight.origins.connections import Connection, find
from insight.schema import Origin


def fetch(origin: Origin, *, into: Path) -> int:
    """Write the table behind ``origin`` into a Parquet file.

    Parameters
    ----------
    into : file to write; memory stays bounded by one batch of rows

    Returns
    -------
    number of rows

    Raises
    ------
    UnknownName : no such connection.
    NothingAsked : there is no query or path.
    SourceFailed : the database or lake does not answer, or not this.
    FileTooLarge : the answer is larger than an import may be.
    """
    from insight.origins import databases, lakes  # all drivers together take a second to load

    ask = origin.ask.strip().removesuffix(";")
    if not ask:
        raise NothingAsked
    if not origin.connection:
        return lakes.fetch(Connection("", "", ""), ask, into=into)
    source = find(origin.connection)
    if source.is_database:
        return databases.fetch(source, ask, into=into)
    return lakes.fetch(source, ask, into=into)
