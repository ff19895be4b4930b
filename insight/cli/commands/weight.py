"""python -m insight weight: weights for the respondents, to all customers or to shares that are typed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import exports, pipeline
from insight.cli.parsing import Command, Say, folder
from insight.errors import BadParameter
from insight.schema import Weighting


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--customers", nargs="?", const="", metavar="人群,…", help="加权到全部客户；不写人群时用建议的")  # fmt: skip
    parser.add_argument("--target", action="append", default=[], metavar="题=占比", help="如 'Q2：男=48，女=52'，可以多次")  # fmt: skip
    parser.add_argument("--cell", action="store_true", help="单元格加权（交叉格）")
    parser.add_argument("--caps", default="0.2,5", help="权重的上下限（均值的倍数）")
    parser.add_argument("--try", dest="only_try", action="store_true", help="只试算，不记入研究")
    parser.add_argument("--clear", action="store_true", help="不再加权")
    parser.add_argument("--out", type=Path, help="把权重表写到这个文件夹")
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    suggested = () if args.customers != "" else pipeline.suggested_weighting(study).margins
    changes = _changes(args, suggested)
    wanted = pipeline.weighting_of(study, changes)
    if args.clear or (wanted.is_on and not args.only_try):
        pipeline.set_weighting(study, Weighting() if args.clear else wanted)
    if args.clear and not wanted.is_on:
        say("不再加权。")
        return 0
    result = pipeline.run(study, "weights", changes=changes if wanted.is_on else None)
    if args.out:
        exports.write(result, folder(args.out))
    if args.json:
        told = {name: result.tables[name].to_dicts() for name in ("margins", "trimming")}
        say(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for finding in result.findings:
        say(finding.text)
    for note in result.notes[:2]:
        say(f"  {note}")
    return 0


def _changes(args: argparse.Namespace, suggested: tuple[str, ...]) -> dict[str, object]:
    """The options as parameters of the analysis."""
    smallest, _, largest = args.caps.partition(",")
    try:
        caps = {"smallest": float(smallest), "largest": float(largest)}
    except ValueError as error:
        raise BadParameter("--caps", "应写成 下限,上限，如 0.2,5") from error
    margins = [key for key in (args.customers or "").split(",") if key] or list(suggested)
    method = "cell" if args.cell else "rake"
    return {"margins": margins, "targets": "；".join(args.target), "method": method, **caps}


COMMAND = Command("weight", "让答卷代表全部客户，或填写的占比", arguments, act)
