"""Known exports as data: one TOML file each says how to recognise a platform and how to read it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from insight.errors import UnknownName
from insight.presets.model import Grain, Pattern, Preset, TestRule
from insight.presets.own import OwnPreset, checked_name, remove, save, stored, written

__all__ = [
    "Grain", "OwnPreset", "Pattern", "Preset", "TestRule", "catalogue", "checked_name", "facts", "find", "offered",
    "remove", "save", "stored", "written",
]  # fmt: skip


@cache
def catalogue() -> Mapping[str, Preset]:
    """Every preset by its key, in the order of the keys."""
    folder = files(__name__)
    texts = sorted(
        (f.name, f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".toml")
    )
    loaded = [Preset.model_validate(tomllib.loads(text)) for _, text in texts]
    return MappingProxyType({preset.key: preset for preset in loaded})


def find(key: str) -> Preset:
    """The preset called ``key``, by its key ("wjx_text") or its label ("问卷星·按文本").

    Raises
    ------
    UnknownName : there is none.
    """
    known = catalogue()
    found = known.get(key) or next((p for p in known.values() if p.label == key), None)
    if found is None:
        raise UnknownName("预设", key, tuple(known))
    return found


def facts(key: str, *, table: str) -> Preset:
    """How to read an export of "orders" or "responses": by its preset, by the generic one where ``key`` is ""."""
    return catalogue()[key or f"generic_{table}"]


def offered(table: str) -> tuple[Preset, ...]:
    """The presets a user may choose for ``table``, all but the generic one."""
    return tuple(p for p in catalogue().values() if p.table == table and p.platform)
