"""What a person may do: three roles, and the rights that each of them has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Right = Literal["view", "export_aggregate", "export_rows", "export_pii", "manage"]
Role = Literal["viewer", "analyst", "admin"]

_VIEWER: frozenset[Right] = frozenset({"view", "export_aggregate"})
_ANALYST: frozenset[Right] = _VIEWER | {"export_rows"}
_ADMIN: frozenset[Right] = _ANALYST | {"export_pii", "manage"}

EDIT: Right = "export_rows"
"""Changing a study takes the right to its rows: an analyst has both, a viewer neither."""
RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {"viewer": _VIEWER, "analyst": _ANALYST, "admin": _ADMIN}
)
ROLE_LABELS: Mapping[Role, str] = MappingProxyType(
    {"viewer": "查看者", "analyst": "分析师", "admin": "管理员"}
)
RIGHT_LABELS: Mapping[Right, str] = MappingProxyType(
    {
        "view": "查看",
        "export_aggregate": "导出汇总结果",
        "export_rows": "修改研究、导出脱敏名单",
        "export_pii": "查看和导出完整号码",
        "manage": "管理成员、备份和审计",
    }
)


def has(role: Role | None, right: Right) -> bool:
    """Whether a role gives a right; nobody (None) has any."""
    return role is not None and right in RIGHTS[role]
