"""python -m insight preset: the user's own presets, and the platforms' for comparison."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.schema import TABLES


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="动作")
    save = actions.add_parser("save", help="把一个已导入文件的映射存为预设，不含数据")
    save.add_argument("study", type=Path)
    save.add_argument("source", help="第几个数据来源（从 1 数起），或文件名")
    save.add_argument("name", help="预设的名称")
    actions.add_parser("list", help="列出我的预设和平台预设")
    for action, text in (("show", "看一个预设里有什么"), ("remove", "删除我的预设")):
        actions.add_parser(action, help=text).add_argument("name", help="预设的名称")


def act(args: argparse.Namespace, say: Say) -> int:
    match args.action:
        case "save":
            _save(args, say)
        case "list":
            _list(say)
        case "show":
            say(pipeline.preset_text(args.name))
        case "remove":
            pipeline.remove_preset(args.name)
            say(f"已删除我的预设“{args.name}”")
    return 0


def _save(args: argparse.Namespace, say: Say) -> None:
    study = pipeline.opened(args.study)
    own = pipeline.save_preset(study, pipeline.source_called(study, args.source), args.name)
    say(f"已存为我的预设“{own.name}”：{TABLES[own.table].label}，{len(own.columns)} 列")


def _list(say: Say) -> None:
    for own in pipeline.own_presets():
        say(f"{own.name}：我的预设，{TABLES[own.table].label}，{len(own.columns)} 列")
    for table in ("responses", "orders", "order_lines"):
        for key, label in pipeline.platform_labels(table).items():
            say(f"{key:18}{label}（{TABLES[table].label}）")


COMMAND = Command("preset", "保存、列出、查看、删除我的预设", arguments, act)
