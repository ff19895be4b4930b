"""python -m insight topics: the topics of a study, listed and edited; every edit can be taken back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.study import Study
from insight.wording import count, percent

Fields = dict[str, object]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument(
        "action", nargs="?", choices=[*_EDITS, "undo"], default=None, metavar="操作",
        help="merge 主题 主题…；split 主题；rename 主题 新名称；drop 主题；seed 名称 种子词…；move 文本编号 主题（0 为不归入）；undo 步数…",
    )  # fmt: skip
    parser.add_argument("words", nargs="*", metavar="主题", help="主题写名称或编号")
    parser.add_argument("--name", default="", metavar="名称", help="合并后的名称，不写就按词命名")
    parser.add_argument("--parts", type=int, default=2, metavar="个数", help="拆成几个主题")
    parser.add_argument(
        "--question", default="", metavar="题目", help="哪道题的主题，不写为全部文本"
    )


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.action == "undo":
        _undo(study, args.words, question=args.question)
    elif args.action:
        for fields in _EDITS[args.action](args):
            pipeline.add_topic_edit(study, fields, question=args.question)
    _tell(study, args.question, say)
    return 0


def _merge(args: argparse.Namespace) -> list[Fields]:
    return [{"do": "merge", "topics": args.words, "name": args.name}]


def _split(args: argparse.Namespace) -> list[Fields]:
    return [{"do": "split", "topic": word, "parts": args.parts} for word in _some(args, 1)]


def _rename(args: argparse.Namespace) -> list[Fields]:
    topic, name = _some(args, 2, most=2)
    return [{"do": "rename", "topic": topic, "name": name}]


def _drop(args: argparse.Namespace) -> list[Fields]:
    return [{"do": "drop", "topic": word} for word in _some(args, 1, most=1)]


def _seed(args: argparse.Namespace) -> list[Fields]:
    name, *words = _some(args, 2)
    return [{"do": "seed", "name": name, "words": words}]


def _move(args: argparse.Namespace) -> list[Fields]:
    text, topic = _some(args, 2, most=2)
    return [{"do": "move", "text": text, "to": None if topic == "0" else topic}]


_EDITS: Mapping[str, Callable[[argparse.Namespace], list[Fields]]] = {
    "merge": _merge, "split": _split, "rename": _rename, "drop": _drop, "seed": _seed, "move": _move,
}  # fmt: skip


def _some(args: argparse.Namespace, least: int, *, most: int | None = None) -> list[str]:
    """What stands behind the action, if it is as much as it needs (BadParameter)."""
    words: list[str] = args.words
    if len(words) < least or (most and len(words) > most):
        exactly = f"{least} 项" if most == least else f"至少 {least} 项"
        raise BadParameter(f"topics {args.action}", f"后面要写{exactly}")
    return words


def _undo(study: Study, steps: Sequence[str], *, question: str) -> None:
    """Take edits back by their number in the list; the last one where none is named."""
    known = pipeline.topic_edits(study, question=question)
    if not known:
        raise BadParameter("undo", "还没有主题编辑")
    wanted = steps or [str(len(known))]
    if wrong := [s for s in wanted if not s.isdecimal() or not 1 <= int(s) <= len(known)]:
        raise BadParameter("undo", f"没有第 {wrong[0]} 步，一共 {len(known)} 步")
    pipeline.remove_topic_edits(study, [known[int(s) - 1].index for s in wanted])


def _tell(study: Study, question: str, say: Say) -> None:
    for row in pipeline.topics(study, question=question).to_dicts():
        words = f"：{row['top_words']}" if row["top_words"] else ""
        say(f"{row['topic']} {row['label']}，{count(row['n_texts'])} 条，{count(row['n_people'])} 人（{percent(row['share'])}）{words}")  # fmt: skip
    for at, edit in enumerate(pipeline.topic_edits(study, question=question), 1):
        say(f"第 {at} 步 {edit.told}{f'，没有应用：{edit.why}' if edit.why else ''}")


COMMAND = Command("topics", "主题：查看、合并、拆分、改名、删除、加种子词、移动文本、撤销", arguments, act)  # fmt: skip
