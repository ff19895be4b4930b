"""python -m insight currency: in which currency the amounts of a study are."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument(
        "code", nargs="?", metavar="币种", help="三个字母，如 CNY、USD；不写时只显示现在的币种"
    )
    parser.add_argument("--clear", action="store_true", help="以订单文件里写的为准")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.code or args.clear:
        pipeline.set_currency(study, "" if args.clear else args.code)
    told = pipeline.currency(study)
    source = "由用户指定" if pipeline.own_currency(study) else "以订单文件为准"
    say(f"金额的币种：{told.name} {told.sign.strip()}（{told.code}，{source}；没有换算）")
    return 0


COMMAND = Command("currency", "查看或指定金额的币种", arguments, act)
