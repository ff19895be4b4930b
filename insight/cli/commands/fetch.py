"""python -m insight fetch: bring in the answer to a query, or the files of a data lake."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from insight import pipeline
from insight.cli.commands.add import check_paired, tell, warned
from insight.cli.parsing import Command, Say, file_bytes, pairs
from insight.schema import TABLES, Origin


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("origin", help="配置好的连接名称，或 Parquet、csv、Delta 的路径或网址")
    parser.add_argument("--sql", help="数据库：一条查询，或写有查询的 .sql 文件")
    parser.add_argument("--path", help="数据湖：连接之内的路径，如 orders/*.parquet")
    parser.add_argument("--name", default="", help="在研究里叫什么")
    parser.add_argument("--table", choices=list(TABLES), help="数据是哪一种表")
    pairs(parser, "--map", metavar="列名=角色", text="指定某一列是什么")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    hints = pipeline.Hints(table=args.table, roles=dict(args.map))
    heard = partial(warned, say)
    added = pipeline.fetch(study, _origin(args), name=args.name, hints=hints, progress=heard)
    tell(added.sources[0].name, added, say)
    say(f"问题清单 → {pipeline.write_issues(study)}")
    check_paired(study, [added])
    return 0


def _origin(args: argparse.Namespace) -> Origin:
    """A named connection with its question, else a place of its own."""
    asked = _sql(args.sql) if args.sql else args.path
    if asked or args.origin in pipeline.connections():
        return Origin(connection=args.origin, ask=asked or "")
    return Origin(ask=args.origin)


def _sql(written: str) -> str:
    if written.endswith(".sql"):
        return file_bytes(Path(written)).decode("utf-8-sig")
    return written


COMMAND = Command("fetch", "从数据库或数据湖取数", arguments, act)
