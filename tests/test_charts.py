"""Charts: what they show, and that Chinese is Chinese on a machine without a Chinese font."""

from __future__ import annotations

import io
import itertools

import altair as alt
import numpy as np
import polars as pl
import pytest
from PIL import Image

from insight import charts
from insight.charts.axes import broken
from insight.charts.look import CONFIG, FONT_STACK, INK, LABEL, MAX_ROWS

# Machado, Oliveira & Fernandes (2009), table 1, severity 1.0: linear RGB as seen by a dichromat.
DICHROMACY = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
D65 = np.array([0.95047, 1.0, 1.08883])
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip


@pytest.fixture
def segments():
    return pl.DataFrame({
        "segment": ["沉睡", "高客单", "新客"],
        "n_customers": [500, 214, 8],
        "share": [0.6925, 0.2964, 0.0111],
        "spend": [98_000.0, 1_234_567.0, 900.0],
        "is_small": [False, False, True],
    })  # fmt: skip


@pytest.fixture
def cells():
    return pl.DataFrame({
        "need": ["等候时间", "等候时间", "包装", "包装"],
        "segment": ["高客单", "沉睡", "高客单", "沉睡"],
        "share": [0.294, 0.1, 0.05, None],
        "is_small": [False, True, False, False],
    })  # fmt: skip


def linear(colour):
    """sRGB to linear light (IEC 61966-2-1)."""
    light = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)


