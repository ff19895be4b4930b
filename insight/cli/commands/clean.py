"""python -m insight clean: how raw order rows became lines, step by step; and other rules for a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import pipeline
from insight import study as store
from insight.cli import ruling
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter
from insight.study import Study
from insight.wording import count, money


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("source", nargs="?", help="文件名或从 1 起的编号；只有一个订单文件时不用写")
    parser.add_argument("--json", action="store_true")
    ruling.arguments(parser)


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    index = _source(study, args.source)
    if ruling.is_deciding(args):
        head = store.head(study)
        decisions = ruling.decided(args, head.recipe.sources[index].decisions)
        pipeline.set_rules(
            study, index, decisions.rules, day_first=decisions.day_first, parent=head.id
        )
    steps = pipeline.steps_of(study, index)
    if steps is not None and args.json:
        say(json.dumps(steps.to_dicts(), ensure_ascii=False, indent=2))
        return 0
    for row in [] if steps is None else steps.to_dicts():
        switch = "" if row["applies"] else "（未启用）"
        met = f"符合 {count(row['n_met'])} 行 {money(row['amount_met'])}，" if row["n_met"] else ""
        left = f"剩 {count(row['n_rows'])} 行、{count(row['n_orders'])} 单、{money(row['amount'])}"
        say(f"{row['step']:12}{row['label']}{switch}：{met}{left}")
    for told in pipeline.dates_of(study, index).told:
        say(f"日期：{told}")
    return 0


def _source(study: Study, said: str | None) -> int:
    """The file that is meant (BadParameter where that is open, UnknownName where there is none)."""
    if said is not None:
        return pipeline.source_called(study, said)
    orders = [
        (at, s.name) for at, s in enumerate(store.head(study).recipe.sources) if s.table == "orders"
    ]
    if len(orders) != 1:
        listed = "、".join(name for _, name in orders) or "还没有订单"
        raise BadParameter("文件", f"请写明是哪一个文件（{listed}）")
    return orders[0][0]


COMMAND = Command("clean", "查看订单清洗的每一步，或改清洗规则和日期写法", arguments, act)
