"""The report as PDF: A4 pages, text that can be selected, the bundled Chinese font inside the file."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from insight.charts import FONT_FAMILY, FONT_FILE, missing_glyphs, to_svg
from insight.errors import FontMissing
from insight.report.blocks import Block, Contents, Cover, Figure, Grid, Heading, Paragraph, Run
from insight.report.compose import Composed
from insight.report.front import TITLE
from insight.report.tints import FILLS

_GETA = "〓"  # what Chinese typesetters print for a character their font lacks
_SIZE = re.compile(r'<svg[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"')
_TALLEST = 8.0 / 2.54 * 96  # CSS pixels


def written(whole: Composed) -> bytes:
    """A report that is laid out, as the bytes of a PDF; equal input gives equal bytes.

    Its words travel to the typesetter as data, so that none of them can be read as its code.
    """
    import typst

    if not FONT_FILE.exists():
        raise FontMissing(FONT_FILE.name)
    with tempfile.TemporaryDirectory() as held:
        root = Path(held)
        text = json.dumps(_told(whole, root), ensure_ascii=False)
        for lacking in missing_glyphs(text):
            text = text.replace(lacking, _GETA)
        (root / "report.json").write_text(text, "utf-8")
        (root / "page.typ").write_bytes(Path(__file__).with_name("page.typ").read_bytes())
        compiler = typst.Compiler(
            root / "page.typ", root=root, font_paths=[FONT_FILE.parent], ignore_system_fonts=True
        )
        made = compiler.compile(format="pdf", timestamp=int(_moment(whole)))
    assert isinstance(made, bytes)  # a PDF is one file
    return made


def _moment(whole: Composed) -> float:
    return whole.facts.made_at.timestamp()


def _told(whole: Composed, root: Path) -> dict[str, Any]:
    facts = whole.facts
    day = facts.made_at
    return {
        "title": TITLE,
        "author": facts.client,
        "header": f"{TITLE}　{facts.study}",
        "font": FONT_FAMILY,
        "date": {"year": day.year, "month": day.month, "day": day.day},
        "blocks": list(_blocks(whole.blocks, root)),
    }


def _blocks(blocks: Sequence[Block], root: Path) -> Iterator[dict[str, Any]]:
    for at, block in enumerate(blocks):
        match block:
            case Cover():
                yield {"kind": "cover", "title": block.title, "subtitle": block.subtitle, "rows": block.rows}  # fmt: skip
            case Contents():
                yield {"kind": "contents"}
            case Heading():
                yield {"kind": "heading", "level": block.level, "text": block.text, "page": block.starts_page}  # fmt: skip
            case Paragraph():
                yield {"kind": "paragraph", "role": block.role, "runs": _runs(block.runs)}
            case Grid():
                yield _grid(block)
            case Figure():
                yield _figure(block, root / f"{at}.svg")


def _runs(runs: Sequence[Run]) -> list[dict[str, str]]:
    return [{"text": run.text, "look": run.look, "target": run.target} for run in runs]


def _grid(grid: Grid) -> dict[str, Any]:
    rows = [
        [{"text": s.text, "runs": _runs(s.runs), "anchors": s.anchors, "small": s.is_small, "fill": FILLS[s.mark.kind] if s.mark else ""} for s in row]
        for row in grid.rows
    ]  # fmt: skip
    heads = [head.text for head in grid.heads]
    return {
        "kind": "grid", "number": grid.number, "caption": grid.caption, "heads": heads, "head": any(heads), "rows": rows,
        "widths": [head.width for head in grid.heads], "numeric": [head.is_number for head in grid.heads], "notes": grid.notes, "dense": grid.is_dense,
    }  # fmt: skip


def _figure(figure: Figure, path: Path) -> dict[str, Any]:
    """The chart as a vector picture beside the text; no taller than a third of a page."""
    drawn = to_svg(figure.chart)
    for lacking in missing_glyphs(drawn):
        drawn = drawn.replace(lacking, _GETA)
    path.write_text(drawn, "utf-8")
    found = _SIZE.search(drawn)
    width, height = (float(n) for n in found.groups()) if found else (520.0, 260.0)
    fit = min(1.0, _TALLEST / height)
    return {"kind": "figure", "number": figure.number, "caption": figure.caption, "alt": figure.alt, "file": path.name, "width": width * fit}  # fmt: skip
