"""python -m insight people: who stands behind one row of a result, masked; in the clear only with a reason."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import polars as pl

from insight import exports, pipeline
from insight.cli.parsing import Command, Say, folder, pair, pairs
from insight.errors import BadParameter
from insight.units import in_words
from insight.wording import count, money

MOST_SAID = 10  # people told on the terminal
SUFFIXES = (".csv", ".xlsx")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("key", metavar="分析")
    parser.add_argument(
        "row", nargs="+", type=pair, metavar="列=值", help="如 segment=重要价值客户"
    )
    parser.add_argument("--table", default="", help="结果里的哪张表，默认为有这些列的第一张")
    pairs(parser, "-p", metavar="参数=值", text="这一次用的参数")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, help="写入 csv（只有名单）或 xlsx（名单、订单、原话）")
    parser.add_argument("--clear", action="store_true", help="列出完整号码；要写 --reason，会记进操作记录")  # fmt: skip
    parser.add_argument("--reason", default="", metavar="理由", help="号码用来做什么")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    found = pipeline.people(study, args.key, dict(args.row), table=args.table, changes=dict(args.p))
    if args.clear:
        return _clear(pipeline.unmasked(study, found, reason=args.reason), args.out, say=say)
    if args.out:
        if warned := pipeline.alone_in_words(study, found.persons):
            say(warned)
        _write(found, args.out)
        pipeline.noted(study, "export", file=args.out.name, rows=found.persons.height)
    if args.json:
        say(json.dumps(_summary(found), ensure_ascii=False, indent=2))
    else:
        _tell(found, say)
    return 0


def _write(found: pipeline.People, path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise BadParameter("--out", f"只能写成 {' 或 '.join(SUFFIXES)}")
    lists = found.tables()
    folder(path.parent)
    data = exports.xlsx(lists) if path.suffix == ".xlsx" else exports.csv(lists["people"])
    path.write_bytes(data)


def _clear(people: pl.DataFrame, path: Path | None, *, say: Say) -> int:
    """Numbers in the clear: into a file that only its owner reads, else on the terminal."""
    if path is None:
        for one in people.iter_rows(named=True):
            known = (one["phone"], one["member_number"], one["email"])
            say("　".join((one["person"], *(word for word in known if word))))
        return 0
    if path.suffix != ".csv":
        raise BadParameter("--out", "完整号码只能写成 .csv")
    folder(path.parent)
    path.touch(mode=0o600)
    path.write_bytes(exports.csv(people))
    say(f"{count(people.height)} 人的完整号码 → {path}，用完请删除。")
    return 0


def _summary(found: pipeline.People) -> dict[str, object]:
    """The counts and, unless they are too few, the people."""
    listed = found.persons.drop("key").to_dicts() if found.may_leave else None
    return {
        "table": found.table,
        "row": {name: in_words(found.row[name], column=name) for name in found.names},
        "unit": found.unit,
        "n": found.n,
        "base": found.row.get("base"),
        "n_people": found.persons.height,
        "n_lines": found.n_lines,
        "n_texts": found.quotes.height,
        "people": listed,
    }


def _tell(found: pipeline.People, say: Say) -> None:
    named = "｜".join(in_words(found.row[name], column=name) for name in found.names)
    say(f"{named}：{found.in_words}")
    say(f"  订单明细 {count(found.n_lines)} 行，原话 {count(found.quotes.height)} 段")
    if not found.may_leave:
        say(f"  不到 {pipeline.FEWEST} 人，不列名单")
        return
    for one in found.persons.head(MOST_SAID).to_dicts():
        say(f"  {one['person']}：{one['segment'] or '未分层'}，消费 {money(one['spend'])}")


COMMAND = Command("people", "看一个数字背后的人：名单、订单和原话", arguments, act)
