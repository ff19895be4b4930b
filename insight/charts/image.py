"""A chart as SVG or PNG on a machine without a browser and without any Chinese font."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from typing import Any

import altair as alt
import vl_convert
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from insight.charts.look import CONFIG, FONT_FILE

_GETA = "〓"  # what Chinese typesetters print for a character their font lacks
_ID = re.compile(r'\bid="([^"]+)"')
_ID_USE = re.compile(r'(\bid="|url\(#)([^")]+)("|\))')
_INVISIBLE = frozenset({"Cc", "Cf", "Mn", "Zl", "Zp"})


def to_svg(chart: alt.TopLevelMixin) -> str:
    """Draw ``chart`` as SVG.

    Text stays text: it can be searched, copied and read aloud, the file is a tenth of the size,
    and a reader's browser has a Chinese font (the font list names those of Windows and macOS).
    Only pictures, which cannot borrow the reader's font, are drawn with the bundled one.
    """
    _fonts()
    svg: str = vl_convert.vegalite_to_svg(_spec(chart), config=dict(CONFIG), allowed_base_urls=[])
    return _renumbered(svg)


def to_png(chart: alt.TopLevelMixin, *, scale: float = 2.0) -> bytes:
    """Draw ``chart`` as PNG with the bundled font, ``scale`` pixels per CSS pixel.

    A character the font lacks (an emoji, a private-use character) is printed as 〓, never as an
    empty box of some other font.
    """
    _fonts()
    text = json.dumps(_spec(chart), ensure_ascii=False)
    for character in missing_glyphs(text):
        text = text.replace(character, _GETA)
    png: bytes = vl_convert.vegalite_to_png(
        text, scale=scale, config=dict(CONFIG), allowed_base_urls=[]
    )
    return png


def missing_glyphs(text: str) -> set[str]:
    """The visible characters of ``text`` that the bundled font cannot draw.

    >>> missing_glyphs("高客单 镕喆 ¥1,234")
    set()
    """
    return {c for c in set(text) - _drawable() if unicodedata.category(c) not in _INVISIBLE}


def _spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict(validate=False)
    return {key: value for key, value in spec.items() if key != "config"}


def _renumbered(svg: str) -> str:
    """Count ids from 0 in each picture; the drawing library counts on from picture to picture."""
    names = dict.fromkeys(_ID.findall(svg))
    own = {name: f"clip{at}" for at, name in enumerate(names)}
    return _ID_USE.sub(lambda match: f"{match[1]}{own.get(match[2], match[2])}{match[3]}", svg)


@cache
def _fonts() -> None:
    vl_convert.register_font_directory(str(FONT_FILE.parent))


@cache
def _drawable() -> frozenset[str]:
    with TTFont(FONT_FILE, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))