def lab(light):
    """Linear RGB to CIE L*a*b* under D65."""
    scaled = TO_XYZ @ np.clip(light, 0, 1) / D65
    root = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(colour, ground):
    """The contrast ratio of WCAG 2.1."""
    light, dark = sorted((float(TO_XYZ[1] @ linear(c)) for c in (colour, ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def rows_of(chart):
    """The data rows a chart carries, of all its layers."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def labelled(name):
    return charts.bars(pl.DataFrame({"segment": [name], "n": [3]}), label="segment", value="n")


@pytest.mark.parametrize("sight", DICHROMACY)
def test_any_two_colours_of_the_palette_can_be_told_apart(sight):
    seen = [lab(DICHROMACY[sight] @ linear(c)) for c in charts.PALETTE]
    nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert len(charts.PALETTE) == 8
    assert nearest > 20


def test_labels_are_legible_on_a_light_and_on_a_dark_page():
    assert contrast(LABEL, "#FFFFFF") >= 4.5
    assert contrast(LABEL, "#0E1117") >= 4.0
    assert contrast(INK, charts.look.SMALL_FILL) >= 4.5


def test_worse_and_better_are_different_to_every_eye():
    for matrix in DICHROMACY.values():
        worse, better = (lab(matrix @ linear(c)) for c in charts.DIVERGING)
        assert np.linalg.norm(worse - better) > 40


def test_the_font_draws_every_character_of_gb2312_and_rare_names():
    rows, cells = range(0xA1, 0xF8), range(0xA1, 0xFF)
    codes = [bytes([row, cell]) for row in rows for cell in cells]
    simplified = "".join(code.decode("gb2312", errors="ignore") for code in codes)
    assert len(simplified) == 7445  # GB 2312-80: 6,763 Han characters and 682 others
    assert charts.missing_glyphs(simplified) == set()
    assert charts.missing_glyphs("镕喆㛃堃淼㐂龘 ¥€℃·—…“”〖〗①½±≥→△ Ａ１") == set()


def test_missing_glyphs_are_named_and_invisible_characters_are_not():
    assert charts.missing_glyphs("好\ue000评\U0001f600\u200d\n\ufe0f") == {"\ue000", "\U0001f600"}


def test_two_names_of_equal_length_give_two_different_pictures():
    """Empty boxes would look alike, whatever they stand for."""
    drawn = [pixels(charts.to_png(labelled(name))) for name in ("高客单 镕喆", "低客单 㛃堃")]
    assert drawn[0].shape == drawn[1].shape
    assert (drawn[0] != drawn[1]).any(axis=2).sum() > 200


def test_a_character_the_font_lacks_is_printed_as_the_geta_mark_not_as_a_box():
    unknown, geta = (pixels(charts.to_png(labelled(f"好评{c}"))) for c in ("\ue000", "〓"))
    assert np.array_equal(unknown, geta)


def test_scale_is_pixels_per_css_pixel():
    one, two = (pixels(charts.to_png(labelled("高客单"), scale=s)).shape for s in (1, 2))
    assert (two[0], two[1]) == (2 * one[0], 2 * one[1])


def test_svg_keeps_text_as_text_and_names_the_readers_own_fonts():
    svg = charts.to_svg(labelled("高客单 <镕喆>"))
    assert "高客单 &lt;镕喆&gt;</text>" in svg
    assert f'font-family="{FONT_STACK}"' in svg
    assert FONT_STACK.startswith(charts.FONT_FAMILY)


def test_drawing_a_picture_opens_no_address():
    chart = alt.Chart("http://127.0.0.1:9/secret.csv").mark_bar().encode(x="a:Q")
    with pytest.raises(ValueError, match="not allowed"):
        charts.to_svg(chart)


def test_bars_are_sorted_by_value_and_carry_it_as_written_in_the_report(segments):
    chart = charts.bars(segments, label="segment", value="spend", title="消费金额")
    spec = chart.to_dict()
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["高客单", "沉睡", "新客"]
    assert [row["spend__written"] for row in rows_of(chart)] == ["¥9.8 万", "¥123.5 万", "¥900"]
    assert spec["title"] == spec["description"] == "消费金额"


def test_bars_break_ties_by_label_whatever_the_order_of_rows(segments):
    tied = segments.with_columns(spend=pl.lit(1.0))
    orders = [
        charts.bars(t, label="segment", value="spend").to_dict()["layer"][0]["encoding"]["y"]["sort"]
        for t in (tied, tied.reverse())
    ]  # fmt: skip
    assert orders[0] == orders[1]


def test_bars_keep_an_order_that_is_given(segments):
    spec = charts.bars(
        segments, label="segment", value="n_customers", order=["新客", "高客单", "沉睡"]
    )
    assert spec.to_dict()["layer"][0]["encoding"]["y"]["sort"] == ["新客", "高客单", "沉睡"]


def test_a_bar_with_a_small_base_is_grey(segments):
    spec = charts.bars(segments, label="segment", value="share").to_dict()
    colour = spec["layer"][0]["encoding"]["color"]
    assert colour["condition"] == {
        "test": "datum.is_small",
        "value": charts.look.SMALL_FILL,
    }
    assert colour["value"] == charts.ACCENT


def test_an_interval_is_drawn_and_the_label_stands_behind_it(segments):
    table = segments.with_columns(ci_low=pl.col("share") - 0.01, ci_high=pl.col("share") + 0.01)
    spec = charts.bars(table, label="segment", value="share").to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "rule", "text"]
    assert spec["layer"][2]["encoding"]["x"]["field"] == "ci_high"


def test_tooltips_speak_chinese_and_show_the_base(segments):
    spec = charts.bars(segments, label="segment", value="share").to_dict()
    shown = {t["title"]: t["field"] for t in spec["layer"][0]["encoding"]["tooltip"]}
    assert shown["客户数"] == "n_customers__written"
    assert shown["占比"] == "share__written"
    assert not any(title.isascii() for title in shown)


def test_paired_bars_put_both_measures_under_each_other(segments):
    table = segments.with_columns(share_of_customers=pl.col("share"), share_of_spend=1 - pl.col("share"))  # fmt: skip
    measures = ("share_of_customers", "share_of_spend")
    chart = charts.paired_bars(table, label="segment", values=measures)
    rows = [(r["segment"], r["measure"], r["written"]) for r in rows_of(chart)]
    assert rows[:1] + rows[3:4] == [("沉睡", "客户占比", "69.3%"), ("沉睡", "金额占比", "30.8%")]
    assert len(rows) == 6


def test_lines_take_months_in_words_and_name_each_line_at_its_end():
    table = pl.DataFrame({
        "month": ["2025-02", "2025-01", "2025-01", "2025-02"],
        "channel": ["线上", "线上", "门店", "门店"],
        "amount": [2.0, 1.0, 5.0, 6.0],
    })  # fmt: skip
    chart = charts.lines(table, x="month", value="amount", series="channel")
    spec = chart.to_dict()
    ends = spec["datasets"][spec["layer"][2]["data"]["name"]]
    assert {(row["channel"], row["amount"]) for row in ends} == {("线上", 2.0), ("门店", 6.0)}
    assert {row["month"][:10] for row in ends} == {"2025-02-01"}


def test_more_lines_than_colours_are_refused():
    table = pl.DataFrame(
        {"month": ["2025-01"] * 9, "channel": list("abcdefghi"), "amount": [1] * 9}
    )
    with pytest.raises(ValueError, match="9 lines"):
        charts.lines(table, x="month", value="amount", series="channel")


def test_heat_greys_small_bases_and_shades_by_the_trusted_cells_only(cells):
    big_but_small_base = cells.with_columns(
        share=pl.when(pl.col("is_small")).then(0.99).otherwise("share")
    )
    spec = charts.heat(big_but_small_base, row="need", column="segment", value="share").to_dict()
    fill = spec["layer"][0]["encoding"]["color"]
    assert fill["condition"] == {
        "test": "datum.is_small || !isValid(datum['share'])",
        "value": charts.look.SMALL_FILL,
    }
    assert fill["scale"]["domain"] == [0, 0.294]


def test_heat_keeps_the_order_of_the_table_and_writes_an_empty_cell_as_a_dash(cells):
    chart = charts.heat(cells, row="need", column="segment", value="share")
    encoding = chart.to_dict()["layer"][0]["encoding"]
    assert encoding["y"]["sort"] == ["等候时间", "包装"]
    assert encoding["x"]["sort"] == ["高客单", "沉睡"]
    assert [row["share__written"] for row in rows_of(chart)] == ["29.4%", "10.0%", "5.0%", "—"]


def test_heat_around_a_centre_is_symmetric():
    table = pl.DataFrame({"row": ["a", "b"], "column": ["x", "x"], "tgi": [160, 90]})
    chart = charts.heat(table, row="row", column="column", value="tgi", centre=100)
    scale = chart.to_dict()["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [40, 100, 160]
    assert [scale["range"][0], scale["range"][-1]] == list(charts.DIVERGING)


def test_words_stand_where_the_layout_put_them():
    """The ink of one word lies around its place; five pixels are the picture's own edge."""
    table = pl.DataFrame({"word": ["口"], "x": [150], "y": [40], "font_size": [48], "n": [9]})
    image = pixels(charts.to_png(charts.words(table, width=240, height=120), scale=1))
    rows, columns = np.nonzero((image < 128).any(axis=2))
    assert image.shape == (130, 250, 3)
    assert abs((columns.min() + columns.max()) / 2 - 155) < 3
    assert abs((rows.min() + rows.max()) / 2 - 45) < 6
    assert 30 < columns.max() - columns.min() < 48


def test_a_chart_of_too_many_rows_is_refused():
    table = pl.DataFrame({"segment": ["甲"], "n": [1]})
    long = pl.concat([table] * (MAX_ROWS + 1))
    with pytest.raises(ValueError, match="aggregate first"):
        charts.bars(long, label="segment", value="n")


def test_the_page_decides_width_and_ground(segments, cells):
    made = [
        charts.bars(segments, label="segment", value="share"),
        charts.heat(cells, row="need", column="segment", value="share"),
        charts.paired_bars(segments, label="segment", values=("share", "share")),
    ]
    for chart in made:
        spec = chart.to_dict()
        assert "width" not in spec
        assert "background" not in spec
        assert "continuousWidth" in CONFIG["view"]


def test_the_same_chart_gives_the_same_bytes(cells):
    drawn = {
        charts.to_png(charts.heat(cells, row="need", column="segment", value="share"))
        for _ in range(2)
    }
    assert len(drawn) == 1


def test_the_same_chart_gives_the_same_svg_whatever_was_drawn_before(segments):
    chart = charts.paired_bars(segments, label="segment", values=("share", "share"))
    first = charts.to_svg(chart)
    assert 'id="clip0"' in first
    assert charts.to_svg(chart) == first


@pytest.mark.parametrize(
    ("heading", "lines"),
    [
        ("重要价值客户", ["重要价", "值客户"]),
        ("18–24 岁的新客", ["18–24 岁", "的新客"]),
        ("贬损者（0–6 分）", ["贬损者", "（0–6 分）"]),
        ("¥1,234–5,678", ["¥1,234–5,678"]),
        ("华东 B（n=38）", ["华东 B", "（n=38）"]),
        ("新客", ["新客"]),
    ],
)
def test_a_heading_is_never_broken_inside_a_number(heading, lines):
    assert broken(heading, room=5) == lines


def test_the_headings_of_a_heat_map_are_those_lines():
    table = pl.DataFrame({"row": ["a", "a"], "column": ["2–3 单", '带"引号"的'], "share": [0.1, 0.2], "is_small": False})  # fmt: skip
    chart = charts.heat(table, row="row", column="column", value="share")
    assert "2–3 单" in str(chart.to_dict())
    assert charts.to_svg(chart).count("2–3 单") >= 1
