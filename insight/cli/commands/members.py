"""python -m insight members: who may work on the server of a team, and with which role."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path

from insight import access, pipeline
from insight.access import EVERYWHERE, ROLE_LABELS, Member, Role, Rows
from insight.cli.parsing import Command, Say
from insight.errors import BadParameter

_ROLES: dict[str, Role] = {name: role for role, label in ROLE_LABELS.items() for name in (role, label)}  # fmt: skip
_ALL = "全部研究"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "不写选项就列出成员。和“管理·成员”页是同一份登记（INSIGHT_HOME 下），对方下一次点击就生效。"
    )
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--grant", nargs=2, metavar=("成员", "角色"), help=f"给邮箱或账号一个角色：{'、'.join(_ROLES)}")  # fmt: skip
    act.add_argument("--withdraw", metavar="成员", help="收回角色；不写 --study 时收回全部角色，并结束他的登录")  # fmt: skip
    parser.add_argument("--study", type=Path, metavar="研究", help="只管这一个研究；默认全部研究")
    parser.add_argument("--only", metavar="人群", help="和 --grant、--study 一起用：这位查看者在各页只看到这个人群的客户")  # fmt: skip
    parser.add_argument("--json", action="store_true")


def act(args: argparse.Namespace, say: Say) -> int:
    study = pipeline.opened(args.study).id if args.study else EVERYWHERE
    where, me = args.study.name if args.study else _ALL, access.actor().name
    if args.grant:
        person, told = args.grant
        rows = _rows(args)
        access.grant(person, _role(told), study=study, rows=rows, by=me)
        say(f"{person}：{where}，{ROLE_LABELS[_role(told)]}{_part(rows)}")
    elif args.withdraw:
        access.withdraw(args.withdraw, study=study, by=me)
        say(f"{args.withdraw}：{where}，已收回")
    elif args.only:
        raise BadParameter("--only", "要和 --grant 一起用")
    else:
        _list([one for one in access.members() if not args.study or study in one.roles], say, as_json=args.json)  # fmt: skip
    return 0


def _rows(args: argparse.Namespace) -> Rows | None:
    """The customers that whoever is given a role may see; None: all."""
    if not args.only:
        return None
    if not args.study:
        raise BadParameter("--only", "要和 --study 一起用")
    return pipeline.rows_rule(pipeline.opened(args.study), args.only)


def _part(rows: Rows | None) -> str:
    return f"，只看人群“{rows.audience}”" if rows else ""


def _role(told: str) -> Role:
    if told not in _ROLES:
        raise BadParameter("--grant", f"没有角色“{told}”，可选 {'、'.join(_ROLES)}")
    return _ROLES[told]


def _list(found: list[Member], say: Say, *, as_json: bool) -> None:
    if as_json:
        told = [{"person": m.person, "name": m.name, "seen": m.seen, "roles": dict(m.roles), "rows": {study: rows.audience for study, rows in m.rows.items()}, "is_fixed": m.is_fixed} for m in found]  # fmt: skip
        say(json.dumps(told, ensure_ascii=False, indent=2))
        return
    names = {pipeline.opened(path).id: name for name, path in pipeline.studies().items()}
    for one in found:
        say(_line(one, names | {EVERYWHERE: _ALL}))
    if not found:
        say("还没有成员。")


def _line(one: Member, names: dict[str, str]) -> str:
    """A member, when they were there last, and each of their roles."""
    roles = "，".join(f"{names.get(study, '已删除的研究')}：{ROLE_LABELS[role]}{_part(one.rows.get(study))}" for study, role in one.roles.items())  # fmt: skip
    seen = f"上次登录 {datetime.fromtimestamp(one.seen):%Y-%m-%d %H:%M}" if one.seen else "还没有登录过"  # fmt: skip
    fixed = "（由 INSIGHT_ADMIN 指定）" if one.is_fixed else ""
    return f"{one.person}　{roles or '等待授权'}{fixed}　{seen}"


COMMAND = Command("members", "团队服务器的成员：列出、给角色、收回角色", arguments, act)
