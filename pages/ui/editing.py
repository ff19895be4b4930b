"""The edits of a table on the screen, as Streamlit tells them: read, applied to rows, one laid over another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Edits = Mapping[str, Any]
Rows = list[dict[str, Any]]
NONE: Edits = MappingProxyType({"edited_rows": {}, "added_rows": [], "deleted_rows": []})


def read(told: Mapping[str, Any]) -> Edits:
    """Edits as they lie in the session or on disk; rows are counted from 0."""
    changed = {int(at): dict(row) for at, row in told.get("edited_rows", {}).items()}
    added = [dict(row) for row in told.get("added_rows", [])]
    return {"edited_rows": changed, "added_rows": added, "deleted_rows": sorted(told.get("deleted_rows", []))}  # fmt: skip


def applied(rows: Rows, edits: Edits) -> Rows:
    """The rows after the edits: changed, without the deleted ones, the added ones at the end."""
    changed = [row | edits["edited_rows"].get(at, {}) for at, row in enumerate(rows)]
    left = [row for at, row in enumerate(changed) if at not in set(edits["deleted_rows"])]
    return left + [dict(row) for row in edits["added_rows"]]


def composed(first: Edits, then: Edits, *, n: int) -> Edits:
    """The edits of ``n`` rows that give what ``then`` gives after ``first``."""
    changed = {at: dict(row) for at, row in first["edited_rows"].items()}
    added, gone = [dict(row) for row in first["added_rows"]], set(first["deleted_rows"])
    left = [at for at in range(n) if at not in gone]
    for at, row in then["edited_rows"].items():
        _place(at, left, changed, added).update(row)
    lost = {at - len(left) for at in then["deleted_rows"] if at >= len(left)}
    gone |= {left[at] for at in then["deleted_rows"] if at < len(left)}
    kept = [row for at, row in enumerate(added) if at not in lost]
    return {
        "edited_rows": {at: row for at, row in changed.items() if at not in gone},
        "added_rows": [*kept, *then["added_rows"]],
        "deleted_rows": sorted(gone),
    }


def _place(at: int, left: list[int], changed: dict[int, dict[str, Any]], added: Rows) -> dict[str, Any]:  # fmt: skip
    """Where the edits of row ``at`` of those that are left go."""
    return changed.setdefault(left[at], {}) if at < len(left) else added[at - len(left)]
