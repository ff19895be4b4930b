"""python -m insight terms: until when a study may be kept, and whether its topic is sensitive."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.study import Study, Terms


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--expires", metavar="日期", help="最后一天，如 2027-12-31；none 表示没有期限")  # fmt: skip
    parser.add_argument("--sensitive", choices=("yes", "no"), help="敏感主题：导出里不满 10 人的格子不写数字（一般是 5 人）")  # fmt: skip
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    new = pipeline.terms(study)
    if args.expires:
        new = replace(new, expires=_day(args.expires))
    if args.sensitive:
        new = replace(new, sensitive=args.sensitive == "yes")
    if args.expires or args.sensitive:
        pipeline.agree(study, new)
    _tell(study, new, is_json=args.json, say=say)
    return 0


def _day(text: str) -> date | None:
    if text == "none":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter("--expires", f"“{text}”不是日期，请写成 2027-12-31") from error


def _tell(study: Study, new: Terms, *, is_json: bool, say: Say) -> None:
    over = pipeline.is_over(study)
    if is_json:
        last = new.expires and new.expires.isoformat()
        say(json.dumps({"expires": last, "sensitive": new.sensitive, "is_over": over}, ensure_ascii=False))  # fmt: skip
        return
    say(
        f"保存期：{f'到 {new.expires} 为止' if new.expires else '没有约定'}；{'敏感主题' if new.sensitive else '一般主题'}"
    )
    if told := pipeline.end_in_words(study):
        say(told)


COMMAND = Command("terms", "约定研究的保存期限和敏感程度", arguments, act)
