"""python -m insight status: what is in a study, and what is missing for which analysis."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.schema import TABLES
from insight.wording import percent


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    pipeline.write_issues(study)
    if args.json:
        say(json.dumps(pipeline.summary(study), ensure_ascii=False, indent=2))
    else:
        _tell(pipeline.status(study), say)
    return 0


def _tell(status: pipeline.Status, say: Say) -> None:
    say(f"研究“{status.name}”，第 {status.revision} 版")
    for table, rows in status.tables.items():
        say(f"  {TABLES[table].label}：{rows:,} 行")
    for row in status.issues:
        label = TABLES[str(row["table"])].label
        say(f"  问题：{label} {row['reason']}（{row['action']}）{row['n']:,} 条")
    if status.match_rate is not None:
        say(f"  问卷匹配率：{percent(status.match_rate)}")
    for ready in status.readiness:
        lacks = f"还缺 {'、'.join(ready.lacking)}" if ready.lacking else "可以运行"
        say(f"  {ready.title}：{lacks}")


COMMAND = Command("status", "查看数据、问题、匹配率和还缺什么", arguments, act)
