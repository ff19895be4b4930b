"""What is decided about single questions on the command line: kind, separator, options, missing values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from insight import pipeline
from insight.cli.parsing import pairs
from insight.errors import BadParameter
from insight.schema import MISSING_LABELS, Decisions, Missing

_SPELT: Mapping[str, str] = {"\\n": "\n", "换行": "\n", "不拆分": "", "none": ""}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --kind, --separator, --options and --missing."""
    pairs(parser, "--kind", metavar="题号=题型", text="题型，如 Q6=多选 或 Q6=multi")
    pairs(parser, "--separator", metavar="题号=符号", text="一格里几个选项之间的符号，换行写“换行”")
    pairs(parser, "--options", metavar="题号=甲|乙", text="全部选项，选项里有分隔符时不会被拆开")
    pairs(
        parser,
        "--missing",
        metavar="题号.值=原因",
        text="如 Q7.99=拒答；原因为未被问到、未答或拒答",
    )


def decided(args: argparse.Namespace, before: Decisions) -> Decisions:
    """What was decided before, with what the command line adds.

    Raises
    ------
    UnknownName, BadParameter : no such kind or reason, or a value without its question.
    """
    missing = {question: dict(codes) for question, codes in before.missing.items()}
    for place, reason in args.missing:
        question, dot, value = place.partition(".")
        if not dot or not value:
            raise BadParameter("--missing", f"“{place}”应写成 题号.值，如 Q7.99")
        missing.setdefault(question, {})[value] = _reason(reason)
    told = {
        "kinds": {**before.kinds, **{q: pipeline.kind_of(k) for q, k in args.kind}},
        "separators": {**before.separators, **{q: _SPELT.get(m, m) for q, m in args.separator}},
        "options": {**before.options, **{q: tuple(o.split("|")) for q, o in args.options}},
        "missing": missing,
    }
    return before.model_copy(update={name: value for name, value in told.items() if value})


def is_deciding(args: argparse.Namespace) -> bool:
    """Whether anything is decided."""
    return bool(args.kind or args.separator or args.options or args.missing)


def _reason(written: str) -> Missing:
    known = {label: Missing(name) for name, label in MISSING_LABELS.items()}
    known |= {m.value: m for m in Missing}
    if written not in known:
        raise BadParameter(
            "--missing", f"“{written}”不是原因，可写 {'、'.join(MISSING_LABELS.values())}"
        )
    return known[written]
