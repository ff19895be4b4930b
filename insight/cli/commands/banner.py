"""python -m insight banner: save the breaks of a table under a name, and put them over all questions."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import exports, pipeline
from insight.cli.parsing import Command, Say, folder
from insight.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("name", nargs="?", metavar="表头", help="不写时只列出已存的表头")
    parser.add_argument("--breaks", metavar="人群", help="用逗号分开，嵌套用 ×，如 rfm,Q2 × Q3")
    parser.add_argument("--remove", action="store_true", help="删除这个表头")
    parser.add_argument("--run", action="store_true", help="用这个表头做全部题目的交叉表和均值表")
    parser.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.name and args.breaks:
        pipeline.save_banner(study, args.name, args.breaks.replace("，", ",").split(","))
    if args.name and args.remove:
        pipeline.remove_banner(study, args.name)
    if args.name and args.run:
        return _run(study, args.name, out=folder(args.out or args.study / "output"), say=say)
    for name, breaks in pipeline.banners(study).items():
        say(f"{name}：{'、'.join(breaks)}")
    return 0


def _run(study: Study, name: str, *, out: Path, say: Say) -> int:
    changes: dict[str, dict[str, object]] = {"crosstab": {"rows": ["全部"], "banner": name}, "means": {"banner": name}}  # fmt: skip
    ran = pipeline.run_all(study, list(changes), changes=changes)
    for one in ran:
        if one.result is None:
            say(f"{one.analysis.title}：{one.error}")
        else:
            exports.write(one.result, out / one.analysis.key)
            say(f"{one.analysis.title} → {out / one.analysis.key}")
    return 1 if ran[0].error else 0


COMMAND = Command("banner", "保存、列出、删除表头，或用它做全部题目的表", arguments, act)
