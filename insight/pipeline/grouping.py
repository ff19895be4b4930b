"""The names of the RFM groups: what they are in a study, and new ones as a new revision."""

from __future__ import annotations

from collections.abc import Mapping

from insight import study as store
from insight.errors import BadSegmentNames
from insight.pipeline.changing import change, newest
from insight.segmentation.names import (
    SCHEME_LABELS,
    Groups,
    Scheme,
    default_groups,
    groups_of,
    named_codes,
    read_toml,
    written_toml,
)
from insight.study import Revision, Study


def segment_names(study: Study) -> dict[Scheme, Groups]:
    """Both maps as the study has them: edited or default groups, most valuable first."""
    edited = store.head(study).recipe.segment_names
    return {scheme: groups_of(scheme, edited) for scheme in SCHEME_LABELS}


def set_segment_names(
    study: Study, maps: Mapping[Scheme, Groups], *, parent: int | None = None
) -> Revision:
    """Record maps; those that are absent stay, a map equal to the default is the default again.

    Raises
    ------
    BadSegmentNames : a map does not name every code exactly once; nothing was written.
    Conflict : somebody changed the study since ``parent``.
    """
    for scheme, groups in maps.items():
        named_codes(groups, scheme=scheme)
    before = newest(study, parent)
    chosen: dict[str, Groups] = dict(before.recipe.segment_names)
    chosen.update({str(scheme): groups for scheme, groups in maps.items()})
    edited = {s: g for s in SCHEME_LABELS if (g := chosen.get(s)) and g != default_groups(s)}
    return change(study, before, note="修改分层名称", segment_names=edited)


def reset_segment_names(study: Study, *, parent: int | None = None) -> Revision:
    """Go back to the default names of both maps (Conflict)."""
    return set_segment_names(study, {s: default_groups(s) for s in SCHEME_LABELS}, parent=parent)


def segment_names_text(study: Study) -> str:
    """Both maps as TOML, to be edited and read back."""
    return written_toml(segment_names(study))


def read_segment_names(data: bytes) -> dict[Scheme, Groups]:
    """The maps of a TOML file, checked (BadSegmentNames)."""
    try:
        maps = read_toml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadSegmentNames("文件不是 UTF-8 编码的文本") from error
    for scheme, groups in maps.items():
        named_codes(groups, scheme=scheme)
    return maps
