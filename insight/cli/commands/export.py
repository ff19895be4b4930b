"""python -m insight export: write the answers of a study for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, folder, listed
from insight.errors import BadParameter


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--sav", type=Path, required=True, metavar="文件", help="SPSS 文件（.sav）：标签、缺失值、多选题集、权重")  # fmt: skip
    parser.add_argument("--answers-only", action="store_true", help="只写答案，不写购买分层和消费")
    parser.add_argument(
        "--without",
        default="",
        metavar="题目",
        help="不写入的题目或属性（题号或名称），用逗号分开，如 Q2,地区",
    )


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.sav.suffix.lower() != ".sav":
        raise BadParameter("--sav", "只能写成 .sav")
    folder(args.sav.parent)
    purchases, without = not args.answers_only, listed(args.without)
    known = pipeline.describing(study, purchases=purchases)
    found = pipeline.rare_answers(study, purchases=purchases, without=without)
    pipeline.write_sav(study, args.sav, purchases=purchases, without=without)
    say(f"SPSS 文件 → {args.sav}")
    say(pipeline.rare_in_words(study, found, known))
    if found.n_few:
        say("可以用 --without 去掉其中几项再写一次。")
    return 0


COMMAND = Command("export", "把答卷写成 SPSS 文件（sav）", arguments, act)
