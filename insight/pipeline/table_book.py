"""The book of tables of a study: every closed question under every head, as one workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import polars as pl

from insight import study as store
from insight.analysis import Result
from insight.errors import BadParameter, InsightError, UnknownName
from insight.pipeline.banners import banners
from insight.pipeline.choices import choices
from insight.pipeline.inputs import params_of
from insight.pipeline.joined import load
from insight.pipeline.keeping import noted
from insight.pipeline.paying import in_its_currency
from insight.pipeline.running import run
from insight.pipeline.sharing import outgoing
from insight.schema import Questionnaire
from insight.study import Study
from insight.tablebook import MEASURES, Cover, Measure, Sheet, book, sheet_of
from insight.tabulation.asking import ALL
from insight.wording import count
from insight.worker import Progress, silent

DEFAULT_BREAKS = ("rfm", "high_ticket")
FILE = "交叉表册.xlsx"
_EXTRAS = (("topics", "topics", "文本主题"), ("needs_by_segment", "matrix", "需求与分层"))
_SHARED = ("correction", "level", "weight", "mode")  # what both analyses are asked alike


def build_tables(
    study: Study, *, breaks: Sequence[str] = (), heads: Sequence[str] = (), show: Sequence[str] = ("share",),
    changes: Mapping[str, object] | None = None, progress: Progress = silent,
) -> bytes:  # fmt: skip
    """The workbook of the newest revision, without small cells; the same revision gives the same bytes.

    Parameters
    ----------
    breaks : one sheet each; nested ones are written "rfm × Q2"
    heads : names of saved banners, one sheet each with its breaks side by side; without breaks and heads: RFM
        and high-ticket customers where there are orders, else the first break that fits, and all saved banners
    show : what every answer has a line of: share, n, tgi
    changes : parameters of the cross table over the recipe's: level, correction, weight, mode, base

    Raises
    ------
    UnknownName : there is no such break or banner.
    BadParameter : a measure or parameter cannot be used.
    InsightError : not one sheet can be made.
    """
    measures = _measures(show)
    wanted = _wanted(study, breaks, heads)
    questionnaire = load(study).questionnaire
    sheets: list[Sheet] = []
    errors: dict[str, InsightError] = {}
    for at, (title, chosen) in enumerate(wanted):
        progress(title, at / (1 + len(wanted)))
        with in_its_currency(study):
            made = _sheet(study, title, {**(changes or {}), **chosen}, questionnaire=questionnaire, show=measures)  # fmt: skip
        if isinstance(made, InsightError):
            errors[title] = made
        else:
            sheets.append(made)
    if not sheets:
        raise next(iter(errors.values()))
    progress("文本表", len(wanted) / (1 + len(wanted)))
    extras, missing = _extras(study)
    left_out = (f"“{title}”没有列入：{error}" for title, error in chain(errors.items(), missing.items()))  # fmt: skip
    with in_its_currency(study):
        return book(_cover(study, tuple(left_out)), sheets, extras)


def built(study: Study, chosen: Mapping[str, Sequence[str]], progress: Progress = silent) -> bytes:
    """``build_tables`` with its breaks, heads and show as one argument, which travels to a child."""
    breaks, heads, show = (tuple(chosen.get(name, ())) for name in ("breaks", "heads", "show"))
    return build_tables(study, breaks=breaks, heads=heads, show=show, progress=progress)


def write_tables(
    study: Study, path: Path, *, breaks: Sequence[str] = (), heads: Sequence[str] = (), show: Sequence[str] = ("share",),
    changes: Mapping[str, object] | None = None,
) -> Path:  # fmt: skip
    """Write the workbook (see ``build_tables``), note it in the log, and say where it is."""
    data = build_tables(study, breaks=breaks, heads=heads, show=show, changes=changes)
    path.parent.mkdir(parents=True, exist_ok=True)
    noted(study, "export", file=FILE)
    path.write_bytes(data)
    return path


def _measures(show: Sequence[str]) -> list[Measure]:
    known = {name: name for name in MEASURES} | {label: name for name, label in MEASURES.items()}
    if unknown := [name for name in show if name not in known]:
        raise BadParameter("show", f"没有“{unknown[0]}”，只能是 {'、'.join(MEASURES)}")
    return list(dict.fromkeys(known[name] for name in show)) or ["share"]


def _wanted(study: Study, breaks: Sequence[str], heads: Sequence[str]) -> list[tuple[str, dict[str, object]]]:  # fmt: skip
    """Title and parameters of every sheet."""
    saved, known = banners(study), choices(study)["crossing"]
    if unknown := [name for name in heads if name not in saved]:
        raise UnknownName("表头", unknown[0], list(saved))
    if not breaks and not heads:
        breaks, heads = [key for key in DEFAULT_BREAKS if key in known] or [""], list(saved)
    each: list[tuple[str, dict[str, object]]] = [(known.get(key, key) or "默认人群", {"breaks": [key] if key else [], "banner": ""}) for key in breaks]  # fmt: skip
    return each + [(name, {"breaks": [], "banner": name}) for name in heads]


def _sheet(
    study: Study, title: str, changes: Mapping[str, object], *, questionnaire: Questionnaire, show: Sequence[Measure]
) -> Sheet | InsightError:  # fmt: skip
    """One sheet; the error where neither shares nor means can be told."""
    told = {"rows": [ALL], **changes}
    params = params_of(study, "crosstab", told)
    alike = {name: getattr(params, name) for name in (*_SHARED, "breaks", "banner")}
    shares, means = _tried(study, "crosstab", told), _tried(study, "means", {"rows": [], **alike})
    if isinstance(shares, InsightError) and isinstance(means, InsightError):
        return shares
    crosstab, averages = (None if isinstance(one, InsightError) else one for one in (shares, means))
    return sheet_of(crosstab, averages, title=title, questionnaire=questionnaire, show=show)


def _tried(study: Study, key: str, changes: Mapping[str, object]) -> Result | InsightError:
    try:
        return outgoing(study, run(study, key, changes=changes))
    except UnknownName:
        raise
    except InsightError as error:
        return error


def _extras(study: Study) -> tuple[dict[str, pl.DataFrame], dict[str, InsightError]]:
    """The tables of texts that can be made, none of which quotes anybody, and why the others cannot."""
    tables: dict[str, pl.DataFrame] = {}
    errors: dict[str, InsightError] = {}
    for key, table, title in _EXTRAS:
        found = _tried(study, key, {})
        if isinstance(found, InsightError):
            errors[title] = found
        else:
            tables[title] = found.tables[table]
    return tables, errors


def _cover(study: Study, left_out: tuple[str, ...]) -> Cover:
    revision, dataset = store.head(study), load(study)
    n = 0 if dataset.responses is None else dataset.responses.height
    facts = (
        f"研究版本 {revision.id}，{revision.at[:10]}；{count(n)} 份未被排除的答卷。",
        "浅绿、浅红的格子与其余的人有显著差异；基数、筛选、权重、检验、水平、校正和小样本规则写在每一页表的后面。",
    )
    return Cover(study.name, datetime.fromisoformat(revision.at), facts, left_out)
