"""python -m insight recode: merge, order, rename, reverse, band; look first, then record, list or take back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from insight import pipeline
from insight import study as store
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.schema.recodes import Recode, recode_of
from insight.study import Study

Fields = dict[str, object]

_ACTIONS = """动作：
  label Q3 旧名=新名 …        改选项名
  order Q3 甲 乙 丙           调整选项顺序，没写的排在后面
  merge Q3 新名=甲|乙 …       合并选项
  reverse Q5 [最高分]         反向计分 k+1−x
  midpoints Q4 [选项=数 …]    分组换成组中值
  top2 Q7 [个数]              最高两分对其余；bottom2 为最低两分
  bands Q9 18 30 45           分段：不到 18、18 起、30 起、45 起；--names 给各段起名
  list                        列出全部重编码
  remove 序号                 撤销一条"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _ACTIONS
    parser.add_argument("study", type=Path)
    parser.add_argument("action", choices=[*_STEPS, "list", "remove"], metavar="动作")
    parser.add_argument("question", nargs="?", default="", metavar="题号")
    parser.add_argument("values", nargs="*", metavar="值")
    parser.add_argument("--into", default="", help="新题目的编号；不写就改原题")
    parser.add_argument("--wording", default="", help="新题目的题干")
    parser.add_argument("--names", nargs="+", default=[], help="各段的名称（bands）")
    parser.add_argument("--preview", action="store_true", help="只看前后的人数，不记录")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.action == "list":
        for at, (_, told) in enumerate(pipeline.recodes(study), start=1):
            say(f"{at}. {told}")
        return 0
    parent = store.head(study).id
    if args.action == "remove":
        at = int(_number("remove", args.question)) - 1
        pipeline.remove_recode(study, at, parent=parent)
        say(f"已撤销第 {at + 1} 条重编码")
        return 0
    if not args.question:
        raise BadParameter("题号", "没有写是哪一道题")
    _take(study, _step(args), say, parent=None if args.preview else parent)
    return 0


def _take(study: Study, step: Recode, say: Say, *, parent: int | None) -> None:
    """Show what a recode does and, on top of ``parent``, record it."""
    seen = pipeline.preview_recode(study, step)
    for title, table in (("之前", seen.before), ("之后", seen.after)):
        say(f"{title}：{_row(table)}")
    if parent is not None:
        pipeline.add_recode(study, step, parent=parent)
        say(f"已记录：{pipeline.recodes(study)[-1][1]}")


def _row(table: pl.DataFrame) -> str:
    return "，".join(f"{option} {n:,}" for option, n in table.select("option", "n").iter_rows())


def _step(args: argparse.Namespace) -> Recode:
    shared = {"question": args.question, "into": args.into, "wording": args.wording}
    return recode_of({**shared, **_STEPS[args.action](args)})


def _pairs(values: Sequence[str]) -> dict[str, str]:
    """``old=new`` taken apart."""
    split = [value.partition("=") for value in values]
    for value, (left, sign, right) in zip(values, split, strict=True):
        if not (left and sign and right):
            raise BadParameter("值", f"“{value}”应写成 名称=值")
    return {left: right for left, _, right in split}


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadParameter(name, f"“{text}”不是数字") from error


def _boxes(args: argparse.Namespace) -> Fields:
    n = int(_number("个数", args.values[0])) if args.values else 2
    return {"do": "boxes", "end": "top" if args.action == "top2" else "bottom", "boxes": n}


def _reverse(args: argparse.Namespace) -> Fields:
    points = int(_number("最高分", args.values[0])) if args.values else 0
    return {"do": "reverse", "points": points}


def _merge(args: argparse.Namespace) -> Fields:
    groups = {new: old.split("|") for new, old in _pairs(args.values).items()}
    return {"do": "merge", "groups": groups}


def _midpoints(args: argparse.Namespace) -> Fields:
    values = {label: _number(label, text) for label, text in _pairs(args.values).items()}
    return {"do": "midpoints", "values": values}


def _bands(args: argparse.Namespace) -> Fields:
    edges = [_number("分界点", text) for text in args.values]
    return {"do": "bands", "edges": edges, "labels": args.names}


_STEPS: Mapping[str, Callable[[argparse.Namespace], Fields]] = {
    "label": lambda args: {"do": "label", "labels": _pairs(args.values)},
    "order": lambda args: {"do": "order", "order": args.values},
    "merge": _merge,
    "reverse": _reverse,
    "midpoints": _midpoints,
    "top2": _boxes,
    "bottom2": _boxes,
    "bands": _bands,
}


COMMAND = Command("recode", "重编码：合并、排序、改名、反向、分段、最高两分", arguments, act)
