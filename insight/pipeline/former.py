"""The wave before: the results that a former report held, of this study or of another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from insight import access
from insight import study as store
from insight.analysis import Result
from insight.errors import InsightError, UnknownName
from insight.pipeline.running import result_in, run
from insight.study import Study

if TYPE_CHECKING:
    from insight.report import Chapter
    from insight.report.changes import Former

Against = (
    int | Path | None
)  # a revision of this study whose report was written, or the folder of another study


def record(study: Study, results: Mapping[str, str]) -> None:
    """Keep which results the report of the newest revision holds: settings (see ``_settings``) -> object.

    The report of whoever sees some customers only is nobody else's wave before.
    """
    if access.actor().rows is not None:
        return
    inputs = _inputs(store.head(study).id)
    store.remember(study, inputs, json.dumps(results, sort_keys=True).encode(), kind="report")


def reported(study: Study) -> tuple[int, ...]:
    """Revisions whose reports can be compared with, newest first; the newest revision is none."""
    if access.actor().rows is not None:
        return ()
    newest = store.head(study).id
    known = (one.id for one in store.history(study) if one.id != newest)
    return tuple(one for one in known if store.recall(study, _inputs(one)))


def former(study: Study, against: Against, *, chapters: Sequence[Chapter]) -> Former | None:
    """What the chapters said before; None where nothing is compared.

    Raises
    ------
    OnlyOwnCustomers : whoever acts may see some customers only.
    UnknownName : no report of that revision was written.
    NotAStudy : there is no study in that folder.
    """
    from insight.report.changes import Former

    if against is None:
        return None
    access.demand_all()
    if isinstance(against, int):
        return Former(f"本研究第 {against} 版的报告", _recorded(study, against, chapters))
    other = store.open_study(against)
    return Former(f"研究“{other.name}”", _answered(other, chapters))


def settings_of(key: str, params: Mapping[str, object]) -> str:
    """What a result was asked, as the name it is recorded under."""
    return json.dumps([key, dict(params)], sort_keys=True, ensure_ascii=False, default=str)


def _recorded(study: Study, revision: int, chapters: Sequence[Chapter]) -> dict[str, Result]:
    sha = store.recall(study, _inputs(revision))
    if sha is None:
        raise UnknownName("写过报告的版本", str(revision), [str(one) for one in reported(study)])
    held: dict[str, str] = json.loads(store.get(study, sha))
    asked = {c.key: settings_of(c.lineage.analysis, c.lineage.params) for c in chapters}
    return {key: result_in(study, held[name]) for key, name in asked.items() if name in held}


def _answered(other: Study, chapters: Sequence[Chapter]) -> dict[str, Result]:
    """The same questions, asked of another study; those it cannot answer are left out."""
    found = {}
    for chapter in chapters:
        try:
            found[chapter.key] = run(other, chapter.lineage.analysis, changes=chapter.lineage.params)  # fmt: skip
        except InsightError:
            continue
    return found


def _inputs(revision: int) -> str:
    return store.digest("reported", str(revision))
