"""python -m insight speakers: who speaks in the interviews, in which role; and other roles for them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from insight import pipeline
from insight import study as store
from insight.cli.parsing import Command, Say, pairs
from insight.errors import MissingColumns
from insight.pipeline import ROLE_LABELS, Speaker
from insight.study import Study

NOBODY = "没有标明"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--source", help="只看或只改这份访谈（文件名或序号）")
    flag(parser)


def flag(parser: argparse.ArgumentParser) -> None:
    """Declare --speaker."""
    roles = "、".join(ROLE_LABELS.values())
    text = f"某个说话人的身份：{roles}；没有标明说话人的段落写 {NOBODY}=身份"
    pairs(parser, "--speaker", metavar="说话人=身份", text=text)


def named(args: argparse.Namespace) -> dict[str, str]:
    """Speaker -> role, as the command line says (BadParameter for no such role)."""
    return pipeline.check_roles({"" if who == NOBODY else who: role for who, role in args.speaker})


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    roles = named(args)
    places = _places(study, args.source)
    if roles:
        for at in places:
            _change(study, at, roles, is_only=len(places) == 1)
    told = {at: pipeline.speakers(study, at) for at in places}
    titles = pipeline.interviews(study)
    if args.json:
        shown = {titles[at]: [asdict(one) for one in found] for at, found in told.items()}
        say(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    for at, found in told.items():
        say(titles[at])
        _tell(found, say)
    return 0


def _places(study: Study, said: str | None) -> list[int]:
    """The interviews that are meant (MissingColumns, UnknownName)."""
    known = pipeline.interviews(study)
    if not known:
        raise MissingColumns(
            "访谈", ("访谈文件",), "请先导入访谈（docx、txt、pdf、字幕，或它们的 zip）。"
        )
    return [pipeline.source_called(study, said)] if said else list(known)


def _change(study: Study, at: int, roles: dict[str, str], *, is_only: bool) -> None:
    """Change one interview; of several, only the speakers that it has."""
    there = {one.name for one in pipeline.speakers(study, at)}
    mine = {who: role for who, role in roles.items() if is_only or who in there}
    if mine:
        pipeline.set_speakers(study, at, mine, parent=store.head(study).id)


def _tell(found: Iterable[Speaker], say: Say) -> None:
    for one in found:
        word = ROLE_LABELS[one.role]
        changed = "" if one.role == one.proposed else f"（识别为{ROLE_LABELS[one.proposed]}）"
        say(
            f"  {one.label}：{word}{changed}，{one.n_turns:,} 段，{one.n_characters:,} 字。{one.sample}"
        )


COMMAND = Command("speakers", "查看访谈里谁在说话，指定身份", arguments, act)
