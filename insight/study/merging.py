"""Two changes of one recipe: where each differs from what both began with, and both laid over each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from pydantic import ValidationError

from insight.errors import CannotMerge
from insight.study.model import Recipe

Path = tuple[str, ...]
Side = Literal["mine", "theirs"]
GONE: Final = "\0gone"
"""What stands for a part that one of two recipes has not; no recipe can hold it."""

# How deep below a field changes are told apart; a field that is not named here changes as a whole.
_DEPTHS: Mapping[str, int] = MappingProxyType(
    {
        "sources": 4, "lexicon": 3, "codebook": 3, "params": 2, "segment_names": 2, "banners": 2, "recodes": 2,
        "audiences": 2, "need_statements": 2, "topic_edits": 2, "campaigns": 2, "promises": 2, "report": 2,
    }
)  # fmt: skip
# Lists whose items are told apart by some of their fields, or by all that they hold.
_LISTS: Mapping[Path, tuple[str, ...]] = MappingProxyType(
    {
        ("sources",): ("name", "sheet", "table"), ("recodes",): (), ("audiences",): ("name",), ("need_statements",): ("need",),
        ("topic_edits",): (), ("campaigns",): ("name",), ("promises",): ("title", "target"), ("report",): (), ("codebook", "codes"): ("key",),
        ("lexicon", "words"): ("word",), ("lexicon", "synonyms"): ("word",), ("lexicon", "apart"): (), ("lexicon", "phrases"): (),
        ("lexicon", "stop_words"): (), ("lexicon", "kept_words"): (), ("lexicon", "rejected"): (),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a recipe before and after; GONE where it was not, or is no more.

    Attributes
    ----------
    path : field of the recipe, then the names of what lies below it
    """

    path: Path
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Clash:
    """One part that two changed in two ways."""

    path: Path
    base: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """Two changes laid over each other, and where they touched the same part."""

    recipe: Recipe
    clashes: tuple[Clash, ...]


def differences(old: Recipe, new: Recipe) -> tuple[Change, ...]:
    """What changed from ``old`` to ``new``, part by part; another order of a list is a change of the list."""
    return tuple(_differences((), _tree(old), _tree(new)))


def merged(
    base: Recipe, *, mine: Recipe, theirs: Recipe, choices: Mapping[Path, Side] = MappingProxyType({})
) -> Merged:  # fmt: skip
    """What both made of ``base``: parts that only one of them touched are taken from that one.

    Parameters
    ----------
    choices : path of a clash -> whose part counts; without a choice theirs does

    Raises
    ------
    CannotMerge : each is possible alone, but not both together.
    """
    clashes: list[Clash] = []
    tree = _merged((), (_tree(base), _tree(mine), _tree(theirs)), choices, clashes)
    try:
        return Merged(Recipe.model_validate(_plain((), tree)), tuple(clashes))
    except ValidationError as error:
        raise CannotMerge from error


def _tree(recipe: Recipe) -> dict[str, Any]:
    """A recipe as nested mappings; the items of lists under their names, in their order."""
    tree: dict[str, Any] = recipe.model_dump(mode="json")
    for path, fields in _LISTS.items():
        parent = tree if len(path) == 1 else tree[path[0]]
        parent[path[-1]] = _named(parent[path[-1]], fields)
    return tree


def _named(items: list[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        parts = [str(item[field]) for field in fields] or [json.dumps(item, ensure_ascii=False)]
        name = "\t".join(parts)
        same = sum(1 for known in found if known == name or known.startswith(f"{name}#"))
        found[f"{name}#{same + 1}" if same else name] = item
    return found


def _plain(path: Path, node: Any) -> Any:  # noqa: ANN401 (whatever a recipe holds)
    if path in _LISTS:
        return list(node.values())
    if len(path) < 2 and isinstance(node, dict):
        return {name: _plain((*path, name), below) for name, below in node.items()}
    return node


def _is_parted(path: Path, *nodes: Any) -> bool:  # noqa: ANN401
    """Whether changes below a path are told apart."""
    is_deep = not path or len(path) < _DEPTHS.get(path[0], 1)
    return is_deep and all(isinstance(node, dict) for node in nodes)


def _same(path: Path, one: Any, other: Any) -> bool:  # noqa: ANN401
    """Whether two parts are equal; lists below them in their order, too."""
    if one != other or not _is_parted(path, one, other):
        return bool(one == other)
    if path in _LISTS and list(one) != list(other):
        return False
    return all(_same((*path, name), one[name], other[name]) for name in one)


def _differences(path: Path, old: Any, new: Any) -> Iterator[Change]:  # noqa: ANN401
    if not _is_parted(path, old, new):
        if old != new:
            yield Change(path, old, new)
        return
    for name in dict.fromkeys((*old, *new)):
        yield from _differences((*path, name), old.get(name, GONE), new.get(name, GONE))
    if path in _LISTS and old == new and list(old) != list(new):
        yield Change(path, list(old), list(new))


def _merged(
    path: Path, nodes: tuple[Any, Any, Any], choices: Mapping[Path, Side], clashes: list[Clash]
) -> Any:  # noqa: ANN401
    base, mine, theirs = nodes
    if _same(path, mine, theirs) or _same(path, mine, base):
        return theirs
    if _same(path, theirs, base):
        return mine
    if _is_parted(path, mine, theirs):
        before = base if isinstance(base, dict) else {}
        each = {
            name: _merged((*path, name), (before.get(name, GONE), mine.get(name, GONE), theirs.get(name, GONE)), choices, clashes)
            for name in _order(before, mine, theirs)
        }  # fmt: skip
        return {name: node for name, node in each.items() if node != GONE}
    clashes.append(Clash(path, base, mine, theirs))
    return mine if choices.get(path) == "mine" else theirs


def _order(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> list[str]:
    """The names of both: in the order of whoever changed it, what only the other has behind them."""
    has_moved = [n for n in base if n in mine] != [n for n in mine if n in base]
    first, second = (mine, theirs) if has_moved else (theirs, mine)
    return list(dict.fromkeys((*first, *second)))
