"""What is decided about the cleaning of one file on the command line: its rules, and the order of day and month."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from insight.cli.parsing import pairs
from insight.errors import BadParameter
from insight.schema import Decisions

_SWITCH: Mapping[str, bool] = {
    "on": True, "yes": True, "true": True, "开": True, "是": True, "off": False, "no": False, "false": False, "关": False, "否": False,
}  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --rule and --day-first."""
    pairs(parser, "--rule", metavar="规则=on|off", text="订单清洗规则，如 cancelled=off；全部规则见 clean 命令")  # fmt: skip
    parser.add_argument("--day-first", metavar="yes|no", help="3/5/2024 这样的日期：yes 读作 5 月 3 日，no 读作 3 月 5 日")  # fmt: skip


def decided(args: argparse.Namespace, before: Decisions) -> Decisions:
    """What was decided before, with what the command line adds (BadParameter where that is no switch)."""
    rules = {key: _switch("--rule", value) for key, value in args.rule}
    first = before.day_first if args.day_first is None else _switch("--day-first", args.day_first)
    return before.model_copy(update={"rules": {**before.rules, **rules}, "day_first": first})


def is_deciding(args: argparse.Namespace) -> bool:
    """Whether anything is decided."""
    return bool(args.rule) or args.day_first is not None


def _switch(name: str, written: str) -> bool:
    if written.lower() not in _SWITCH:
        raise BadParameter(name, f"“{written}”不是开关，可写 on、off、yes、no")
    return _SWITCH[written.lower()]
