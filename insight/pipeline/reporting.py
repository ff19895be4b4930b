"""Put the results of a study into one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from insight import study as store
from insight.analyses import catalogue, find, room_of
from insight.analysis import Analysis, Result
from insight.archive import packed
from insight.dataset import Dataset
from insight.errors import BadParameter, InsightError, MissingColumns, UnknownName
from insight.pipeline.delivering import write_together
from insight.pipeline.former import Against, former, record, settings_of
from insight.pipeline.inputs import params_of
from insight.pipeline.joined import definitions_of, load
from insight.pipeline.keeping import noted
from insight.pipeline.lineage import lineage
from insight.pipeline.paying import in_its_currency
from insight.pipeline.picks import picks, told
from insight.pipeline.report_facts import facts_of
from insight.pipeline.running import Ran, result_in, worked_out
from insight.pipeline.sharing import outgoing
from insight.pipeline.state import Status, status
from insight.segmentation.names import default_names, groups_of
from insight.segmentation.rfm_definition import Definition, recorded
from insight.study import Pick, Study
from insight.worker import Progress, silent

if TYPE_CHECKING:
    from insight.report import Chapter, Facts

Format = Literal["docx", "pptx", "xlsx", "html", "pdf"]
FORMATS: tuple[str, ...] = get_args(Format)
ADVISING = ("action_review", "strategy")  # what every report opens and ends with


def check_formats(forms: Sequence[str]) -> None:
    """Raise BadParameter if a report cannot be written in one of ``forms``."""
    if unknown := [form for form in forms if form not in FORMATS]:
        raise BadParameter("format", f"没有“{unknown[0]}”，只能是 {'、'.join(FORMATS)}")


def build_report(
    study: Study, form: str, *, only: Sequence[str] = (), template: bytes | None = None, progress: Progress = silent
) -> bytes:  # fmt: skip
    """The report of the newest revision in one form (see ``build_reports``)."""
    made = build_reports(study, [form], only=only, template=template, progress=progress)
    return made[f"report.{form}"]


def build_reports(
    study: Study, forms: Sequence[str], *, only: Sequence[str] = (), template: bytes | None = None,
    against: Against = None, progress: Progress = silent,
) -> dict[str, bytes]:  # fmt: skip
    """The report of the newest revision in several forms, and trace.json; the same revision gives the same bytes.

    Parameters
    ----------
    forms : of ``FORMATS``
    only : keys of analyses; default: those the recipe has chosen for the report, else all
    template : PowerPoint file whose look the slides take
    against : the wave before; what changed since stands first

    Returns
    -------
    file name -> content

    Raises
    ------
    UnknownName : no such analysis, or no report of that revision was written.
    BadParameter : no such format.
    BadTemplate : the template cannot be used.
    MissingColumns : there is nothing to report on.
    """
    from insight import report

    check_formats(forms)
    report.check_template(template)
    with in_its_currency(study):
        facts, chapters = _gathered(study, only, progress)
        before = former(study, against, chapters=chapters)
        progress("排版", None)
        whole = report.composed(facts, chapters, former=before)
        return report.files(whole, forms, template=template)


def bundled(
    study: Study, forms: Sequence[str], template: bytes | None, against: Against, progress: Progress = silent
) -> bytes:  # fmt: skip
    """One form as it is; several as a zip with trace.json, for a page that hands over one file."""
    made = build_reports(study, forms, template=template, against=against, progress=progress)
    return made[f"report.{forms[0]}"] if len(forms) == 1 else packed(made)


def trace_of(study: Study, number: str, *, only: Sequence[str] = ()) -> Mapping[str, object]:
    """The chain behind a number of the newest report (see ``insight.report.records``).

    Parameters
    ----------
    number : its id, with or without the T in front: "T3.2-B4"

    Raises
    ------
    UnknownName : no such number.
    """
    from insight import report

    with in_its_currency(study):
        found = report.records(report.composed(*_gathered(study, only, silent)))
    return traced(found, number)


def traced(found: Mapping[str, Mapping[str, object]], number: str) -> Mapping[str, object]:
    """One number of a trace (UnknownName)."""
    known = {name.removeprefix("T").upper(): name for name in found}
    wanted = number.strip().strip("[]").upper().removeprefix("T")
    if wanted not in known:
        raise UnknownName("数字编号", number, tuple(found))
    return {"id": known[wanted], **found[known[wanted]]}


def _gathered(study: Study, only: Sequence[str], progress: Progress) -> tuple[Facts, list[Chapter]]:
    """What the report is made from."""
    loaded = cache(partial(load, study))
    ran = _ran(study, only, progress, loaded)
    state = status(study)
    chapters = _chapters(study, ran, state)
    if not chapters and not state.tables:
        raise MissingColumns("报告", ("可以分析的数据",))
    left_out = {one.analysis.title: str(one.error) for _, one in ran if one.error is not None}
    return replace(facts_of(study, state, loaded()), left_out=left_out), chapters


def _ran(
    study: Study, only: Sequence[str], progress: Progress, loaded: Callable[[], Dataset]
) -> list[tuple[Pick, Ran]]:
    """What the report holds: the named analyses, else the chosen results, else everything."""
    chosen = [Pick(key=key) for key in only] or picks(study) or [Pick(key=key) for key in catalogue()]  # fmt: skip
    wanted = [*chosen, *(Pick(key=key) for key in ADVISING if key not in {one.key for one in chosen})]  # fmt: skip
    ran: list[tuple[Pick, Ran]] = []
    held: dict[str, str] = {}
    for at, one in enumerate(wanted):
        analysis = find(one.key)
        progress(analysis.title, at / len(wanted))
        try:
            sha = worked_out(study, one.key, one.params, loaded=loaded)
            ran.append((one, Ran(analysis, result_in(study, sha), None)))
            held[settings_of(one.key, _params(study, one))] = sha
        except InsightError as error:
            ran.append((one, Ran(analysis, None, error)))
    record(study, held)
    return ran


def _params(study: Study, one: Pick) -> dict[str, Any]:
    """Every parameter a result was made with."""
    return params_of(study, one.key, one.params).model_dump(mode="json")


def _chapters(study: Study, ran: Sequence[tuple[Pick, Ran]], state: Status) -> list[Chapter]:
    """A chapter for each result; of two from one analysis, the title says what sets them apart."""
    answered = [(one, own.analysis, outgoing(study, own.result)) for one, own in ran if own.result is not None]  # fmt: skip
    apart = told(study, [one for one, *_ in answered])
    times = Counter(one.key for one, *_ in answered)
    seen: Counter[str] = Counter()
    chapters = []
    for (one, analysis, result), settings in zip(answered, apart, strict=True):
        seen[one.key] += 1
        whole = one.model_copy(update={"params": _params(study, one)})
        behind = lineage(study, whole, analysis=analysis, result=result, state=state)
        chapter = replace(_chapter(analysis, result), named_after=_named_after(study, one), lineage=behind)  # fmt: skip
        if times[one.key] > 1:
            key = f"{one.key}_{seen[one.key]}" if seen[one.key] > 1 else one.key
            title = f"{analysis.title}（{settings or '默认设定'}）"
            chapter = replace(chapter, key=key, title=title)
        chapters.append(chapter)
    return chapters


def _chapter(analysis: Analysis, result: Result) -> Chapter:
    """An analysis in the report; "responses|texts" among its needs are two tables it may read."""
    from insight.report import Chapter

    tables = tuple(table for either in analysis.needs for table in either.split("|"))
    room = room_of(analysis.key)
    return Chapter(analysis.key, room, analysis.title, analysis.question, result, tables)


def _named_after(study: Study, one: Pick) -> dict[str, str]:
    """Name of an RFM group, as this result names them -> the default group that it stands for."""
    definitions, params = definitions_of(store.head(study).recipe), params_of(study, one.key, one.params)  # fmt: skip
    scheme = params.names if isinstance(params, Definition) else recorded(definitions).names
    return default_names(groups_of(scheme, definitions.names), scheme=scheme)


def write_reports(
    study: Study, forms: Sequence[str], *, folder: Path, only: Sequence[str] = (), template: bytes | None = None,
    against: Against = None,
) -> tuple[Path, ...]:  # fmt: skip
    """Write the report (see ``build_reports``) into ``folder``, all files or none, note it in the log, and say where they are."""
    made = build_reports(study, forms, only=only, template=template, against=against)
    noted(study, "export", file="、".join(made))
    return write_together(folder, made)
