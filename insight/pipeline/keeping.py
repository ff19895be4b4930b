"""A study kept safe: every byte verified, backed up and brought back, and the log of who did what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from insight import access
from insight import study as store
from insight.errors import MissingKey, UnreadableFile
from insight.pipeline.kept import secret_of
from insight.settings import settings
from insight.study import Act, Study, Verified
from insight.study.files import on_disk

ACTS: Mapping[str, str] = {
    "create": "新建", "change": "修改", "export": "导出", "forget": "删除个人", "backup": "备份", "restore": "恢复",
    "terms": "改约定", "unmask": "查看完整号码",
}  # fmt: skip


def noted(study: Study, act: Act, **what: object) -> None:
    """Put what whoever works here did with the study into its log."""
    store.noted(study, act, who=access.actor().name, **what)


def verify(study: Study, *, sweep: bool = False) -> Verified:
    """Look at every byte; with ``sweep`` what a crash left behind an hour ago or longer is deleted first."""
    if sweep:
        store.sweep(study)
    return store.verify(study)


def backup(study: Study, file: Path, with_key: bool = False) -> int:
    """Write the whole study into one zip; returns the number of objects.

    Raises
    ------
    DamagedStudy, MissingKey, DiskFull, UnreadableFile : nothing is written where the file shall be.
    NotAllowed : whoever acts does not manage the study.
    """
    access.demand("manage")
    try:
        with on_disk(file.parent):
            file.absolute().parent.mkdir(parents=True, exist_ok=True)
            n = store.backup(study, file, secret=secret_of(study) if with_key else None)
    except PermissionError as error:
        raise UnreadableFile(file.name, "这个位置不能写入", "请换一个文件夹。") from error
    noted(study, "backup", objects=n, with_key=with_key)
    return n


def restore(file: Path, path: Path) -> Study:
    """Make the study of a backup in an absent or empty folder (NotABackup, StudyExists, NotAllowed)."""
    access.demand("manage")
    study = store.restore(file, path, keys_dir=settings().keys_dir)
    noted(study, "restore")
    return study


def has_key(study: Study) -> bool:
    """Whether new customers of this study can be told apart on this machine."""
    try:
        secret_of(study)
    except MissingKey:
        return False
    return True


def audit(study: Study) -> pl.DataFrame:
    """The log, the oldest line first: line, at [local time], who, act, act_label, detail [Chinese]."""
    rows = [
        {"line": e.id, "at": e.at[:19].replace("T", " "), "who": e.who, "act": e.act, "act_label": ACTS[e.act], "detail": _told(e.what)}
        for e in store.audit(study)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(("line", "at", "who", "act", "act_label", "detail"), pl.String) | {"line": pl.Int64})  # fmt: skip


_DETAILS = {
    "name": "名称", "objects": "对象数", "with_key": "含密钥", "file": "文件", "rows": "行数", "certificate": "证明编号",
    "reason": "理由", "copies": "副本里还有", "of": "副本来自", "revision": "版本", "expires": "保存到", "sensitive": "敏感主题",
}  # fmt: skip


def _told(what: Mapping[str, object]) -> str:
    if {"revision", "note"} == what.keys():
        return f"第 {what['revision']} 版：{what['note']}"
    return "；".join(
        f"{_DETAILS[name]} {_word(value)}" for name, value in what.items() if value != ""
    )


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:,}" if isinstance(value, int) else str(value)
