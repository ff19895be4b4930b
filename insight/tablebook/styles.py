"""How the cells of the workbook look: fonts, number formats, the shading of cells that differ from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Styles = Mapping[str, Any]
FONT = "微软雅黑"
_CODES: Mapping[str, str] = MappingProxyType({
    "base": "#,##0", "effective_base": "#,##0.0", "share": "0.0%", "row_share": "0.0%", "n": "#,##0", "tgi": "0", "mean": "0.00", "sd": "0.00", "median": "0.##",
})  # fmt: skip
ASIDE = frozenset(
    {"base", "effective_base", "row_share", "sd", "median", "n", "tgi"}
)  # beside the figures that are tested
_TINT = {"↑": "#DDEFE3", "↓": "#F7E3DC"}
_GREY, _LINE, _INK = "#6B7280", "#9CA3AF", "#1F3A5F"
_NAMED: Mapping[str, Mapping[str, object]] = MappingProxyType({
    "title": {"bold": True, "font_size": 14, "font_color": _INK}, "subtitle": {"font_color": _GREY}, "link": {"font_color": "#0B5CAD", "underline": 1},
    "heading": {"bold": True, "font_color": _INK, "top": 1, "top_color": _LINE, "bg_color": "#EEF2F7"},
    "group": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "bottom": 1, "bottom_color": _LINE},
    "head": {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True},
    "letter": {"align": "center", "bottom": 1, "font_color": _GREY},
    "label": {"indent": 1, "text_wrap": True, "valign": "top"}, "aside": {"indent": 1, "font_color": _GREY}, "mark": {"font_color": _INK},
    "note": {"text_wrap": True, "valign": "top", "font_color": _GREY}, "cell": {"valign": "top", "text_wrap": True}, "count": {"num_format": "#,##0"},
})  # fmt: skip


def styles_of(workbook: Any) -> Styles:  # noqa: ANN401 (xlsxwriter has no types)
    """Every format of the workbook: words by their use, figures by ``figure``."""
    named = {name: workbook.add_format(dict(look)) for name, look in _NAMED.items()}
    return named | {
        figure(kind, arrow): workbook.add_format(_look(kind, arrow))
        for kind in _CODES
        for arrow in ("", *_TINT)
    }


def figure(kind: str, arrow: str = "") -> str:
    """The name of the format of a figure; shaded where it lies above or below the rest."""
    return f"{kind}{arrow[:1]}"


def _look(kind: str, arrow: str) -> dict[str, object]:
    look: dict[str, object] = {"num_format": _CODES[kind], "align": "right", "valign": "top"}
    look |= {"font_color": _GREY} if kind in ASIDE else {}
    return look | ({"bg_color": _TINT[arrow]} if arrow else {})
