"""Charts on a slide whose numbers the reader can edit."""

from __future__ import annotations

from typing import Any

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE as SHAPE
from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.chart import XL_MARKER_STYLE as MARKER
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from insight.charts.look import INK, PALETTE
from insight.report.deck_file import Box, clean
from insight.report.deck_shapes import colour, emu
from insight.report.native import BASE, Native

LONGEST_NAME = 24
MOST_LABELLED = 25
_CROWDED = 24  # bars: with more the type is smaller
_GAPS = ((1, 500), (2, 300), (4, 110))  # up to so many bars -> the gap beside each [% of its width]
_SHAPES = {
    "bars": SHAPE.BAR_CLUSTERED, "stacked": SHAPE.BAR_STACKED, "floating": SHAPE.BAR_STACKED, "lines": SHAPE.LINE,
    "curves": SHAPE.XY_SCATTER_LINES_NO_MARKERS, "points": SHAPE.XY_SCATTER,
}  # fmt: skip
_LYING, _FREE = ("bars", "stacked", "floating"), ("points", "curves")
_LIGHT = PALETTE[3]  # dark figures can be read on it and beside it
_DARK = 0.45  # a colour below this brightness is written on in white


def chart(slide: Slide, box: Box, drawn: Native) -> None:
    """A native chart: its numbers are edited by a right click."""
    data = _points(drawn) if drawn.kind in _FREE else _categories(drawn)
    made: Chart = slide.shapes.add_chart(_SHAPES[drawn.kind], *emu(box), data).chart
    made.has_title = False
    made.font.size, made.font.color.rgb = (
        Pt(9 if _n_bars(drawn) > _CROWDED else 11),
        colour("#4A5260"),
    )
    made.has_legend = len(drawn.series) > 1 and drawn.kind != "floating"
    if made.has_legend:
        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(made, drawn)
    seen = [series for series in made.plots[0].series if series.name != BASE]
    for at, series in enumerate(seen):
        _painted(series, _LIGHT if drawn.kind == "floating" else PALETTE[at % len(PALETTE)], drawn)
    if drawn.kind == "points":
        _named_points(made, drawn)
    elif drawn.kind in _LYING:
        _labelled(made, drawn)


def _n_bars(drawn: Native) -> int:
    """How many bars lie below each other; 0 of lines and points."""
    beside = len(drawn.series) if drawn.kind == "bars" else 1
    return len(drawn.categories) * beside if drawn.kind in _LYING else 0


def _categories(drawn: Native) -> CategoryChartData:
    data = CategoryChartData(number_format=drawn.number_format)
    data.categories = [clean(_short(name)) for name in drawn.categories]
    for name, values in drawn.series.items():
        data.add_series(clean(name), values)
    return data


def _points(drawn: Native) -> XyChartData:
    data = XyChartData(number_format=drawn.number_format)
    for name, pairs in drawn.series.items():
        series = data.add_series(clean(name))
        for x, y in pairs:
            series.add_data_point(x, y)
    return data


def _short(name: str) -> str:
    one_line = name.replace("\n", " ")
    return one_line if len(one_line) <= LONGEST_NAME else f"{one_line[: LONGEST_NAME - 1]}…"


def _axes(made: Chart, drawn: Native) -> None:
    value, other = made.value_axis, made.category_axis
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = drawn.number_format, False  # fmt: skip
    value.major_gridlines.format.line.color.rgb = colour("#E6E9ED")
    value.format.line.fill.background()
    other.format.line.color.rgb = colour("#D5DAE1")
    other.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if drawn.kind in _LYING:
        other.reverse_order = True  # the first on top
        value.visible = False
        value.has_major_gridlines = False
    if drawn.kind in _FREE:
        value.tick_label_position = XL_TICK_LABEL_POSITION.LOW
        other.tick_labels.number_format, other.tick_labels.number_format_is_linked = (
            "General",
            False,
        )
        for axis, title in zip((other, value), drawn.axes, strict=True):
            axis.has_title = True
            axis.axis_title.text_frame.text = clean(title)
        other.has_major_gridlines = False
        value.has_major_gridlines = drawn.kind == "curves"


def _painted(series: Any, shade: str, drawn: Native) -> None:  # noqa: ANN401 (of either kind)
    """One colour a series; lines thin and plain, points round."""
    if drawn.kind in _LYING:
        series.invert_if_negative = False
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour(shade)
        return
    if drawn.kind == "points":
        series.format.line.fill.background()
        series.marker.style, series.marker.size = MARKER.CIRCLE, 9
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = colour(shade)
        series.marker.format.line.fill.background()
        return
    series.smooth = False
    series.format.line.width, series.format.line.color.rgb = Pt(2), colour(shade)


def _labelled(made: Chart, drawn: Native) -> None:
    """The value at the end of every bar; of stacked bars inside, in the ink that can be read there."""
    plot = made.plots[0]
    n = _n_bars(drawn)
    plot.gap_width = next((gap for most, gap in _GAPS if n <= most), 45)
    if drawn.kind == "bars":
        plot.overlap = 0 if len(drawn.series) == 1 else -5
    for at, series in enumerate(plot.series):
        if series.name == BASE:  # what bars float on is not seen
            series.format.fill.background()
            continue
        labels = series.data_labels
        labels.show_value = True
        labels.number_format, labels.number_format_is_linked = drawn.number_format, False
        labels.font.size = Pt(8 if n > _CROWDED else 10)
        if drawn.kind == "stacked":
            labels.font.color.rgb = colour(
                "#FFFFFF" if _brightness(PALETTE[at % len(PALETTE)]) < _DARK else INK
            )


def _brightness(shade: str) -> float:
    """From 0 (black) to 1 (white), as the eye sees it (ITU-R BT.601)."""
    red, green, blue = (int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _named_points(made: Chart, drawn: Native) -> None:
    """The name beside every point, if there are few enough to read."""
    if len(drawn.categories) > MOST_LABELLED:
        return
    names = iter(drawn.categories)
    for series, pairs in zip(made.plots[0].series, drawn.series.values(), strict=True):
        for at in range(len(pairs)):
            frame = series.points[at].data_label.text_frame
            frame.text = clean(_short(next(names)))
            for run in frame._txBody.iter(qn("a:r")):
                run.get_or_add_rPr().set("sz", "1000")
