"""Raw logs of what customers did to one typed row per touch point."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, flag, together
from insight.clean.columns import typed
from insight.clean.identities import keys
from insight.clean.proposal import Proposal
from insight.clean.records import records
from insight.clean.values import plain
from insight.masking import mask_series
from insight.presets import find
from insight.readers import RawTable

_WHOLE = r"^(\d+)\.0+$"  # 4.0 is 4


def clean_events(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make one typed row per touch point.

    Parameters
    ----------
    raw : log of what customers did
    proposal : roles of its columns; at least event and event_at
    secret : key of the identity tokens

    Returns
    -------
    Cleaned : frame (n_events) key_*, event [in the words of the platform's preset; personal data
        masked], event_at [epoch s], item, session as far as known. Equal rows stay: who clicks
        twice in a second clicked twice. Rows without an event or a time are in the issues
    """
    event, at = (proposal.column_of(role) or "" for role in ("event", "event_at"))
    frame, dropped = records(raw.frame, facts=(at, event, *proposal.identities().values()))
    columns = typed(frame, proposal)
    hashed = keys(frame, proposal.identities(), secret=secret)
    told = columns.frame.with_columns(_meant(columns.frame["event"], preset=proposal.preset))
    nothing, never = told["event"].is_null(), told["event_at"].is_null()
    issues = [
        flag(frame, nothing, column=event, reason="没有写是什么行为", action=DROPPED),
        flag(frame, never & ~nothing, column=at, reason="没有可用的发生时间", action=DROPPED),
    ]
    result = pl.concat([told, hashed.frame], how="horizontal").filter(~nothing, ~never)
    return Cleaned(result, together((dropped, columns.issues, hashed.issues, *issues)))


def _meant(events: pl.Series, *, preset: str) -> pl.Series:
    """Events (n) by what they mean on their platform; unknown ones as they are written."""
    words = {key.lower(): word for key, word in (find(preset).words if preset else {}).items()}
    written = events.unique().drop_nulls()
    shown = mask_series(plain(written).str.replace(_WHOLE, "$1"))
    meant = [words.get(one.lower(), one) for one in shown]
    return events.replace_strict(written, meant, default=None, return_dtype=pl.String)
