"""PDF interviews: text in reading order, broken lines put together, scans and locks refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from raw_files import complain

from insight.readers import RawTable, read

_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /U def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
1 beginbfrange <0000> <ffff> <0000> endbfrange
endcmap end end"""


def pdf(*pages: list[str], locked: bool = False) -> bytes:
    """A PDF of these lines; every code of its font is the character itself."""
    contents = [_drawn(lines) for lines in pages]
    first = 5
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/ToUnicode 4 0 R/DescendantFonts[<</Type/Font"
        b"/Subtype/CIDFontType2/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000>>]>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(_UNICODE), _UNICODE),
    ]
    for i, content in enumerate(contents):
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents {first + 2 * i + 1} 0 R>>"
        objects += [page.encode(), b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)]
    file, places = io.BytesIO(), []
    file.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj%s endobj\n" % (number, body))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.writelines(b"%010d 00000 n \n" % place for place in places)
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>/ID[(a)(a)]" % (
        b"o" * 32,
        b"u" * 32,
    )
    trailer = b"trailer<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF"
    file.write(trailer % (len(objects) + 1, lock if locked else b"", start))
    return file.getvalue()


def _drawn(lines: list[str]) -> bytes:
    shown = [
        f"1 0 0 1 50 {790 - 20 * i} Tm <{line.encode('utf-16-be').hex()}> Tj".encode()
        for i, line in enumerate(lines)
    ]
    return b"BT /F 12 Tf " + b"\n".join(shown) + b" ET"


def told(data: bytes) -> RawTable:
    (only,) = read(data, "访谈.pdf")
    assert only.kind == "transcript"
    return only


TALK = [
    "主持人：您好，请您先介绍一下平时喝咖啡的习惯，一天喝几杯、在哪里买的呢，",
    "一般和谁一起？",
    "受访者A：我一般早上喝一杯。",
    "主持人：等候时间怎么样？",
    "受访者A：高峰期要等十五分钟。",
]


def test_turns_are_read_and_a_line_broken_by_the_page_goes_on():
    raw = told(pdf(TALK))
    assert raw.frame.select("speaker", "text").rows() == [
        (
            "主持人",
            "您好，请您先介绍一下平时喝咖啡的习惯，一天喝几杯、在哪里买的呢，一般和谁一起？",
        ),
        ("受访者A", "我一般早上喝一杯。"),
        ("主持人", "等候时间怎么样？"),
        ("受访者A", "高峰期要等十五分钟。"),
    ]


def test_page_numbers_and_running_titles_are_no_words():
    pages = [["机密 访谈记录", *TALK[2:4], f"第 {n} 页 共 3 页"] for n in (1, 2, 3)]
    text = "".join(told(pdf(*pages)).frame["text"])
    assert "机密" not in text
    assert "页" not in text
    assert text.count("等候时间怎么样？") == 3


def test_latin_words_broken_by_the_page_keep_their_blank():
    line = "Respondent: I usually buy my coffee in the shop downstairs because it is"
    (text,) = told(pdf([line, "close to the office."])).frame["text"]
    assert text.endswith("because it is close to the office.")


def test_a_scan_says_that_there_is_no_text():
    file = io.BytesIO()
    Image.new("RGB", (200, 200), "white").save(file, "pdf")
    assert "没有文字（扫描件）" in complain(file.getvalue(), "扫描.pdf")


def test_pages_without_text_are_counted():
    raw = told(pdf(TALK, []))
    assert "有 1 页没有文字（可能是扫描页），没有读入。" in raw.notes


def test_a_locked_document_is_refused():
    assert "设有打开密码" in complain(pdf(TALK, locked=True), "锁.pdf")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_document_cut_off_is_refused_or_read_and_never_crashes(share):
    data = pdf(TALK)
    cut = data[: int(len(data) * share)]
    assert "PDF" in complain(cut, "半截.pdf")


def test_text_without_an_encoding_is_refused():
    assert "乱码" in complain(pdf(["\ue001\ue002\ue003\ue004" * 10]), "乱码.pdf")
