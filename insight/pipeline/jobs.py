"""What a page asks for and does not wait for: each answered by a job, in a child."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from insight import spool, worker
from insight import study as store
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
from insight.pipeline.former import Against
from insight.pipeline.prepared import Added, Previewed
from insight.pipeline.studies import new_with
from insight.pipeline.uploads import NO_HINTS, Hints, Upload
from insight.schema import Decisions, Origin
from insight.spool import Spooled
from insight.study import Revision, Study, Verified
from insight.worker import Job, Progress, Stop, call, finished, start

T = TypeVar("T")


def analysis(study: Study, key: str, *, changes: Mapping[str, object] | None = None) -> Job[Result]:
    """Answer one question (see ``running.run``); what is kept is fetched at once.

    Raises
    ------
    InsightError : a parameter is wrong.
    """
    title, read = find(key).title, partial(running.result_in, study)
    made_of = inputs.result_digest(study, key, changes=changes)
    if sha := store.recall(study, made_of):
        return finished(sha, about=title, read=read)

    def work(tell: Progress, stop: Stop) -> str:
        return call(running.worked_out, study, key, changes, about=title, progress=tell, stop=stop)

    kept = ("analysis", _place(study), made_of)
    return start(work, about=title, key=kept, read=read)


def status(study: Study) -> Job[state.Status]:
    """The state of the newest revision (see ``state.status``); what is kept is fetched at once."""

    def read(told: state.Status) -> state.Status:
        return told

    if known := state.known(study):
        return finished(known, about=study.name, read=read)

    def work(_: Progress, stop: Stop) -> state.Status:
        return call(state.told, study, about=study.name, stop=stop, is_quick=True)

    return _start(work, about="清洗和匹配数据", key=("status", *_now(study)))


def preview(
    data: bytes | Path | Spooled, name: str, *, hints: Hints = NO_HINTS, study: Study | None = None
) -> Job[Previewed]:
    """What each table of a file is, brought into ``study`` (see ``intake.preview``)."""
    known = store.head(study).recipe.sources if study else ()
    return _start(
        lambda _, stop: intake.preview(data, name, hints=hints, known=known, stop=stop),
        about=f"读取 {name}",
    )


def add_all(study: Study, uploads: Sequence[Upload]) -> Job[tuple[Added, ...]]:
    """Bring files into the study, all or none (see ``intake.add_all``)."""
    return _start(
        lambda tell, stop: intake.add_all(study, uploads, progress=tell, stop=stop), about="导入"
    )


def add_to_new(path: Path, uploads: Sequence[Upload]) -> Job[tuple[Added, ...]]:
    """Make a study of files (see ``studies.new_with``)."""
    return _start(
        lambda tell, stop: new_with(path, uploads, progress=tell, stop=stop), about="导入"
    )


def remap(study: Study, index: int, roles: Mapping[str, str], *, parent: int) -> Job[Revision]:
    """Change what the columns of one source are (see ``intake.remap``)."""
    return _start(
        lambda _, stop: intake.remap(study, index, roles, parent=parent, stop=stop),
        about="按新的映射清洗",
    )


def try_rules(study: Study, index: int, changes: Decisions) -> Job[pl.DataFrame | None]:
    """The steps of one file by other rules (see ``cleaning.try_rules``)."""
    return _start(lambda *_: cleaning.try_rules(study, index, changes), about="按新的规则试算")


def set_rules(study: Study, index: int, changes: Decisions, *, parent: int) -> Job[Revision]:
    """Clean one file by other rules (see ``cleaning.set_rules``)."""
    rules, first = changes.rules, changes.day_first
    return _start(
        lambda *_: cleaning.set_rules(study, index, rules, day_first=first, parent=parent),
        about="按新的规则清洗",
    )


def decide(study: Study, index: int, decisions: Decisions, *, parent: int) -> Job[Revision]:
    """Read one questionnaire again with other decisions (see ``asked.decide``)."""
    return _start(
        lambda *_: asked.decide(study, index, decisions, parent=parent), about="按新的题型读取"
    )


def columns(study: Study, index: int) -> Job[tuple[offering.Column, ...]]:
    """The columns of one source with their roles (see ``offering.columns_of``)."""
    return _start(
        lambda _, stop: offering.columns_of(study, index, stop=stop),
        about="读取原文件",
        key=("columns", *_now(study), index),
    )


def ask(origin: Origin) -> Job[Spooled]:
    """What a database or lake answers, as a Parquet file (see ``fetching.ask``)."""
    return _start(lambda _, stop: fetching.ask(origin, stop=stop), about="取数")


def refresh(study: Study) -> Job[tuple[fetching.Refreshed, ...]]:
    """Ask every database and lake of the study again (see ``fetching.refresh``)."""
    return _start(
        lambda tell, stop: fetching.refresh(study, progress=tell, stop=stop), about="更新取数"
    )


def report(
    study: Study, *forms: str, template: bytes | None = None, against: Against = None
) -> Job[bytes]:
    """The report of the newest revision: in one form, or several and trace.json as a zip (see ``reporting.build_reports``)."""
    reporting.check_formats(forms)
    asked = (forms, template, against)

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(reporting.bundled, study, *asked, about="报告", progress=tell, stop=stop)

    return _start(work, about="生成报告", key=("report", *_now(study), *asked))


def tables(study: Study, chosen: Mapping[str, Sequence[str]]) -> Job[bytes]:
    """The book of tables of the newest revision; ``chosen`` are breaks, heads and show of ``table_book.build_tables``."""

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(table_book.built, study, chosen, about="交叉表册", progress=tell, stop=stop)

    return _start(work, about="生成交叉表册", key=("tables", *_now(study), *sorted(chosen.items())))


def sav(study: Study) -> Job[bytes]:
    """The answers of the newest revision for SPSS (see ``spss_file.build_sav``)."""

    def work(tell: Progress, stop: Stop) -> bytes:
        return call(spss_file.build_sav, study, about="SPSS 文件", progress=tell, stop=stop)

    return _start(work, about="生成 SPSS 文件", key=("sav", *_now(study)))


def verify(study: Study) -> Job[Verified]:
    """Look at every byte (see ``keeping.verify``)."""
    return _start(
        lambda *_: call(keeping.verify, study, about="检查"), about="检查每个字节", key=("verify", *_now(study))
    )  # fmt: skip


def backup(study: Study, *, with_key: bool) -> Job[Spooled]:
    """The whole study as one zip (see ``keeping.backup``)."""

    def work(_: Progress, stop: Stop) -> Spooled:
        file = spool.empty()
        call(keeping.backup, study, file.path, with_key, about="备份", stop=stop)
        return file

    return _start(work, about="打包备份")


def restore(file: Spooled, path: Path) -> Job[Study]:
    """The study of a backup in an absent folder (see ``keeping.restore``)."""
    return _start(
        lambda _, stop: call(keeping.restore, file, path, about="恢复", stop=stop), about="恢复备份"
    )


def forget(study: Study, kind: forgetting.Kind, value: str, *, parent: int) -> Job[forgetting.Forgotten]:  # fmt: skip
    """Delete one person (see ``forgetting.forget``)."""
    return _start(lambda *_: forgetting.forget(study, kind, value, parent=parent), about="删除个人")


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


def _start(
    work: Callable[[Progress, Stop], T], *, about: str, key: tuple[object, ...] | None = None
) -> Job[T]:
    """A job whose askers may share what it gives: nothing in it is a table."""

    def read(value: T) -> T:
        return value

    return start(work, about=about, key=key, read=read)
