"""python -m insight code: the codebook of a study and the codes that people gave, tried, read and written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from insight import exports, pipeline
from insight.cli.parsing import Command, Say, file_bytes, folder, steps
from insight.errors import BadParameter
from insight.schema.codebook import Code
from insight.study import Study
from insight.wording import count


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path)
    parser.add_argument("--import", dest="file", type=Path, metavar="文件", help="编码本：csv、xlsx 或 yaml，代替原来的")  # fmt: skip
    parser.add_argument("--starter", action="store_true", help="用内置的通用编码本开始")
    parser.add_argument("--export", type=Path, metavar="文件", help="编码本写成 csv、xlsx 或 yaml")
    parser.add_argument("--try", dest="rule", metavar="规则", help="只看一条规则找到什么，不记录")
    parser.add_argument("--need", metavar="需求", help="新增或修改一项需求，与 --rule 一起用")
    parser.add_argument("--rule", dest="rules", action="append", default=[], metavar="规则", help="这项需求的规则，可以写几次")  # fmt: skip
    parser.add_argument("--remove", metavar="需求", help="删除一项需求")
    parser.add_argument(
        "--codes", type=Path, metavar="文件", help="导入人工编码：文本编号、需求两列"
    )
    parser.add_argument("--codes-out", type=Path, metavar="文件", help="人工编码写成 csv 或 xlsx")
    parser.add_argument("--next", dest="n_next", type=int, metavar="条数", help="接下来最值得编码的几条，写到 --codes-out")  # fmt: skip
    parser.add_argument("--audit", dest="n_audit", type=int, metavar="条数", help="抽查用的随机样本，写到 --codes-out")  # fmt: skip
    parser.add_argument("--all", type=Path, metavar="文件", help="全部文本分批编码（人工编码满 50 条后由模型补充），写到 parquet 文件；多少文本都只占一批的内存")  # fmt: skip
    parser.add_argument("--engine", choices=get_args(pipeline.Engine), default="polars", help="--all 用的引擎；spark 写成一个文件夹")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="抽查样本的随机种子")
    parser.add_argument("--coder", default="", help="编码人，默认为设置里的作者")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    _change(study, args)
    if args.codes:
        n = pipeline.import_codes(study, file_bytes(args.codes), args.codes.name, coder=args.coder)
        say(f"已导入 {count(n)} 条人工编码")
    if args.rule:
        _try(study, args.rule, say)
    if args.export:
        _write(args.export, pipeline.codebook_files(study))
        say(f"编码本已写到 {args.export}")
    if args.codes_out:
        table = _asked(study, args)
        sheets = {"csv": exports.csv(table), "xlsx": exports.xlsx({"人工编码": table})}
        _write(args.codes_out, sheets)
        say(f"{count(len(table))} 行已写到 {args.codes_out}")
    if args.all:
        folder(args.all.parent)
        n = pipeline.code_all(study, args.all, engine=args.engine, progress=steps(say))
        pipeline.noted(study, "export", file=args.all.name, rows=n)
        say(f"{count(n)} 行已写到 {args.all}")
    if not any((args.rule, args.export, args.codes_out, args.codes, args.all)):
        _tell(study, say)
    return 0


def _change(study: Study, args: argparse.Namespace) -> None:
    """Carry out what changes the codebook, in the order of the options."""
    if args.starter:
        pipeline.set_codebook(study, pipeline.starter_codebook(), note="用通用编码本开始")
    if args.file:
        pipeline.import_codebook(study, file_bytes(args.file), args.file.name)
    if args.need:
        known = pipeline.codebook(study).named(args.need)
        code = Code(name=known.name if known else args.need, rules=tuple(args.rules))
        pipeline.save_code(study, code, instead_of=known.key if known else "")
    if args.remove:
        pipeline.remove_code(study, args.remove)


def _try(study: Study, rule: str, say: Say) -> None:
    found = pipeline.try_rule(rule, pipeline.searchable(study))
    say(f"{count(found.n)} 条文本符合，共 {count(found.base)} 条，{count(found.n_people)} 人")
    for text in found.examples:
        say(f"  {text}")


def _asked(study: Study, args: argparse.Namespace) -> Any:  # noqa: ANN401 (a table)
    if args.n_next is None and args.n_audit is None:
        return pipeline.codes_table(study)
    return pipeline.sheet_to_code(study, n_next=args.n_next or 0, n_audit=args.n_audit or 0, seed=args.seed, coder=args.coder)  # fmt: skip


def _write(path: Path, files: dict[str, bytes]) -> None:
    ending = {"yml": "yaml"}.get(path.suffix[1:].lower(), path.suffix[1:].lower())
    if ending not in files:
        raise BadParameter("文件名", f"要以 {'、'.join(f'.{e}' for e in files)} 结尾")
    path.write_bytes(files[ending])


def _tell(study: Study, say: Say) -> None:
    book = pipeline.codebook(study)
    if not book:
        say("还没有编码本。用 --starter 从通用编码本开始，或用 --import 导入。")
    for code in book.codes:
        say(f"{code.name}：{' ； '.join(code.rules) or '（没有规则）'}")
    by_hand = pipeline.coded(study)
    if by_hand:
        say(f"人工编码 {count(len(by_hand))} 条")


COMMAND = Command("code", "编码本与人工编码：查看、试规则、导入、导出、抽样", arguments, act)
