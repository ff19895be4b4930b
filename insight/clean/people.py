"""Raw customer list to one row per customer with typed attributes."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, flag, together
from insight.clean.columns import attributes, typed
from insight.clean.identities import keys, veiled_ends
from insight.clean.proposal import Proposal
from insight.clean.records import records
from insight.readers import RawTable


def clean_customers(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make one typed row per customer.

    Parameters
    ----------
    raw : customer list
    proposal : roles of its columns; at least one identity
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_customers) key_*, known attributes typed, every attribute column under its
        own name (numbers where at least 95 % of its values are numbers). Of rows with the same
        most trusted key the first is kept, the others and rows without a key are in the issues
    """
    identities = proposal.identities()
    frame, dropped = records(raw.frame, facts=tuple(identities.values()))
    columns = typed(frame, proposal)
    extras = attributes(frame, proposal, taken=frozenset(columns.frame.columns), numeric=True)
    hashed = keys(frame, identities, secret=secret)
    result = pl.concat([hashed.frame, columns.frame, extras.frame], how="horizontal")
    key, column = hashed.best, next(iter(identities.values()))
    unknown, again = key.is_null(), key.is_not_null() & ~key.is_first_distinct()
    hidden = frame.with_columns(veiled_ends(pl.col(column)))
    issues = [
        flag(hidden, unknown, column=column, reason="没有可用的客户标识", action=DROPPED),
        flag(frame, again, column="", reason="同一客户重复出现，保留了第一行", action=DROPPED),
    ]
    every = (dropped, columns.issues, extras.issues, hashed.issues, *issues)
    return Cleaned(result.filter(~unknown & ~again), together(every))
