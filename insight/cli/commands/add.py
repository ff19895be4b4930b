"""python -m insight add: bring files into a study, all or none."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes, pairs
from insight.errors import BadMapping
from insight.pipeline import Added, Hints, Upload
from insight.schema import TABLES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--table", choices=list(TABLES), help="文件是哪一种表")
    pairs(parser, "--map", metavar="列名=角色", text="指定某一列是什么")
    parser.add_argument("--sheet", help="只导入这个工作表")
    parser.add_argument("--encoding", help="文本文件的编码，如 gb18030")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    hints = _hints(args)
    uploads = [Upload(file_bytes(path), path.name, hints) for path in args.files]
    for path, added in zip(args.files, pipeline.add_all(study, uploads), strict=True):
        _tell(path, added, say)
    say(f"问题清单 → {pipeline.write_issues(study)}")
    return 0


def _hints(args: argparse.Namespace) -> Hints:
    for column, role in args.map:
        if not role:
            raise BadMapping(column, role, "没有写角色")
    return Hints(args.table, dict(args.map), args.sheet, args.encoding)


def _tell(path: Path, added: Added, say: Say) -> None:
    for source, rows, bad in zip(added.sources, added.n_rows, added.n_issues, strict=True):
        known = f"，识别为{source.recognised}" if source.recognised else ""
        label = TABLES[source.table].label
        say(f"{path.name}“{source.sheet}”→ {label}：{rows:,} 行{known}，{bad:,} 条问题记录")
    for note in added.notes:
        say(f"  {note}")
    if added.passed_over:
        say(f"未使用的工作表：{'、'.join(added.passed_over)}")


COMMAND = Command("add", "导入文件", arguments, act)
