"""python -m insight add: bring files into a study, all or none."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from insight import pipeline
from insight.cli import deciding, ruling
from insight.cli.commands import speakers
from insight.cli.parsing import Command, Say, pairs, readable
from insight.errors import BadMapping
from insight.pipeline import Added, Hints, Upload
from insight.pipeline.drifting import is_notice
from insight.schema import ORDER_LINES, TABLES, Decisions
from insight.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--table", choices=list(TABLES), help="文件是哪一种表")
    pairs(parser, "--map", metavar="列名=角色", text="指定某一列是什么")
    parser.add_argument("--preset", help="按哪一个预设读，见 preset list；空字符串表示不用预设")
    strict = "缺少上次用到的列就不导入"
    parser.add_argument("--strict", action="store_true", help=strict)
    parser.add_argument("--sheet", help="只导入这个工作表")
    parser.add_argument("--encoding", help="文本文件的编码，如 gb18030")
    deciding.arguments(parser)
    speakers.flag(parser)
    ruling.arguments(parser)


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    hints = _hints(args)
    uploads = [Upload(readable(path), path.name, hints) for path in args.files]
    brought = pipeline.add_all(study, uploads, progress=partial(warned, say))
    issues = pipeline.write_issues(study)
    for path, added in zip(args.files, brought, strict=True):
        tell(path.name, added, say)
    say(f"问题清单 → {issues}")
    check_paired(study, brought)
    return 0


def check_paired(study: Study, brought: Sequence[Added]) -> None:
    """End with a sentence where only order details came and their list is missing (OrderListMissing)."""
    if any(source.table == ORDER_LINES.name for added in brought for source in added.sources):
        pipeline.check_listed(study)


def warned(say: Say, step: str, _share: float | None) -> None:
    """Say how a file differs from last time, before it is cleaned and anything is kept."""
    if is_notice(step):
        say(step)


def _hints(args: argparse.Namespace) -> Hints:
    for column, role in args.map:
        if not role:
            raise BadMapping(column, role, "没有写角色")
    first = Decisions(preset=args.preset, speakers=speakers.named(args))
    decisions = ruling.decided(args, deciding.decided(args, first))
    return Hints(
        args.table, dict(args.map), args.sheet, args.encoding, decisions, strict=args.strict
    )


def tell(name: str, added: Added, say: Say) -> None:
    """Say what adding brought, table by table."""
    for source, rows, bad in zip(added.sources, added.n_rows, added.n_issues, strict=True):
        known = f"，识别为{source.recognised}" if source.recognised else ""
        label = TABLES[source.table].label
        say(f"{name}“{source.sheet}”→ {label}：{rows:,} 行{known}，{bad:,} 条问题记录")
    for note in added.notes:
        say(f"  {note}")
    if added.passed_over:
        say(f"未使用的工作表：{'、'.join(added.passed_over)}")


COMMAND = Command("add", "导入文件", arguments, act)
