"""python -m insight needs: the needs with their evidence, and the sentence that states each of them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, pairs
from insight.errors import BadParameter
from insight.schema.need_statements import LONGEST_PART, NeedStatement
from insight.wording import count


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--need", default="", metavar="需求", help="要写陈述的需求")
    parser.add_argument("--when", default="", metavar="情境", help="当……时")
    parser.add_argument("--want", default="", metavar="想做的事", help="我想……")
    parser.add_argument("--so-that", default="", metavar="目的", help="以便……")
    parser.add_argument("--clear", action="store_true", help="删除这项需求的陈述")
    pairs(parser, "-p", metavar="参数=值", text="这一次用的参数")
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study, changes = pipeline.opened(args.study), dict(args.p)
    result = pipeline.run(study, "needs_by_segment", changes=changes)
    if args.need:
        pipeline.state_need(study, _statement(args), result=result)
    stated = pipeline.stated_needs(study, result=result)
    if args.json:
        say(json.dumps([_plain(one) for one in stated], ensure_ascii=False, indent=2))
        return 0
    for one in stated:
        heard = f"买过的 {count(one.n_buyers)} 人，问卷 {count(one.n_survey)} 人，访谈 {count(one.n_interviews)} 人，评价 {count(one.n_reviews)} 人"
        say(f"{one.need}（{one.source}）：{one.sources or '0/3'}；{heard}")
        if one.statement:
            say(f"  {one.statement.sentence}")
    return 0


def _statement(args: argparse.Namespace) -> NeedStatement:
    parts = {"when": args.when, "want": args.want, "so_that": args.so_that}
    if args.clear:
        parts = {}
    elif not any(parts.values()):
        raise BadParameter("--when、--want、--so-that", "至少要写一项；要删除陈述请用 --clear")
    if long := [name for name, words in parts.items() if len(words) > LONGEST_PART]:
        raise BadParameter(f"--{long[0].replace('_', '-')}", f"最多 {LONGEST_PART} 个字")
    return NeedStatement(need=args.need, **parts)


def _plain(one: pipeline.StatedNeed) -> dict[str, object]:
    return asdict(one) | {
        "statement": one.statement.model_dump(exclude={"need"}),
        "sentence": one.statement.sentence,
    }


COMMAND = Command("needs", "各项需求的证据，以及用一句话写下的需求陈述", arguments, act)
