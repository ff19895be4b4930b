"""The report as slides: one message a slide, charts and tables that can be edited, the ids of the numbers below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from pptx.slide import Slide
from pptx.util import Inches, Pt

from insight.charts.look import ACCENT
from insight.report.blocks import Cover, Figure, Grid, Heading, Paragraph, Run
from insight.report.compose import Composed, chapter_blocks
from insight.report.deck_charts import chart
from insight.report.deck_file import MARGIN, Box, Stage, body, new_page, saved, stage
from insight.report.deck_shapes import colour, page_number, table, words
from insight.report.front import TITLE
from insight.report.native import Native, native
from insight.report.selection import Printed, sentence

MOST_POINTS = 4
NOTE_SIZES, KICKER_SIZES = (9, 8), (11, 10, 9)
SUMMARY_SIZES, BESIDE_SIZES = (20, 18, 16, 15, 14, 13, 12), (15, 14, 13, 12, 11, 10)
LONGEST_TITLE = 72
_FEW_WORDS = 0.36  # of the width, beside a chart


def written(whole: Composed, *, template: bytes | None = None) -> bytes:
    """A report that is laid out, as the bytes of a .pptx; equal input gives equal bytes.

    Parameters
    ----------
    template : a PowerPoint file whose look the slides take; its own slides are left out

    Raises
    ------
    BadTemplate : it is no such file, or has no layout with a title.
    """
    on = stage(template)
    _properties(on, whole)
    _cover(on, next(block for block in whole.body if isinstance(block, Cover)))
    _summary(on, whole)
    for section, held in whole.parts:
        pages = [(one, page) for one in held for page in _pages(one, section.index)]
        if held and section.title:
            _divider(on, section.title, [one.chapter.title for one, _ in pages])
        for one, page in pages:
            _page(on, one, page)
    _advice(on, whole)
    _numbered(on)
    return saved(on)


def _properties(on: Stage, whole: Composed) -> None:
    told, moment = on.deck.core_properties, whole.facts.made_at
    told.title, told.subject, told.author = TITLE, whole.facts.study, whole.facts.client
    told.created = told.modified = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment  # fmt: skip
    told.last_modified_by, told.keywords, told.revision = "", "", 1


def _cover(on: Stage, cover: Cover) -> None:
    slide = new_page(on, cover.title, is_cover=True)
    room = body(on)
    top = room.top + int(room.height * 0.45)
    lines = [[Run(cover.subtitle, "strong")]]
    lines += [[Run(f"{name}　", "quiet"), Run(value)] for name, value in cover.rows]
    words(slide, Box(room.left, top, room.width, room.height - int(room.height * 0.45)), lines)  # fmt: skip


def _summary(on: Stage, whole: Composed) -> None:
    """The bullets of the summary on one slide."""
    found = [block.runs for block in _under(whole, "摘要") if isinstance(block, Paragraph)]
    slide = new_page(on, "摘要")
    _ruled(on, slide, body(on))
    words(slide, body(on), found, sizes=SUMMARY_SIZES)


def _divider(on: Stage, title: str, held: Sequence[str] = ()) -> None:
    """The title of a part and, below it, what its pages are about."""
    slide, room = new_page(on, title, is_cover=True), body(on)
    below = int(room.height * 0.45)
    box = Box(room.left, room.top + below, int(room.width * 0.8), room.height - below)
    if held:
        words(slide, box, [[Run("　·　".join(dict.fromkeys(held)), "quiet")]], sizes=SUMMARY_SIZES)


def _numbered(on: Stage) -> None:
    """The number at the foot of every page but the first; a template numbers its own."""
    high, wide = int(Pt(24)), int(Inches(0.8))
    for slide in list(on.deck.slides)[1:] if on.is_own else ():
        left = int(on.deck.slide_width or 0) - int(MARGIN) - wide
        page_number(
            slide, Box(left, int(on.deck.slide_height or 0) - high - int(Pt(6)), wide, high)
        )


def _pages(one: Printed, index: int) -> Iterator[Native | Grid]:
    """What a chapter shows: its chart where it can be edited, else its first table."""
    blocks = list(chapter_blocks(one, index))
    drawn = [native(block.chart) for block in blocks if isinstance(block, Figure)]
    grids = [block for block in blocks if isinstance(block, Grid)]
    yield from ([held for held in drawn if held is not None] or grids)[:1]


def _page(on: Stage, one: Printed, shown: Native | Grid) -> None:
    """One message: the first finding as the title, what shows it, the other findings beside it."""
    chapter, room = one.chapter, body(on)
    first = one.findings[0].text if one.findings else chapter.title
    is_title = len(first) <= LONGEST_TITLE
    slide = new_page(on, first.rstrip("。") if is_title else chapter.title)
    _ruled(on, slide, room)
    kicker = Box(room.left, room.top, room.width, int(Pt(26)))
    words(
        slide,
        kicker,
        [[Run(f"{chapter.title}　", "strong"), Run(chapter.question)]],
        sizes=KICKER_SIZES,
    )
    points = [sentence(f, one) for f in one.findings[is_title and len(one.findings) > 1 :]][:MOST_POINTS]  # fmt: skip
    below = Box(room.left, kicker.top + kicker.height, room.width, room.height - kicker.height)
    left_out = _shown(slide, below, shown, points=points)
    _footed(on, slide, one, left_out=left_out)


def _shown(slide: Slide, room: Box, shown: Native | Grid, *, points: Sequence[Sequence[Run]]) -> str:  # fmt: skip
    """Words on the left, the chart on the right; a wide table stands below the words.

    Returns
    -------
    What of the table has no room, in words
    """
    if isinstance(shown, Native):
        left = int(room.width * _FEW_WORDS) if points else 0
        if points:
            words(slide, Box(room.left, room.top, left - int(Pt(14)), room.height), points, sizes=BESIDE_SIZES)  # fmt: skip
        chart(slide, Box(room.left + left, room.top, room.width - left, room.height), shown)
        return ""
    high = min(len(points), 2) * int(Inches(0.5))
    if points:
        words(slide, Box(room.left, room.top, room.width, high), points[:2], sizes=BESIDE_SIZES[2:])
    return table(slide, Box(room.left, room.top + high, room.width, room.height - high), shown)


def _ruled(on: Stage, slide: Slide, room: Box) -> None:
    """The line under a title; a template has lines of its own."""
    if on.is_own:
        top = room.top - int(Pt(8))
        line = slide.shapes.add_connector(1, room.left, top, room.left + room.width, top)
        line.line.color.rgb, line.line.width = colour(ACCENT), Pt(1.5)


def _footed(on: Stage, slide: Slide, one: Printed, *, left_out: str) -> None:
    """Base and tests below; how it was worked out and where each number stands in the notes."""
    room = body(on)
    firsts = one.findings[:1]
    told = [f"基数 {finding.base:,}" for finding in firsts] + [
        f"检验：{f.test}" for f in firsts if f.test
    ]
    told += [
        f"数字溯源：表 {'、'.join(sheet.number for sheet in one.sheets.values())}，见报告附录 F"
    ]
    told += filter(None, [left_out])
    foot = Box(
        room.left,
        room.top + room.height + int(Pt(4)),
        room.width - int(Inches(0.9)),
        int(Inches(0.4)),
    )
    words(slide, foot, [[Run("；".join(told))]], sizes=NOTE_SIZES)
    ids = [n for sheet in one.sheets.values() for n in sheet.numbers.values()]
    lines = [*one.chapter.result.notes, *(f"{n.id} = {n.value}" for n in ids)]
    slide.notes_slide.notes_text_frame.text = "\n".join(lines)


def _advice(on: Stage, whole: Composed) -> None:
    """A slide for every table of the part on actions."""
    title = "二、营销策略建议"
    grids = [block for block in _under(whole, title) if isinstance(block, Grid)]
    if grids:
        _divider(on, title, [grid.caption for grid in grids])
    for grid in grids:
        slide = new_page(on, grid.caption)
        room = body(on)
        _ruled(on, slide, room)
        if left_out := table(slide, room, grid):
            foot = Box(room.left, room.top + room.height + int(Pt(4)), room.width, int(Inches(0.4)))
            words(slide, foot, [[Run(left_out)]], sizes=NOTE_SIZES)


def _under(whole: Composed, title: str) -> list[object]:
    """The blocks from one heading of the first level to the next."""
    starts = [at for at, b in enumerate(whole.body) if isinstance(b, Heading) and b.level == 1]
    at = next((s for s in starts if getattr(whole.body[s], "text", "") == title), None)
    if at is None:
        return []
    end = next((s for s in starts if s > at), len(whole.body))
    return list(whole.body[at + 1 : end])
