"""Files made by hand and what was read from them, for the tests of the readers."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from conftest import SHARED, shared

from insight.errors import InsightError
from insight.readers import LINE, RawTable, read

HOSTILE = SHARED / "hostile"


def hostile(path: str) -> tuple[RawTable, ...]:
    """A file of the hostile collection, read."""
    return read(shared(f"hostile/{path}").read_bytes(), Path(path).name)


def table(text: str, name: str = "表.csv") -> RawTable:
    """The only table of a text file."""
    (only,) = read(text.encode(), name)
    return only


def rows(raw: RawTable) -> list[tuple[str | None, ...]]:
    return raw.frame.drop(LINE).rows()


def lines(raw: RawTable) -> list[int]:
    return raw.frame[LINE].to_list()


def complain(data: bytes, name: str = "x.xlsx") -> str:
    """What the user is told about a file that cannot be read."""
    with pytest.raises(InsightError) as caught:
        read(data, name)
    return str(caught.value)


def archive(parts: dict[str, str | bytes]) -> bytes:
    """A zip file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in parts.items():
            z.writestr(name, content)
    return file.getvalue()


def workbook(rows_xml: str, *, after: str = "", strings: str = "", styles: str = "") -> bytes:
    """A minimal .xlsx with one sheet called 数据."""
    links = {"worksheet": "worksheets/sheet1.xml", "sharedStrings": "sharedStrings.xml"}
    links |= {"styles": "styles.xml"}
    relations = "".join(
        f'<Relationship Id="{kind}" Type="http://x/{kind}" Target="{target}"/>'
        for kind, target in links.items()
    )
    parts = {
        "xl/workbook.xml": '<workbook xmlns:r="u"><sheets><sheet name="数据" r:id="worksheet"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
        "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"
        f"{rows_xml}</sheetData>{after}</worksheet>",
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
    }
    return archive(parts | ({"xl/styles.xml": styles} if styles else {}))


def sheet(rows_xml: str, **parts: str) -> RawTable:
    """The only table of a minimal .xlsx."""
    (only,) = read(workbook(rows_xml, **parts), "簿.xlsx")
    return only


def replaced(data: bytes, part: str, content: str | bytes) -> bytes:
    """The same zip file with another content of one member."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        parts = {name: z.read(name) for name in z.namelist()}
    return archive({**parts, part: content})
