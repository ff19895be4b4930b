"""python -m insight trace: where a number of the report comes from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes
from insight.errors import UnreadableFile
from insight.units import title_of


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("number", metavar="编号", help="报告里的数字编号，如 T3.2-B4 或 3.2-B4")
    parser.add_argument(
        "--only", default="", metavar="分析", help="报告只写了这几个分析时，同样写在这里"
    )
    parser.add_argument(
        "--file",
        type=Path,
        metavar="文件",
        help="查这份 trace.json（随报告写出），默认查研究最新的状态",
    )
    parser.add_argument("--json", action="store_true", help="按 trace.json 的格式输出")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    only = [key for key in args.only.split(",") if key]
    found = pipeline.traced(_read(args.file), args.number) if args.file else pipeline.trace_of(study, args.number, only=only)  # fmt: skip
    if args.json:
        say(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    for line in _lines(found):
        say(line)
    return 0


def _read(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        found = json.loads(file_bytes(path))
    except ValueError as error:
        raise UnreadableFile(path.name, "不是 trace.json") from error
    if not isinstance(found, dict):
        raise UnreadableFile(path.name, "不是 trace.json")
    return found


def _lines(one: Mapping[str, Any]) -> Iterator[str]:
    """The chain from the number to the files, a line each."""
    yield f"{one['id']} = {one['text']}（{one['kind']}；值 {one['value']}）"
    if one["sentence"]:
        yield f"句子：{one['sentence']}"
    if one["table"]:
        yield f"单元格：{one['analysis']}/{one['table']}，第 {one['row'] + 1} 行，列 {one['column']}（{title_of(one['column'])}）"
    if not one["analysis"]:
        return
    yield f"分析：{one['title']}（{one['analysis']}）"
    yield f"参数：{_pairs(one['params'])}"
    yield f"筛选：{one['filter'] or '没有筛选'}"
    yield f"权重：{one['weight'] or '没有加权'}"
    yield "步骤："
    yield from (f"  {at}. {step}" for at, step in enumerate(one["steps"], 1))
    yield "文件："
    yield from (f"  {file['name']}（{file['table']}） SHA-256 {file['sha256']}" for file in one["files"])  # fmt: skip


def _pairs(params: Mapping[str, object]) -> str:
    told = (f"{name}={','.join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value}" for name, value in params.items())  # fmt: skip
    return "，".join(told) or "没有参数"


COMMAND = Command("trace", "查报告里一个数字的出处：单元格、分析、步骤和原文件", arguments, act)
