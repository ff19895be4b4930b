"""The glossary of glossary.toml: one Chinese name for every column and table that results carry."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_GLOSSARY = tomllib.loads(Path(__file__).with_name("glossary.toml").read_text(encoding="utf-8"))

LABELS: Mapping[str, str] = MappingProxyType(_GLOSSARY["columns"])
TABLE_LABELS: Mapping[str, str] = MappingProxyType(_GLOSSARY["tables"])
OWN_TABLE_LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(_GLOSSARY["own_tables"])
