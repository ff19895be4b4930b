"""Charts of the page: a still picture in its text, which a script inside the file replaces by one that answers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from insight.charts import to_svg
from insight.charts.look import CONFIG
from insight.report.blocks import Figure

_NAMESPACE = re.compile(r' xmlns(:xlink)?="[^"]*"')
_ROLE = re.compile(r' (aria-roledescription|role)="[^"]*"')
_LABELLED = re.compile(r'<path aria-label="([^"]*)"([^>]*)>(?:</path>)?')


def picture(figure: Figure, at: int) -> str:
    """A chart as part of the page: drawn already, with what the script needs to draw it again."""
    spec: dict[str, Any] = figure.chart.to_dict(validate=False)
    spec.pop("config", None)
    return (
        f'<div class="live" id="chart{at}">{_still(figure, at)}</div>'
        f'<script type="application/json" id="chart{at}-spec">{_data(spec)}</script>'
    )


def script() -> str:
    """The drawing library with everything it needs, and the look of the charts."""
    return f'<script type="application/json" id="look">{_data(dict(CONFIG))}</script><script>{_code()}</script>'


def policy(figures: Sequence[Figure]) -> str:
    """What the page may do: nothing from elsewhere; of scripts only its own, by its hash."""
    own = base64.b64encode(hashlib.sha256(_code().encode()).digest()).decode() if figures else ""
    scripts = f" script-src 'sha256-{own}';" if own else ""
    return f"default-src 'none';{scripts} style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"


@cache
def _code() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, from the package that draws the pictures (about 0.9 MB)."""
    import vl_convert

    own = Path(__file__).with_name("live.js").read_text("utf-8")
    bundle: str = vl_convert.javascript_bundle(own)
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _data(value: object) -> str:
    """JSON inside a script element: no word in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _still(figure: Figure, at: int) -> str:
    """The drawn chart: its own ids, its values on hover, no namespace address."""
    svg = _ROLE.sub("", _NAMESPACE.sub("", to_svg(figure.chart)))
    prefix = f"f{at}-"
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    return _LABELLED.sub(r'<path aria-label="\1"\2><title>\1</title></path>', svg)


def caption(figure: Figure) -> str:
    """Number and caption below a chart."""
    number = f"<b>图 {figure.number}</b>　" if figure.number else ""
    return f"<figcaption>{number}{escape(figure.caption)}</figcaption>"
