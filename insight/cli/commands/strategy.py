"""python -m insight strategy: the suggestions, the rule book behind them, and the actions that were promised."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, file_bytes, folder
from insight.errors import BadParameter, BadPlaybook
from insight.study import Study
from insight.wording import count, decimal, money, percent

MOST_TOLD = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    book = parser.add_mutually_exclusive_group()
    book.add_argument("--export", type=Path, metavar="文件", help="规则库写成 YAML 文件")
    book.add_argument(
        "--import", dest="file", type=Path, metavar="文件", help="用这个 YAML 文件作规则库"
    )
    book.add_argument("--reset", action="store_true", help="恢复自带的规则库")
    book.add_argument("--facts", action="store_true", help="列出条件里可以用的事实")
    parser.add_argument("--check", action="store_true", help="与 --import 一起用：只检查，不记录")
    parser.add_argument("--promise", type=int, metavar="名次", help="把这一条建议登记为要做的行动")
    parser.add_argument("--owner", default="", help="行动的负责人，默认取自规则库")
    parser.add_argument("--due", default="", metavar="日期", help="行动的截止日")
    parser.add_argument("--campaign", default="", metavar="名称", help="由哪次登记过的活动执行")
    parser.add_argument("--promises", action="store_true", help="列出登记过的行动")
    parser.add_argument("--done", type=int, metavar="序号", help="这个行动已完成")
    parser.add_argument("--drop", type=int, metavar="序号", help="删除这个行动")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.facts:
        for label, name, meaning in pipeline.facts_told():
            say(f"{label}（{name}）：{meaning}")
    elif args.export:
        folder(args.export.parent)
        args.export.write_text(pipeline.playbook_text(study), "utf-8")
        say(f"规则库 → {args.export}")
    elif args.file or args.reset:
        _take(study, args, say)
    elif args.promise is not None:
        own = {"owner": args.owner, "due": _day(args.due), "campaign": args.campaign}
        pipeline.promise(study, args.promise, own=own)
        _promises(study, say)
    elif args.promises or args.done is not None or args.drop is not None:
        _change(study, args)
        _promises(study, say)
    else:
        _board(study, say)
    return 0


def _take(study: Study, args: argparse.Namespace, say: Say) -> None:
    text = "" if args.reset else _text(args.file)
    book = pipeline.check_playbook(text)
    if not args.check:
        pipeline.set_playbook(study, text)
    say(f"规则库有 {count(len(book.rules))} 条规则{'，可以使用' if args.check else '，已记录'}")


def _text(path: Path) -> str:
    try:
        return file_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPlaybook(f"“{path.name}”不是 UTF-8 文本", "请另存为 UTF-8。") from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadParameter("--due", "应为 2025-11-01 这样的日期") from error


def _change(study: Study, args: argparse.Namespace) -> None:
    if args.done is not None:
        pipeline.edit_promise(study, args.done - 1, is_done=True)
    if args.drop is not None:
        pipeline.drop_promise(study, args.drop - 1)


def _promises(study: Study, say: Say) -> None:
    known = pipeline.promises(study)
    for at, one in enumerate(known, start=1):
        due = f"，{one.due} 前" if one.due else ""
        state = "已完成" if one.is_done else "未完成"
        say(f"{at}. {one.title}（{one.target}，{count(one.n_customers)} 人，{one.owner}{due}，{state}）")  # fmt: skip
    if not known:
        say("还没有登记过行动")


def _board(study: Study, say: Say) -> None:
    rows = pipeline.run(study, "strategy").tables["actions"].head(MOST_TOLD).rows(named=True)
    for row in rows:
        say(
            f"{row['rank']}. {row['target']}：{row['brief']}（{count(row['n_customers'])} 人，预计消费 {money(row['expected_spend'])}，"
            f"置信度 {percent(row['confidence'], digits=0)}，优先级 {decimal(row['priority'], digits=1)}）"
        )
        say(f"   依据：{row['because']}")
    if not rows:
        say("没有哪一组符合规则库的条件")


COMMAND = Command("strategy", "策略建议、规则库和登记过的行动", arguments, act)
