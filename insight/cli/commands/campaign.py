"""python -m insight campaign: the list of a campaign with its hold-out group, started and read out later."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from insight import claims, pipeline
from insight.cli.parsing import Command, Say, folder, pairs
from insight.errors import BadParameter
from insight.study import Study
from insight.wording import count


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "名单的设定用 -p 写，如 -p action=win_back -p hold_out=20 -p complaint_days=30；读数用 insight run STUDY uplift。"
    parser.add_argument("study", type=Path)
    parser.add_argument("--name", default="", help="活动名称，决定对照组是哪些人")
    pairs(
        parser,
        "-p",
        metavar="参数=值",
        text="名单的设定：action、group、hold_out、cap、complaint_days …",
    )
    parser.add_argument(
        "--out", type=Path, metavar="文件", help="名单写成 csv，编号已加密；导出记入审计"
    )
    parser.add_argument(
        "--start", action="store_true", help="登记为开始的活动，名单原样保留，之后可以读数"
    )
    parser.add_argument(
        "--on", default="", metavar="日期", help="触达的第一天，默认为最后一单的次日"
    )
    parser.add_argument("--list", action="store_true", help="列出登记过的活动")
    parser.add_argument("--remove", default="", metavar="名称", help="删除登记过的活动")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.remove:
        pipeline.drop_campaign(study, args.remove)
        say(f"已删除活动“{args.remove}”")
        return 0
    if args.list:
        _list(study, say)
        return 0
    changes: dict[str, object] = dict(args.p) | ({"name": args.name} if args.name else {})
    made = pipeline.run(study, "campaign", changes=changes)
    for finding in made.findings:
        say(claims.told(finding))
    if args.out:
        if warned := pipeline.alone_in_words(study, made.tables["list"]):
            say(warned)
        folder(args.out.parent)
        pipeline.write_campaign(study, args.out, changes=changes)
        say(f"名单 → {args.out}")
    if args.start:
        pipeline.start_campaign(study, changes=changes, started=_day(args.on))
        say(f"已登记活动“{pipeline.campaigns(study)[0].name}”")
    return 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadParameter("--on", "应为 2025-11-01 这样的日期") from error


def _list(study: Study, say: Say) -> None:
    known = pipeline.campaigns(study)
    for one in known:
        say(
            f"{one.name}（{one.started} 起）：{one.target}，触达 {count(one.n_touched)} 人，对照 {count(one.n_held_out)} 人"
        )
    if not known:
        say("还没有登记过活动")


COMMAND = Command("campaign", "活动名单：触达谁、留下谁作对照，登记后可以读数", arguments, act)
