"""What is known of single words: the lists of ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _told() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@cache
def listed(name: str) -> frozenset[str]:
    """The words of one list.

    >>> "京东" in listed("actors")
    True
    """
    return frozenset(_told()[name].split())


@cache
def implied() -> Mapping[str, str]:
    """Adjective -> the noun that it names by itself (贵 is said of the price)."""
    return {word: noun for noun, words in _told()["implied"].items() for word in words.split()}
