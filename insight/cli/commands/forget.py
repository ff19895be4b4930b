"""python -m insight forget: delete one person from a study for good."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--phone", metavar="手机号")
    who.add_argument("--id", dest="customer_id", metavar="客户编号")
    who.add_argument("--email", metavar="邮箱")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    kind, value = next((k, v) for k in pipeline.KIND_LABELS if (v := getattr(args, k)) is not None)
    done = pipeline.forget(study, kind, value)
    say(f"已删除。证明编号 {done.certificate}（{done.at}，第 {done.revision} 版）")
    for name, n in done.rows.items():
        say(f"  {name}：{n:,} 行")
    if done.n_cells:
        say(f"  另有 {done.n_cells:,} 格里的号码已抹去")
    say(
        "研究文件夹里写出的 results 和 output 也已删除，需要时重新运行；以前的备份和已经交出去的名单、报告请另行处理。"
    )
    if held := pipeline.copies_in_words(done.copies):
        say(held)
    return 0


COMMAND = Command("forget", "按手机号、客户编号或邮箱删除一个人", arguments, act)
