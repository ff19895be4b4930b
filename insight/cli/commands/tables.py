"""python -m insight tables: every closed question under every head, as one workbook."""

from __future__ import annotations

import argparse
from pathlib import Path

from insight import pipeline
from insight.cli.parsing import Command, Say, folder, listed, pairs
from insight.errors import BadParameter


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--breaks", default="", metavar="人群", help="一个人群一页，用逗号分开，嵌套用 ×，如 rfm,Q2 × Q3")  # fmt: skip
    parser.add_argument("--banner", action="append", default=[], metavar="表头", help="已存的表头，一个一页，可以写几次")  # fmt: skip
    parser.add_argument("--show", default="share", metavar="内容", help="每个选项的行：share（占比）、n（人数）、tgi，用逗号分开")  # fmt: skip
    pairs(parser, "-p", metavar="参数=值", text="交叉表的参数，如 weight=none、correction=holm")
    parser.add_argument("-o", "--out", type=Path, metavar="文件", help="xlsx 文件，默认为研究文件夹下的 output")  # fmt: skip


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    path = args.out or args.study / "output" / pipeline.BOOK_FILE
    if path.suffix != ".xlsx":
        raise BadParameter("--out", "只能写成 .xlsx")
    folder(path.parent)
    breaks, show = (listed(text) for text in (args.breaks, args.show))
    pipeline.write_tables(study, path, breaks=breaks, heads=args.banner, show=show, changes=dict(args.p))  # fmt: skip
    say(f"交叉表册 → {path}")
    return 0


COMMAND = Command("tables", "写出全部题目的交叉表册（xlsx）", arguments, act)
