"""python -m insight: the same answers as on the pages, for scripts and checks."""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn, get_args

from insight import exports, pipeline
from insight.errors import BadMapping, BadParameter, InsightError, UnreadableFile
from insight.pipeline import Engine, Hints, Upload
from insight.schema import TABLES
from insight.wording import percent

Say = Callable[[str], None]
FORMATS = ("docx", "html")


class _Parser(argparse.ArgumentParser):
    """Wrong usage is said in Chinese and ends with 2."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 (argparse's own options)
        super().__init__(add_help=False, formatter_class=_Usage, **options)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示写法")

    def error(self, message: str) -> NoReturn:
        for pattern, chinese in _SAID:
            message = re.sub(pattern, chinese, message)
        self.exit(2, f"命令写法不对：{message}。\n用 {self.prog} --help 查看写法。\n")


class _Usage(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:  # noqa: ANN401
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


_SAID = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"^argument ", ""),
    (r"invalid choice: (\S+) \(choose from (.*)\)", r"没有 \1，可选 \2"),
    (r"expected one argument", "后面要写一个值"),
    (r"expected at least one argument", "后面至少要写一个值"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 不明确，可能是 \2"),
)


def _pair(text: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not sign or not left:
        raise argparse.ArgumentTypeError(f"“{text}”应写成 名称=值")
    return left, right


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = _Parser(
        prog="python -m insight", description="订单、问卷与文本进来，各层客户的需要与建议出去。"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")

    def command(name: str, text: str, act: Callable[[argparse.Namespace, Say], int]) -> _Parser:
        sub: _Parser = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(act=act)
        return sub

    demo = command("demo", "建立示例研究，运行全部分析并写出报告", _demo)
    demo.add_argument("study", nargs="?", type=Path, default=Path("studies/demo"))
    new = command("new", "新建研究", _new)
    new.add_argument("study", type=Path)
    add = command("add", "导入文件", _add)
    add.add_argument("study", type=Path)
    add.add_argument("files", nargs="+", type=Path)
    add.add_argument("--table", choices=list(TABLES), help="文件是哪一种表")
    add.add_argument("--map", action="append", type=_pair, default=[], metavar="列名=角色")
    add.add_argument("--sheet", help="只导入这个工作表")
    add.add_argument("--encoding", help="文本文件的编码，如 gb18030")
    status = command("status", "查看数据、问题、匹配率和还缺什么", _status)
    status.add_argument("study", type=Path)
    status.add_argument("--json", action="store_true")
    listing = command("list", "列出全部分析", _list)
    listing.add_argument("study", nargs="?", type=Path)
    listing.add_argument("--json", action="store_true")
    run = command("run", "运行分析，写出表格、图和结论", _run)
    run.add_argument("study", type=Path)
    run.add_argument("keys", nargs="*", metavar="分析")
    run.add_argument(
        "-p", "--param", action="append", type=_pair, default=[], metavar="分析.参数=值"
    )
    run.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")
    run.add_argument("--engine", choices=get_args(Engine), default="polars")
    report = command("report", "写出报告", _report)
    report.add_argument("study", type=Path)
    report.add_argument("--format", default="docx", help=f"逗号分隔：{','.join(FORMATS)}")
    report.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 the data cannot answer, 2 wrong usage."""
    logging.basicConfig(level=logging.WARNING)
    args = parser().parse_args(argv)
    try:
        return int(args.act(args, lambda text: print(text)))  # noqa: T201 (the terminal is the screen here)
    except InsightError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _new(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.new(args.study)
    say(f"已新建研究“{study.name}”：{args.study}")
    return 0


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "文件不存在" if isinstance(error, FileNotFoundError) else "文件打不开"
        raise UnreadableFile(path.name, reason, "请检查路径。") from error


def _add(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    for column, role in args.map:
        if not role:
            raise BadMapping(column, role, "没有写角色")
    hints = Hints(args.table, dict(args.map), args.sheet, args.encoding)
    uploads = [Upload(_bytes(path), path.name, hints) for path in args.files]
    for path, added in zip(args.files, pipeline.add_all(study, uploads), strict=True):
        for source, rows, bad in zip(added.sources, added.n_rows, added.n_issues, strict=True):
            known = f"，识别为{source.recognised}" if source.recognised else ""
            say(
                f"{path.name}“{source.sheet}”→ {TABLES[source.table].label}：{rows:,} 行{known}，{bad:,} 条问题记录"
            )
        for note in added.notes:
            say(f"  {note}")
        if added.passed_over:
            say(f"未使用的工作表：{'、'.join(added.passed_over)}")
    return 0


def _status(args: argparse.Namespace, say: Say) -> int:
    status = pipeline.status(pipeline.opened(args.study))
    if args.json:
        say(json.dumps(asdict(status), ensure_ascii=False, indent=2, default=str))
        return 0
    say(f"研究“{status.name}”，第 {status.revision} 版")
    for table, rows in status.tables.items():
        say(f"  {TABLES[table].label}：{rows:,} 行")
    for row in status.issues:
        say(
            f"  问题：{TABLES[str(row['table'])].label} {row['reason']}（{row['action']}）{row['n']:,} 条"
        )
    if status.match_rate is not None:
        say(f"  问卷匹配率：{percent(status.match_rate)}")
    for ready in status.readiness:
        say(
            f"  {ready.title}：{'可以运行' if not ready.lacking else '还缺 ' + '、'.join(ready.lacking)}"
        )
    return 0


def _list(args: argparse.Namespace, say: Say) -> int:
    rows = pipeline.listing(pipeline.opened(args.study) if args.study else None)
    if args.json:
        say(json.dumps([asdict(r) for r in rows], ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        lacks = f"（还缺 {'、'.join(row.lacking)}）" if row.lacking else ""
        say(f"{row.key:18}{row.title}：{row.question}{lacks}")
    return 0


def _folder(args: argparse.Namespace) -> Path:
    """The folder to write into, made if need be."""
    out: Path = args.out or args.study / "output"
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadParameter("--out", f"“{out}”不是可以写入的文件夹") from error
    return out


def _changes(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """``rfm.names=eleven`` → {"rfm": {"names": "eleven"}}; a list is written with commas."""
    changes: dict[str, dict[str, object]] = {}
    for name, value in pairs:
        key, _, parameter = name.partition(".")
        changes.setdefault(key, {})[parameter] = value
    return changes


def _run(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    out = _folder(args)
    ran = pipeline.run_all(study, args.keys, changes=_changes(args.param), engine=args.engine)
    for one in ran:
        if one.result is not None:
            exports.write(one.result, out / one.analysis.key)
            say(f"{one.analysis.title} → {out / one.analysis.key}")
            for finding in one.result.findings[:1]:
                say(f"  {finding.text}")
    failed = [one.error for one in ran if one.error is not None]
    for error in failed:
        sys.stderr.write(f"{error}\n")
    return 1 if (failed and args.keys) or len(failed) == len(ran) else 0


def _report(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    for form in args.format.split(","):
        say(
            f"报告 → {pipeline.write_report(study, form, folder=args.out or args.study / 'output')}"
        )
    return 0


def _demo(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.demo(args.study, progress=say)
    out = args.study / "output"
    for one in pipeline.run_all(study, progress=say):
        if one.error is not None:
            raise one.error
        if one.result is not None:
            exports.write(one.result, out / one.analysis.key)
    for form in FORMATS:
        say(f"报告 → {pipeline.write_report(study, form, folder=out)}")
    return 0
