"""What a file is, before there is any study: its kind, its header, its platform, its columns."""

from __future__ import annotations

from pathlib import Path

from insight.clean import Proposal, propose
from insight.clean.proposal import missing
from insight.errors import NoUsableColumn
from insight.pipeline.drifting import told
from insight.pipeline.offering import columns
from insight.pipeline.uploads import NO_HINTS, Hints, check_columns
from insight.presets import find, stored
from insight.readers import RawTable, read
from insight.schema import TABLES
from insight.settings import settings
from insight.worker import call


def check(data: bytes | Path, name: str, *, hints: Hints = NO_HINTS) -> dict[str, object]:
    """What a file is, as plain data for ``check --json``; nothing of it is kept.

    Parameters
    ----------
    data : the file, or where it lies

    Returns
    -------
    file, kind ("csv"), encoding (None for no text file), and of its only table: sheet, header_row
        [line in the file], rows, table, preset {key, label, confidence, evidence} or None, columns
        [{name, role, label, evidence, sample [masked]}], warnings; of several tables a list
        ``tables`` of these

    Raises
    ------
    InsightError : the file cannot be read, or has no such sheet.
    """
    return call(_check, data, name, hints, about=name, is_quick=True)


def _check(data: bytes | Path, name: str, hints: Hints) -> dict[str, object]:
    raws = read(data, name, sheet=hints.sheet, encoding=hints.encoding)
    check_columns(hints.roles, raws)
    tables = [_written(raw) | _checked(raw, hints) for raw in raws]
    about = {"file": name} | _written(raws[0])
    return about | (tables[0] if len(tables) == 1 else {"tables": tables})


def _written(raw: RawTable) -> dict[str, object]:
    return {"kind": raw.format, "encoding": raw.encoding or None}


def _checked(raw: RawTable, hints: Hints) -> dict[str, object]:
    facts: dict[str, object] = {
        "sheet": raw.name,
        "header_row": raw.header_row,
        "rows": raw.frame.height,
    }
    own = stored(settings().presets_dir)
    try:
        proposal = propose(raw, table=hints.table, decisions=hints.decisions, own=own)
    except NoUsableColumn as error:
        names = [{"name": c} | _UNKNOWN for c in raw.frame.columns if c != "__line__"]
        warnings = [*raw.notes, str(error)]
        return facts | {"table": None, "preset": None, "columns": names, "warnings": warnings}
    return facts | {
        "table": proposal.table,
        "preset": _preset(proposal),
        "columns": _columns(raw, proposal),
        "warnings": _warnings(raw, proposal),
    }


_UNKNOWN = {"role": "", "label": "不导入", "evidence": "", "sample": []}


def _preset(proposal: Proposal) -> dict[str, object] | None:
    if not proposal.recognised:
        return None
    return {
        "key": proposal.own or proposal.preset,
        "label": proposal.own or find(proposal.preset).label,
        "confidence": proposal.confidence,
        "evidence": list(proposal.marks) or [proposal.recognised],
    }


def _columns(raw: RawTable, proposal: Proposal) -> list[dict[str, object]]:
    return [
        {
            "name": column.name,
            "role": proposal.roles[column.name],
            "label": column.role,
            "evidence": column.reason,
            "sample": list(column.samples),
        }
        for column in columns(raw, proposal)
    ]


def _warnings(raw: RawTable, proposal: Proposal) -> list[str]:
    lacks = missing(proposal)
    label = TABLES[proposal.table].label
    lacking = [f"作为{label}还缺：{'、'.join(lacks)}。"] if lacks else []
    facts = find(proposal.preset).notes if proposal.preset else ()
    return [*raw.notes, *facts, *told(proposal.drift), *lacking]
