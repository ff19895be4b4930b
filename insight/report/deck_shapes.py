"""What stands on a slide: words, native tables, charts whose numbers the reader can edit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE as SHAPE
from pptx.enum.chart import XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.util import Emu, Pt

from insight.charts.look import ACCENT, INK, LABEL, NEUTRAL, PALETTE
from insight.report.blocks import Grid, Run, Slot
from insight.report.deck_file import Box, clean
from insight.report.native import Native

MOST_ROWS, MOST_COLUMNS = 12, 8
LONGEST_NAME = 24
MOST_LABELLED = 25
_SHAPES = {
    "bars": SHAPE.BAR_CLUSTERED, "stacked": SHAPE.BAR_STACKED, "lines": SHAPE.LINE, "points": SHAPE.XY_SCATTER,
}  # fmt: skip
_SHARE = re.compile(r"^(\d+(?:\.\d+)?)%")
_WHITE, _HEAT = (255, 255, 255), (105, 185, 247)


def colour(hexadecimal: str) -> RGBColor:
    """A colour of the charts' palette."""
    return RGBColor.from_string(hexadecimal.lstrip("#"))


def words(slide: Slide, box: Box, paragraphs: Sequence[Sequence[Run]], *, size: float) -> None:
    """Paragraphs in a text box; ids are small and grey."""
    frame = slide.shapes.add_textbox(*_emu(box)).text_frame
    frame.word_wrap = True
    for at, runs in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.space_after, paragraph.line_spacing = Pt(size * 0.5), 1.15
        for one in runs:
            run = paragraph.add_run()
            run.text = clean(one.text)
            run.font.size = Pt(size * 0.6 if one.look == "quiet" else size)
            shown = {"quiet": LABEL, "number": ACCENT}.get(one.look, INK)
            run.font.color.rgb = colour(shown)
            run.font.bold = one.look in ("strong", "number")


def table(slide: Slide, box: Box, grid: Grid) -> None:
    """The first rows and columns of a printed table, as a native table."""
    heads, rows = grid.heads[:MOST_COLUMNS], [row[:MOST_COLUMNS] for row in grid.rows[:MOST_ROWS]]
    has_head = any(head.text for head in heads)
    n_rows = len(rows) + has_head
    frame = slide.shapes.add_table(n_rows, len(heads), *_emu(box))
    made = frame.table
    made.first_row, made.horz_banding = has_head, False
    total = sum(head.width for head in heads)
    for column, head in zip(made.columns, heads, strict=True):
        column.width = Emu(int(box.width * head.width / total))
    for row in made.rows:
        row.height = Emu(min(box.height // n_rows, Pt(30)))
    size = 9 if grid.is_dense or n_rows > 9 else 11
    for at, head in enumerate(heads if has_head else ()):
        _fill(made.cell(0, at), Slot(head.text), is_number=head.is_number, size=size, ground=ACCENT)
    for r, line in enumerate(rows, has_head):
        for c, slot in enumerate(line):
            _fill(made.cell(r, c), slot, is_number=heads[c].is_number, size=size, ground=_tint(slot, c))  # fmt: skip


def chart(slide: Slide, box: Box, drawn: Native) -> None:
    """A native chart: its numbers are edited by a right click."""
    data = _points(drawn) if drawn.kind == "points" else _categories(drawn)
    made: Chart = slide.shapes.add_chart(_SHAPES[drawn.kind], *_emu(box), data).chart
    made.has_title = False
    made.font.size, made.font.color.rgb = Pt(11), colour("#4A5260")
    made.has_legend = len(drawn.series) > 1
    if made.has_legend:
        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(made, drawn)
    for at, series in enumerate(made.plots[0].series):
        _painted(series, PALETTE[at % len(PALETTE)], drawn)
    if drawn.kind == "points":
        _named_points(made, drawn)
    elif drawn.kind != "lines":
        _labelled(made, drawn)


def _emu(box: Box) -> tuple[Emu, Emu, Emu, Emu]:
    return Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height)


def _fill(cell: _Cell, slot: Slot, *, is_number: bool, size: float, ground: str) -> None:
    frame = cell.text_frame
    frame.word_wrap = True
    frame.text = clean("".join(run.text for run in slot.runs) or slot.text)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Pt(5)
    cell.margin_top = cell.margin_bottom = Pt(2)
    cell.fill.solid()
    cell.fill.fore_color.rgb = colour(ground)
    shown = "#FFFFFF" if ground == ACCENT else NEUTRAL if slot.is_small else ACCENT if slot.anchors else INK  # fmt: skip
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.RIGHT if is_number else PP_ALIGN.LEFT
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(size), colour(shown)
            run.font.bold = ground == ACCENT or bool(slot.anchors)


def _tint(slot: Slot, column: int) -> str:
    """The ground of a cell: the larger its share, the darker; white where it holds none."""
    found = _SHARE.match(slot.text) if column and "\n" in slot.text and not slot.is_small else None
    part = min(1.0, float(found[1]) / 60) if found else 0.0
    mixed = (round(w + (h - w) * part) for w, h in zip(_WHITE, _HEAT, strict=True))
    return "#" + "".join(f"{one:02X}" for one in mixed)


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
    if drawn.kind in ("bars", "stacked"):
        other.reverse_order = True  # the first on top
        value.visible = False
        value.has_major_gridlines = False
    if drawn.kind == "points":
        for axis, title in zip((other, value), drawn.axes, strict=True):
            axis.has_title = True
            axis.axis_title.text_frame.text = clean(title)
            axis.has_major_gridlines = False


def _painted(series: Any, shade: str, drawn: Native) -> None:  # noqa: ANN401 (of either kind)
    """One colour a series; lines thin and plain, points round."""
    if drawn.kind in ("bars", "stacked"):
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = colour(shade)
        series.invert_if_negative = False
        return
    if drawn.kind == "points":
        series.format.line.fill.background()
        series.marker.size = 9
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = colour(shade)
        series.marker.format.line.fill.background()
        return
    series.smooth = False
    series.format.line.width, series.format.line.color.rgb = Pt(2), colour(shade)


def _labelled(made: Chart, drawn: Native) -> None:
    """The value at the end of every bar."""
    plot = made.plots[0]
    plot.gap_width, plot.has_data_labels = (45 if len(drawn.series) == 1 else 60), True
    if drawn.kind == "bars":
        plot.overlap = 0 if len(drawn.series) == 1 else -5
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = drawn.number_format, False
    labels.font.size = Pt(10)


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
