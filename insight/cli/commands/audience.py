"""python -m insight audience: build, look at, rename and remove named audiences."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insight import exports, pipeline
from insight.audiences.writing import HOW_TO
from insight.cli.parsing import Command, Say, file_bytes, folder, pair
from insight.errors import BadAudience, BadParameter
from insight.pipeline import Tried
from insight.schema.audiences import Rules, audience_of, rules_of
from insight.study import Study
from insight.wording import count, money, percent

_COUNTED = {"customer_id": "位客户", "respondent_id": "份答卷", "text_id": "段话"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = HOW_TO
    parser.add_argument("study", type=Path)
    parser.add_argument("--name", default="", help="人群的名称；已有这个名称时改它的规则")
    rule = parser.add_mutually_exclusive_group()
    rule.add_argument("--where", metavar="条件", help="写成一行的规则，如 '消费>=5000 且 NPS<=6 且 提到 售后'")  # fmt: skip
    rule.add_argument("--json", type=Path, metavar="文件", help="规则写成 JSON 的文件")
    parser.add_argument("--preview", action="store_true", help="只看有多少人，不保存")
    parser.add_argument("--list", action="store_true", help="列出全部人群和规则")
    parser.add_argument("--export-rules", type=Path, metavar="文件", help="全部人群写进 JSON 文件")
    parser.add_argument("--rename", type=pair, metavar="旧名=新名")
    parser.add_argument("--remove", metavar="名称")
    parser.add_argument(
        "--out", type=Path, metavar="文件", help="--name 这个人群的名单，csv 或 xlsx"
    )


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study)
    if args.rename:
        pipeline.rename_audience(study, *args.rename)
        say(f"人群“{args.rename[0]}”改名为“{args.rename[1]}”")
    if args.remove:
        pipeline.remove_audience(study, args.remove)
        say(f"已删除人群“{args.remove}”")
    if args.where is not None or args.json:
        _take(study, args, say)
    elif args.name and not args.out:
        raise BadParameter("--where", "没有写这个人群的条件")
    if args.export_rules:
        _export(study, args.export_rules)
    if args.list or not any((args.where, args.json, args.rename, args.remove, args.out, args.export_rules)):  # fmt: skip
        _list(study, say)
    if args.out:
        _people(study, args.name, args.out, say)
    return 0


def _take(study: Study, args: argparse.Namespace, say: Say) -> None:
    rule = pipeline.read_rule(study, args.where) if args.where is not None else _read(args.json)
    if not args.preview:
        known = [one.name for one, _ in pipeline.audiences(study)]
        audience = audience_of({"name": args.name, "rule": rule})
        instead = audience.name if audience.name in known else ""
        pipeline.save_audience(study, audience, instead_of=instead)
        say(f"已保存人群“{audience.name}”")
    _tell(pipeline.try_audience(study, rule), say)


def _read(path: Path) -> Rules:
    try:
        fields = json.loads(file_bytes(path))
    except ValueError as error:
        raise BadAudience(f"“{path.name}”不是 JSON") from error
    if isinstance(fields, dict) and "rule" in fields:
        return audience_of({"name": "未命名", **fields}).rule
    return rules_of(fields)


def _tell(found: Tried, say: Say) -> None:
    counted = _COUNTED[found.unit]
    money_told = "" if found.spend is None else f"，消费 {money(found.spend)}（{percent(found.share_of_spend)}）"  # fmt: skip
    share = percent(found.n / found.base) if found.base else "—"
    say(
        f"{found.sentence}：{count(found.n)} {counted}，占 {count(found.base)} {counted}的 {share}{money_told}"
    )
    if found.n_unclear:
        say(f"  另有 {count(found.n_unclear)} {counted}因缺少答卷、文本或订单无法判断，未计入")
    for at, step in enumerate(found.steps.to_dicts(), start=1):
        left = "" if step["n_so_far"] is None else f"，前面各条都符合 {count(step['n_so_far'])}"
        say(
            f"  {at}. {step['condition']}：{count(step['n'])}{left}，无法判断 {count(step['n_unclear'])}"
        )
    for sentence in found.unclear:
        say(f"  {sentence}")


def _list(study: Study, say: Say) -> None:
    known = pipeline.audiences(study)
    for one, sentence in known:
        say(f"{one.name}：{sentence}")
    if not known:
        say("还没有保存人群")


def _export(study: Study, path: Path) -> None:
    rules = [one.model_dump(mode="json") for one, _ in pipeline.audiences(study)]
    folder(path.parent)
    path.write_text(json.dumps(rules, ensure_ascii=False, indent=2), "utf-8")


def _people(study: Study, name: str, path: Path, say: Say) -> None:
    """Who is in, masked, as a file."""
    if path.suffix not in (".csv", ".xlsx"):
        raise BadParameter("--out", "只能写成 .csv 或 .xlsx")
    found = pipeline.people(study, "audiences", {"audience": name}, table="audiences")
    if warned := pipeline.alone_in_words(study, found.persons):
        say(warned)
    lists = found.tables()
    folder(path.parent)
    path.write_bytes(exports.xlsx(lists) if path.suffix == ".xlsx" else exports.csv(lists["people"]))  # fmt: skip
    say(f"名单（{count(found.n)} {_COUNTED[found.unit]}）→ {path}")


COMMAND = Command("audience", "按条件划出人群：消费、分层、答案和提到的话", arguments, act)
