"""Saved banners: the breaks of a table under a name, to put over all questions at once."""

from __future__ import annotations

from collections.abc import Sequence

from insight import study as store
from insight.errors import BadParameter, UnknownName
from insight.pipeline.changing import change, newest
from insight.pipeline.choices import choices
from insight.study import Revision, Study
from insight.tabulation.banners import NESTED, parts_of

_LONGEST = 40  # characters of a name


def banners(study: Study) -> dict[str, tuple[str, ...]]:
    """Name -> breaks of every saved banner; nested breaks are written "rfm × Q2"."""
    return dict(store.head(study).recipe.banners)


def save_banner(
    study: Study, name: str, breaks: Sequence[str], *, parent: int | None = None
) -> Revision:
    """Record a banner, or other breaks for one of that name.

    Raises
    ------
    BadParameter : the name is empty or too long, or there are no breaks.
    UnknownName : there is no such break.
    Conflict : somebody changed the study since ``parent``.
    """
    before, told = newest(study, parent), name.strip()
    if not told or len(told) > _LONGEST:
        raise BadParameter("表头名称", f"要有 1 到 {_LONGEST} 个字")
    keys = tuple(dict.fromkeys(NESTED.join(parts_of(key)) for key in breaks))
    if not any(keys):
        raise BadParameter("表头", "至少要有一个人群")
    known = choices(study)["crossing"]
    for part in (part for key in keys for part in parts_of(key)):
        if part not in known:
            raise UnknownName("分组变量", part, list(known))
    kept = {**before.recipe.banners, told: keys}
    return change(study, before, note=f"保存表头 {told}", banners=kept)


def remove_banner(study: Study, name: str, *, parent: int | None = None) -> Revision:
    """Forget a banner (UnknownName, Conflict)."""
    before = newest(study, parent)
    kept = dict(before.recipe.banners)
    if kept.pop(name, None) is None:
        raise UnknownName("表头", name, list(kept))
    return change(study, before, note=f"删除表头 {name}", banners=kept)
