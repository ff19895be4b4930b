"""python -m insight check: what a file is, without a study."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from insight import pipeline
from insight.cli.parsing import Command, Say, readable
from insight.pipeline import Hints
from insight.schema import TABLES, Decisions
from insight.wording import percent


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="写成 JSON，给脚本用")
    parser.add_argument("--table", choices=list(TABLES), help="文件是哪一种表")
    parser.add_argument("--preset", help="用哪一个预设看；空字符串表示不用预设")
    parser.add_argument("--sheet", help="只看这个工作表")
    parser.add_argument("--encoding", help="文本文件的编码，如 gb18030")


def act(args: argparse.Namespace, say: Say) -> int:
    decisions = Decisions(preset=args.preset)
    hints = Hints(args.table, sheet=args.sheet, encoding=args.encoding, decisions=decisions)
    found = pipeline.check(readable(args.file), args.file.name, hints=hints)
    if args.json:
        say(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    encoding = f"，编码 {found['encoding']}" if found["encoding"] else ""
    say(f"{found['file']}：{found['kind']}{encoding}")
    tables: Any = found.get("tables", [found])
    for table in tables:
        _tell(table, say)
    return 0


def _tell(table: dict[str, Any], say: Say) -> None:
    kind = TABLES[table["table"]].label if table["table"] else "看不出是哪种表"
    header = f"，表头在第 {table['header_row']} 行" if table["header_row"] else ""
    say(f"“{table['sheet']}”→ {kind}：{table['rows']:,} 行{header}")
    if preset := table["preset"]:
        sure = percent(preset["confidence"])
        say(f"  识别为 {preset['label']}，把握 {sure}（依据：{'、'.join(preset['evidence'])}）")
    for column in table["columns"]:
        sample = f"，如 {'、'.join(column['sample'])}" if column["sample"] else ""
        say(f"  {column['name']} → {column['label']}（{column['evidence']}{sample}）")
    for warning in table["warnings"]:
        say(f"  注意：{warning}")


COMMAND = Command("check", "看看文件是什么，不建立研究", arguments, act)
