"""python -m insight exclude: leave doubtful questionnaires out of every analysis, or take them back."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.schema import Exclusions


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--doubt", type=int, default=0, help="可疑分从多少起排除（1–100）")
    known = "、".join(f"{name}（{label}）" for name, label in pipeline.check_labels().items())
    parser.add_argument("--check", action="append", default=[], metavar="检查", help=f"凡是这项检查发现的都排除：{known}")  # fmt: skip
    parser.add_argument("--respondent", action="append", default=[], metavar="答卷编号")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="答卷编号", help="这一份不排除"
    )
    parser.add_argument("--none", action="store_true", help="不排除任何一份")
    parser.add_argument("--dry-run", action="store_true", help="只看会排除哪些，不改动")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if not 0 <= args.doubt <= 100:
        raise BadParameter("--doubt", "应在 0 到 100 之间")
    rule = Exclusions(
        least_doubt=args.doubt, checks=tuple(args.check), respondents=tuple(args.respondent), kept=tuple(args.keep)
    )  # fmt: skip
    if rule.is_empty and not args.none:
        rule = pipeline.exclusions(study)
        args.dry_run = True
    out = pipeline.would_leave_out(study, rule)
    if not args.dry_run:
        pipeline.set_exclusions(study, rule)
    verb = "会排除" if args.dry_run else "已排除"
    say(f"{verb} {len(out):,} 份答卷{'：' + '、'.join(out.head(20)) if len(out) else ''}")
    return 0


COMMAND = Command("exclude", "按质量检查排除答卷", arguments, act)
