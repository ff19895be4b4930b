"""The report as one offline HTML file: no script, no font and no picture from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import count
from pathlib import Path
from typing import assert_never

from insight.report.blocks import (
    Block,
    Contents,
    Cover,
    Figure,
    Grid,
    Heading,
    Paragraph,
    Run,
    Slot,
)
from insight.report.compose import Composed, composed
from insight.report.facts import Chapter, Facts
from insight.report.front import TITLE
from insight.report.web_charts import caption, picture, policy, script
from insight.report.web_font import face

_TAGS = {"body": "p", "lead": "p", "note": "p", "finding": "li"}


def html(facts: Facts, chapters: Sequence[Chapter]) -> str:
    """The report as one HTML page; equal input gives equal text."""
    return written(composed(facts, chapters))


def written(whole: Composed) -> str:
    """A report that is laid out, as one HTML page."""
    facts, blocks = whole.facts, whole.blocks
    style = Path(__file__).with_name("web.css").read_text("utf-8")
    title = escape(f"{facts.study} · {TITLE}")
    figures = [block for block in blocks if isinstance(block, Figure)]
    said = "".join(_body(blocks))
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(figures))}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{face(title + said)}{style}</style></head><body><main>"
        f"{said}</main>{script() if figures else ''}</body></html>\n"
    )


def _body(blocks: Sequence[Block]) -> Iterator[str]:
    """Blocks in order; neighbouring bullets share one list."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    charts = count()
    in_list = False
    for block in blocks:
        is_bullet = isinstance(block, Paragraph) and block.role == "finding"
        if is_bullet != in_list:
            yield "<ul>" if is_bullet else "</ul>"
            in_list = is_bullet
        yield _block(block, headings, charts)
    if in_list:
        yield "</ul>"


def _block(block: Block, headings: Sequence[Heading], charts: count[int]) -> str:
    match block:
        case Cover():
            return _cover(block)
        case Contents():
            return _contents(headings)
        case Heading():
            at = next(i for i, heading in enumerate(headings) if heading is block)
            return f'<h{block.level} id="h{at}">{escape(block.text)}</h{block.level}>'
        case Paragraph():
            tag = _TAGS[block.role]
            return f'<{tag} class="{block.role}">{_runs(block.runs)}</{tag}>'
        case Grid():
            return _grid(block)
        case Figure():
            return _figure(block, next(charts))
        case _:
            assert_never(block)


def _cover(cover: Cover) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in cover.rows)
    return (
        f'<header><p class="title">{escape(cover.title)}</p><p class="subtitle">{escape(cover.subtitle)}</p>'
        f"<dl>{rows}</dl></header>"
    )


def _contents(headings: Sequence[Heading]) -> str:
    lines = (
        f'<li class="l{h.level}"><a href="#h{at}">{escape(h.text)}</a></li>'
        for at, h in enumerate(headings)
        if h.level <= 2
    )
    return f'<nav aria-label="目录"><p>目录</p><ol>{"".join(lines)}</ol></nav>'


def _runs(runs: Sequence[Run]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    words = escape(run.text).replace("\n", "<br>")
    if run.target:
        return f'<a class="{run.look}" href="#{run.target}" title="{escape(run.tip)}">{words}</a>'
    return words if run.look == "plain" else f'<span class="{run.look}">{words}</span>'


def _grid(grid: Grid) -> str:
    number = f"<b>表 {grid.number}</b>　" if grid.number else ""
    heads = "".join(
        f'<th scope="col"{_number(head.is_number)}>{_lines(head.text)}</th>' for head in grid.heads
    )
    numeric = [head.is_number for head in grid.heads]
    rows = "".join(f"<tr>{_row(row, numeric)}</tr>" for row in grid.rows)
    head = f"<thead><tr>{heads}</tr></thead>" if any(h.text for h in grid.heads) else ""
    share = min(1.0, sum(head.width for head in grid.heads))
    dense = ' class="dense"' if grid.is_dense else ""
    shape = f' style="--share: {share:.0%}"{dense}' if head else ' class="pairs"'
    notes = "".join(f"<p>{escape(note)}</p>" for note in grid.notes)
    return (
        f'<figure class="table"><figcaption>{number}{escape(grid.caption)}</figcaption>'
        f'<div class="scroll" tabindex="0"><table{shape}>{head}<tbody>{rows}</tbody></table></div>'
        f'<div class="note">{notes}</div></figure>'
    )


def _row(row: Sequence[Slot], numeric: Sequence[bool]) -> str:
    return "".join(_slot(slot, is_number) for slot, is_number in zip(row, numeric, strict=True))


def _slot(slot: Slot, is_number: bool) -> str:
    words = _runs(slot.runs) if slot.runs else _lines(slot.text)
    marks = "".join(f'<span id="{anchor}" class="cell">' for anchor in slot.anchors)
    small = " small" if slot.is_small else ""
    moved = f" {slot.mark.kind}" if slot.mark else ""
    look = f"{'number' if is_number else ''}{small}{moved}".strip()
    tip = f' title="{escape(slot.mark.tip)}"' if slot.mark else ""
    attribute = f' class="{look}"{tip}' if look else ""
    return f"<td{attribute}>{marks}{words}{'</span>' * len(slot.anchors)}</td>"


def _number(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _figure(figure: Figure, at: int) -> str:
    return (
        f'<figure role="group" aria-label="{escape(figure.alt)}">{picture(figure, at)}'
        f"{caption(figure)}</figure>"
    )
