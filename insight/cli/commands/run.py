"""python -m insight run: work out analyses and write their tables, charts and findings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from insight import claims, exports, pipeline
from insight.analyses import catalogue
from insight.cli.parsing import Command, Say, folder, pairs, steps
from insight.pipeline import Engine
from insight.worker import silent


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("keys", nargs="*", metavar="分析")
    pairs(parser, "-p", metavar="分析.参数=值", text="这一次运行用的参数")
    parser.add_argument(
        "--filter", metavar="人群", help="问卷和文本的分析只看这个已存的人群，all 为全部"
    )
    parser.add_argument(
        "--customers",
        metavar="客户",
        help="订单的分析只看这些客户：一个已存的人群，或 high_ticket=高客单 这样的一组",
    )
    parser.add_argument("--out", type=Path, help="输出文件夹，默认为研究文件夹下的 output")
    parser.add_argument("--engine", choices=get_args(Engine), default="polars")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    out = folder(args.out or args.study / "output")
    changes = _changes(args.p)
    wanted = {"filter": (args.filter, pipeline.is_filterable), "customers": (args.customers, pipeline.is_narrowable)}  # fmt: skip
    for name, (value, takes) in wanted.items():
        for key in filter(takes, (args.keys or catalogue()) if value else ()):
            changes.setdefault(key, {}).setdefault(name, value)
    progress = silent if args.keys else steps(say)  # of the whole catalogue
    ran = pipeline.run_all(study, args.keys, changes=changes, engine=args.engine, progress=progress)
    for one in ran:
        if one.result is not None:
            exports.write(one.result, out / one.analysis.key)
            say(f"{one.analysis.title} → {out / one.analysis.key}")
            for finding in one.result.findings[:1]:
                say(f"  {claims.told(finding)}")
    if written := [one.analysis.key for one in ran if one.result is not None]:
        pipeline.noted(study, "export", file="、".join(written))
    failed = [(one.analysis.title, str(one.error)) for one in ran if one.error is not None]
    for title, sentence in failed:
        whose = "" if title in sentence else f"{title}："
        sys.stderr.write(f"{whose}{sentence}\n")
    return 1 if (failed and args.keys) or len(failed) == len(ran) else 0


def _changes(written: Sequence[tuple[str, str]]) -> dict[str, dict[str, object]]:
    """``rfm.names=eleven`` → {"rfm": {"names": "eleven"}}; a list is written with commas."""
    changes: dict[str, dict[str, object]] = {}
    for name, value in written:
        key, _, parameter = name.partition(".")
        changes.setdefault(key, {})[parameter] = value
    return changes


COMMAND = Command("run", "运行分析，写出表格、图和结论", arguments, act)
