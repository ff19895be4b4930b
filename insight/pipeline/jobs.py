"""What a page asks for and does not wait for: each answered by a job, in a child, by the right that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from insight import access, spool, worker
from insight import study as store
from insight.access import EDIT
from insight.analyses import find
from insight.analysis import Result
from insight.pipeline import (
    asked,
    cleaning,
    fetching,
    forgetting,
    inputs,
    intake,
    keeping,
    offering,
    reporting,
    running,
    spss_file,
    state,
    table_book,
)
from insight.pipeline.by_right import begun, done
from insight.pipeline.former import Against
from insight.pipeline.one_person import Kind
from insight.pipeline.people import worked_out_to_open
from insight.pipeline.prepared import Added, Previewed
from insight.pipeline.studies import new_with
from insight.pipeline.uploads import NO_HINTS, Hints, Upload
from insight.schema import Decisions, Origin
from insight.spool import Spooled
from insight.study import Revision, Study, Verified
from insight.worker import Job, Progress, Stop, call


def analysis(study: Study, key: str, *, changes: Mapping[str, object] | None = None) -> Job[Result]:
    """Answer one question (see ``running.run``); what is kept is fetched at once.

    Raises
    ------
    InsightError : a parameter is wrong.
    """
    access.demand("view")
    title, read = find(key).title, partial(running.result_in, study)
    made_of = inputs.result_digest(study, key, changes=changes)
    if sha := store.recall(study, made_of):
        return done(sha, "view", about=title, read=read)

    def work(tell: Progress, stop: Stop) -> str:
        return call(worked_out_to_open, study, key, changes, about=title, progress=tell, stop=stop)

    kept = ("analysis", _place(study), made_of)
    return begun(work, "view", about=title, key=kept, read=read)


def status(study: Study) -> Job[state.Status]:
    """The state of the newest revision (see ``state.status``); what is kept is fetched at once."""
    access.demand("view")
    if known := state.known(study):
        return done(known, "view", about=study.name)

    def work(_: Progress, stop: Stop) -> state.Status:
        return call(state.told, study, about=study.name, stop=stop, is_quick=True)

    return begun(work, "view", about="清洗和匹配数据", key=("status", *_now(study)))


def preview(
    data: bytes | Path | Spooled, name: str, *, hints: Hints = NO_HINTS, study: Study | None = None
) -> Job[Previewed]:
    """What each table of a file is, brought into ``study`` (see ``intake.preview``)."""
    known = store.head(study).recipe.sources if study else ()
    return begun(
        lambda _, stop: intake.preview(data, name, hints=hints, known=known, stop=stop),
        EDIT,
        about=f"读取 {name}",
    )


def add_all(study: Study, uploads: Sequence[Upload]) -> Job[tuple[Added, ...]]:
    """Bring files into the study, all or none (see ``intake.add_all``)."""
    return begun(
        lambda tell, stop: intake.add_all(study, uploads, progress=tell, stop=stop), EDIT, about="导入"
    )  # fmt: skip


def add_to_new(path: Path, uploads: Sequence[Upload]) -> Job[tuple[Added, ...]]:
    """Make a study of files (see ``studies.new_with``)."""
    return begun(
        lambda tell, stop: new_with(path, uploads, progress=tell, stop=stop), EDIT, about="导入"
    )


def remap(study: Study, index: int, roles: Mapping[str, str], *, parent: int) -> Job[Revision]:
    """Change what the columns of one source are (see ``intake.remap``)."""
    return begun(
        lambda _, stop: intake.remap(study, index, roles, parent=parent, stop=stop),
        EDIT,
        about="按新的映射清洗",
    )


def try_rules(study: Study, index: int, changes: Decisions) -> Job[pl.DataFrame | None]:
    """The steps of one file by other rules (see ``cleaning.try_rules``)."""
    return begun(lambda *_: cleaning.try_rules(study, index, changes), "view", about="按新的规则试算")  # fmt: skip


def set_rules(study: Study, index: int, changes: Decisions, *, parent: int) -> Job[Revision]:
    """Clean one file by other rules (see ``cleaning.set_rules``)."""
    rules, first = changes.rules, changes.day_first
    return begun(
        lambda *_: cleaning.set_rules(study, index, rules, day_first=first, parent=parent),
        EDIT,
        about="按新的规则清洗",
    )


def decide(study: Study, index: int, decisions: Decisions, *, parent: int) -> Job[Revision]:
    """Read one questionnaire again with other decisions (see ``asked.decide``)."""
    return begun(
        lambda *_: asked.decide(study, index, decisions, parent=parent), EDIT, about="按新的题型读取"
    )  # fmt: skip


def columns(study: Study, index: int) -> Job[tuple[offering.Column, ...]]:
    """The columns of one source with their roles (see ``offering.columns_of``)."""
    return begun(
        lambda _, stop: offering.columns_of(study, index, stop=stop),
        EDIT,
        about="读取原文件",
        key=("columns", *_now(study), index),
    )


def ask(origin: Origin) -> Job[Spooled]:
    """What a database or lake answers, as a Parquet file (see ``fetching.ask``)."""
    return begun(lambda _, stop: fetching.ask(origin, stop=stop), EDIT, about="取数")


def refresh(study: Study) -> Job[tuple[fetching.Refreshed, ...]]:
    """Ask every database and lake of the study again (see ``fetching.refresh``)."""
    return begun(
        lambda tell, stop: fetching.refresh(study, progress=tell, stop=stop), EDIT, about="更新取数"
    )


def report(
    study: Study, *forms: str, template: bytes | None = None, against: Against = None
) -> Job[bytes]:
    """The report of the newest revision: in one form, or several and trace.json as a zip (see ``reporting.build_reports``)."""
    reporting.check_formats(forms)
    asked = (forms, template, against)

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(reporting.bundled, study, *asked, about="报告", progress=tell, stop=stop)

    return begun(work, "export_aggregate", about="生成报告", key=("report", *_now(study), *asked))


def tables(study: Study, chosen: Mapping[str, Sequence[str]]) -> Job[bytes]:
    """The book of tables of the newest revision; ``chosen`` are breaks, heads and show of ``table_book.build_tables``."""

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(table_book.built, study, chosen, about="交叉表册", progress=tell, stop=stop)

    key = ("tables", *_now(study), *sorted(chosen.items()))
    return begun(work, "export_aggregate", about="生成交叉表册", key=key)


def sav(study: Study, *, without: Sequence[str] = ()) -> Job[bytes]:
    """The answers of the newest revision for SPSS (see ``spss_file.build_sav``)."""
    build = partial(spss_file.build_sav, without=tuple(without))

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(build, study, about="SPSS 文件", progress=tell, stop=stop)

    key = ("sav", *_now(study), tuple(without))
    return begun(work, "export_rows", about="生成 SPSS 文件", key=key)


def verify(study: Study) -> Job[Verified]:
    """Look at every byte (see ``keeping.verify``)."""
    return begun(
        lambda *_: call(keeping.verify, study, about="检查"), "manage", about="检查每个字节", key=("verify", *_now(study))
    )  # fmt: skip


def backup(study: Study, *, with_key: bool) -> Job[Spooled]:
    """The whole study as one zip (see ``keeping.backup``)."""

    def work(_: Progress, stop: Stop) -> Spooled:
        file = spool.empty()
        call(keeping.backup, study, file.path, with_key, about="备份", stop=stop)
        return file

    return begun(work, "manage", about="打包备份")


def restore(file: Spooled, path: Path) -> Job[Study]:
    """The study of a backup in an absent folder (see ``keeping.restore``)."""
    return begun(
        lambda _, stop: call(keeping.restore, file, path, about="恢复", stop=stop),
        "manage",
        about="恢复备份",
    )


def forget(study: Study, kind: Kind, value: str, *, parent: int) -> Job[forgetting.Forgotten]:  # fmt: skip
    """Delete one person (see ``forgetting.forget``)."""
    return begun(
        lambda *_: forgetting.forget(study, kind, value, parent=parent), "manage", about="删除个人"
    )


def warm() -> None:
    """Have a child ready that knows how to work on studies, and no uploads of a server that was killed."""
    spool.sweep()
    worker.warm("insight.pipeline")


def close() -> None:
    """End every child, work that goes on is lost; no upload stays behind."""
    worker.close()
    spool.clear()


def _place(study: Study) -> Path:
    return study.path.resolve()


def _now(study: Study) -> tuple[Path, int]:
    return _place(study), store.head(study).id
