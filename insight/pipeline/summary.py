"""A study for scripts: what is in it as plain data, and its issues as a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

from insight import exports
from insight.errors import InsightError
from insight.pipeline.joined import issues, load
from insight.pipeline.running import run
from insight.pipeline.state import Status, status
from insight.schema import TABLES
from insight.study import Study
from insight.worker import call

_SIDES = {
    "rate": "match_rate", "matched": "n_matched", "only_orders": "n_only_in_base",
    "only_responses": "n_only_here", "ambiguous": "n_ambiguous", "revenue_covered": "share_of_revenue",
}  # fmt: skip


def summary(study: Study) -> dict[str, object]:
    """The state of a study as plain data, for ``status --json``.

    Returns
    -------
    tables {name: {rows, columns [names], source [files]}}, issues {count, by_reason},
        match {rate, matched, only_orders, only_responses, ambiguous, revenue_covered; null where
        there is nothing to match}, presets [file, sheet, table, recognised, confidence],
        study, revision, sources, readiness [key, title, question, lacking]
    """
    state = status(study)
    return {
        "study": state.name,
        "revision": state.revision,
        "tables": _tables(study, state),
        "issues": _issues(state),
        "match": _match(study),
        "presets": _presets(state),
        "sources": state.sources,
        "readiness": [asdict(one) for one in state.readiness],
    }


def _tables(study: Study, state: Status) -> dict[str, dict[str, object]]:
    dataset = load(study)
    files: dict[str, list[str]] = {}
    for source in state.sources:
        table = TABLES[str(source["table"])]
        files.setdefault(table.part_of or table.name, []).append(str(source["file"]))
    return {
        name: {
            "rows": rows,
            "columns": sorted(dataset.columns(name)),
            "source": "、".join(dict.fromkeys(files.get(name, ["问卷的开放题"]))),
        }
        for name, rows in state.tables.items()
    }


def _issues(state: Status) -> dict[str, object]:
    by_reason: Counter[str] = Counter()
    for row in state.issues:
        by_reason[str(row["reason"])] += int(str(row["n"]))
    return {"count": by_reason.total(), "by_reason": dict(by_reason)}


def _match(study: Study) -> dict[str, object]:
    try:
        coverage = run(study, "match").tables["coverage"]
    except InsightError:
        return dict.fromkeys(_SIDES)
    row = next(coverage.filter(table="responses").iter_rows(named=True), None)
    row = row or coverage.row(0, named=True)
    return {name: row[column] for name, column in _SIDES.items()}


def _presets(state: Status) -> list[dict[str, object]]:
    told = ("file", "sheet", "table", "recognised", "confidence")
    return [{name: source.get(name) for name in told} for source in state.sources]


def write_issues(study: Study) -> Path:
    """Write STUDY/results/issues.csv: file, row, column, value [masked], reason, action; in a child."""
    path = study.path / "results" / "issues.csv"
    path.parent.mkdir(exist_ok=True)
    call(_written_issues, study, path, about=study.name)
    return path


def _written_issues(study: Study, path: Path) -> None:
    columns = ["file", "row", "column", "value", "reason", "action"]
    path.write_bytes(exports.csv(issues(study).rename({"line": "row"}).select(columns)))
