"""python -m insight match: how people were tied together, which ties count, whom respondents stand for."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.schema import TABLES, TIERS, Tier, Weighting
from insight.study import Study
from insight.wording import percent

_KEYS = {"customer_id": "会员号", "phone": "手机号", "email": "邮箱", "nickname": "昵称"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--tiers", help=f"哪些对应算数，逗号分隔：{','.join(TIERS)}")
    parser.add_argument("--exact-only", action="store_true", help="只认相同的标识")
    parser.add_argument("--rake", metavar="人群,…", help="把答卷按这些人群加权到全部客户")
    parser.add_argument("--caps", default="0.2,5", help="权重的上下限（均值的倍数）")
    parser.add_argument("--no-rake", action="store_true", help="不再加权")
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.tiers or args.exact_only:
        pipeline.set_matching(study, _tiers(args))
    if args.rake or args.no_rake:
        pipeline.set_weighting(study, _weighting(args))
    (_as_json if args.json else _tell)(study, say)
    return 0


def _tiers(args: argparse.Namespace) -> tuple[Tier, ...]:
    if args.exact_only:
        return ("exact",)
    wanted = set(args.tiers.split(","))
    if unknown := sorted(wanted - set(TIERS)):
        raise BadParameter("--tiers", f"没有“{unknown[0]}”，可选 {'、'.join(TIERS)}")
    return tuple(tier for tier in TIERS if tier in wanted | {"exact"})


def _weighting(args: argparse.Namespace) -> Weighting:
    if args.no_rake:
        return Weighting()
    smallest, _, largest = args.caps.partition(",")
    try:
        caps = float(smallest), float(largest)
    except ValueError as error:
        raise BadParameter("--caps", "应写成 下限,上限，如 0.2,5") from error
    return Weighting(margins=tuple(args.rake.split(",")), smallest=caps[0], largest=caps[1])


def _as_json(study: Study, say: Say) -> None:
    found = pipeline.workbench(study)
    told = {
        "tiers": list(found.matching.tiers),
        "weighting": found.weighting.model_dump(),
        "keys": found.keys.to_dicts(),
        "outcomes": found.outcomes.to_dicts(),
        "conflicts": found.conflicts.to_dicts(),
    }
    say(json.dumps(told, ensure_ascii=False, indent=2))


def _tell(study: Study, say: Say) -> None:
    found = pipeline.workbench(study)
    say(f"算数的对应：{'、'.join(pipeline.TIER_LABELS[tier] for tier in found.matching.tiers)}")
    for row in found.keys.to_dicts():
        say(f"  {TABLES[row['table']].label}·{_KEYS[row['key']]}：{row['n_with_key']:,} 行有，{row['n_matched']:,} 行能对上，其中 {row['n_decided']:,} 行靠它定下")  # fmt: skip
    for row in found.outcomes.to_dicts():
        say(f"  {TABLES[row['table']].label}·{pipeline.TIER_LABELS[row['tier']]}：{row['outcome']} {row['n']:,} 行")  # fmt: skip
    if found.conflicts.height:
        say(f"  几个标识指向不同客户：{found.conflicts.height:,} 行")
    if found.weighting.is_on:
        made = pipeline.preview_weighting(study, found.weighting)
        say(f"答卷已按 {'、'.join(sorted(found.weighting.keys))} 加权：效率 {percent(made.raked.efficiency)}，最大差距 {percent(max(made.raked.gaps.values()), digits=2)}")  # fmt: skip


COMMAND = Command("match", "查看和设定谁是谁，把答卷加权到全部客户", arguments, act)
