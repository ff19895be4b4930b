"""python -m insight questions: every question with its kind, base and options; and other kinds for them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from insight import pipeline
from insight import study as store
from insight.cli import deciding
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.pipeline import Asked
from insight.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--source", help="只看或只改这个文件的题目；只有一份问卷时不用写")
    deciding.arguments(parser)


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if deciding.is_deciding(args):
        index = _source(study, args.source)
        head = store.head(study)
        decisions = deciding.decided(args, head.recipe.sources[index].decisions)
        pipeline.decide(study, index, decisions, parent=head.id)
    shown = pipeline.questions(study, _source(study, args.source) if args.source else None)
    if args.json:
        say(json.dumps([asdict(q) for q in shown], ensure_ascii=False, indent=2))
        return 0
    for question in shown:
        _tell(question, say)
    return 0


def _source(study: Study, name: str | None) -> int:
    """The questionnaire file that is meant.

    Raises
    ------
    BadParameter : none, or several and none named.
    """
    surveys = {
        at: s.name
        for at, s in enumerate(store.head(study).recipe.sources)
        if s.table == "responses"
    }
    found = [at for at, known in surveys.items() if name in (None, known)]
    if len(found) != 1:
        listed = "、".join(surveys.values()) or "还没有问卷"
        raise BadParameter("--source", f"请写明是哪一个文件（{listed}）")
    return found[0]


def _tell(question: Asked, say: Say) -> None:
    silent = (("未被问到", question.n_not_asked), ("未答", question.n_missing), ("拒答", question.n_refused))  # fmt: skip
    absent = "".join(f"，{label} {n:,}" for label, n in silent if n)
    say(f"{question.id}［{question.kind_label}］{question.wording}")
    mark = pipeline.SEPARATOR_LABELS.get(question.separator, question.separator)
    split = f"；选项之间用“{mark}”" if question.separator else ""
    say(f"  基数：{question.base}，{question.n_base:,} 份{absent}{split}")
    for label, code, n in question.options:
        say(f"    {f'{code} ' if code and code != label else ''}{label}：{n:,}")


COMMAND = Command("questions", "查看题目的题型、基数和选项，或改题型", arguments, act)
