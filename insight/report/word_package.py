"""The parts of a .docx around its text, and the archive that holds them, byte for byte the same each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from insight.report.ooxml import BODY, SANS, Look, clean, field, paragraph, run
from insight.report.word_styles import BY_ID, W, styles_xml

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_STAMP = (1980, 1, 1, 0, 0, 0)  # zip's earliest time
_PARTS = {
    "styles": "styles", "settings": "settings", "numbering": "numbering", "fontTable": "fontTable",
    "header1": "header", "footer1": "footer",
}  # fmt: skip


def package(
    body: str, *, pictures: Sequence[bytes], title: str, subject: str, made_at: datetime
) -> bytes:
    """The .docx with the given body and the pictures it calls rIdP0, rIdP1, ..."""
    parts: dict[str, bytes] = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(_ROOT),
        "docProps/core.xml": _core(title, subject, made_at=made_at),
        "docProps/app.xml": _app(),
        "word/document.xml": _document(body),
        "word/_rels/document.xml.rels": _relations(_document_relations(len(pictures))),
        "word/styles.xml": _xml(styles_xml()),
        "word/settings.xml": _settings(),
        "word/numbering.xml": _numbering(),
        "word/fontTable.xml": _font_table(),
        "word/theme/theme1.xml": _theme(),
        "word/header1.xml": _header(title, subject),
        "word/footer1.xml": _footer(),
    }
    parts |= {f"word/media/image{at}.png": png for at, png in enumerate(pictures)}
    return _archive(parts)


def _archive(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def _xml(text: str) -> bytes:
    return (_XML + text).encode()


def _content_types() -> bytes:
    kinds = {f"/word/{part}.xml": f"{_TYPE}.{kind}+xml" for part, kind in _PARTS.items()} | {
        "/word/document.xml": f"{_TYPE}.document.main+xml",
        "/word/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    }
    parts = "".join(f'<Override PartName="{n}" ContentType="{t}"/>' for n, t in kinds.items())
    return _xml(
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="png" ContentType="image/png"/>{parts}</Types>'
    )


_ROOT = (
    ("rId1", f"{_R}/officeDocument", "word/document.xml"),
    ("rId2", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
    ("rId3", f"{_R}/extended-properties", "docProps/app.xml"),
)


def _document_relations(n_pictures: int) -> list[tuple[str, str, str]]:
    parts = [(f"rId{kind}{part}", f"{_R}/{kind}", f"{part}.xml") for part, kind in _PARTS.items()]
    theme = ("rIdTheme", f"{_R}/theme", "theme/theme1.xml")
    images = [(f"rIdP{at}", f"{_R}/image", f"media/image{at}.png") for at in range(n_pictures)]
    return [*parts, theme, *images]


def _relations(rows: Sequence[tuple[str, str, str]]) -> bytes:
    each = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{to}"/>' for i, t, to in rows)
    return _xml(f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>')


def _document(body: str) -> bytes:
    page = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdheaderheader1"/>'
        '<w:footerReference w:type="default" r:id="rIdfooterfooter1"/>'
        '<w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1418" w:right="1418" w:bottom="1304" w:left="1418" w:header="737" w:footer="680" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr>"
    )
    return _xml(
        f'<w:document xmlns:w="{W}" xmlns:r="{_R}" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f"<w:body>{body}{page}</w:body></w:document>"
    )


def _settings() -> bytes:
    """Chinese as the language of East Asian text; fields (contents, numbers) are updated on opening."""
    compat = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1),
                            ("enableOpenTypeFeatures", 1))
    )  # fmt: skip
    return _xml(
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:updateFields w:val="true"/>'
        f'<w:compat>{compat}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        '<w:clrSchemeMapping w:bg1="light1" w:t1="dark1" w:bg2="light2" w:t2="dark2" w:accent1="accent1" '
        'w:accent2="accent2" w:accent3="accent3" w:accent4="accent4" w:accent5="accent5" w:accent6="accent6" '
        'w:hyperlink="hyperlink" w:followedHyperlink="followedHyperlink"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def _numbering() -> bytes:
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="340" w:hanging="340"/></w:pPr>'
        '<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/><w:color w:val="1B63A5"/></w:rPr></w:lvl>'
    )
    return _xml(
        f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>'
        f'{level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )


def _font_table() -> bytes:
    faces = "".join(f'<w:font w:name="{n}"><w:charset w:val="{c}"/></w:font>' for n, c in (
        (BODY[0], "00"), (SANS[0], "00"), (BODY[1], "86"), (SANS[1], "86")))  # fmt: skip
    return _xml(f'<w:fonts xmlns:w="{W}">{faces}</w:fonts>')


def _theme() -> bytes:
    """A theme whose fonts are those of the styles, for East Asian text too."""
    colours = dict(zip(
        ("dk1", "lt1", "dk2", "lt2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink"),
        ("1F2733", "FFFFFF", "4A5260", "EAF1F8", "1B63A5", "DD863F", "169965", "69B9F7", "AF3E0C", "DBAD0B", "1B63A5", "565971"),
        strict=True,
    ))  # fmt: skip
    scheme = "".join(f'<a:{k}><a:srgbClr val="{v}"/></a:{k}>' for k, v in colours.items())
    faces = "".join(
        f'<a:{kind}Font><a:latin typeface="{latin}"/><a:ea typeface="{chinese}"/><a:cs typeface=""/>'
        f'<a:font script="Hans" typeface="{chinese}"/></a:{kind}Font>'
        for kind, (latin, chinese) in (("major", SANS), ("minor", BODY))
    )
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="9525">{fill}</a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    formats = (
        f"<a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst>"
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst>"
    )
    return _xml(
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="报告"><a:themeElements>'
        f'<a:clrScheme name="报告">{scheme}</a:clrScheme><a:fontScheme name="报告">{faces}</a:fontScheme>'
        f'<a:fmtScheme name="报告">{formats}</a:fmtScheme></a:themeElements></a:theme>'
    )


def _header(title: str, subject: str) -> bytes:
    words = run(f"{title}　{subject}", BY_ID["Header"].look)
    return _xml(f'<w:hdr xmlns:w="{W}" xmlns:r="{_R}">{paragraph(words, "Header")}</w:hdr>')


def _footer() -> bytes:
    look = Look(BODY)
    words = (
        run("第 ", look) + field("PAGE", "1", look=look) + run(" 页　共 ", look)
        + field("NUMPAGES", "1", look=look) + run(" 页", look)
    )  # fmt: skip
    return _xml(f'<w:ftr xmlns:w="{W}" xmlns:r="{_R}">{paragraph(words, "Footer")}</w:ftr>')


def _core(title: str, subject: str, *, made_at: datetime) -> bytes:
    stamp = (made_at.astimezone(UTC) if made_at.tzinfo else made_at).strftime("%Y-%m-%dT%H:%M:%SZ")
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return _xml(
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(clean(title))}</dc:title><dc:subject>{escape(clean(subject))}</dc:subject>"
        f"<dc:language>zh-CN</dc:language>{times}</cp:coreProperties>"
    )


def _app() -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return _xml(
        f'<Properties xmlns="{kind}"><Application>Microsoft Office Word</Application></Properties>'
    )
