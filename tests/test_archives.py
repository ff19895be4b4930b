"""A zip of files is read member by member, by what each holds; traps are refused."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from docx import Document
from raw_files import archive, complain, rows

from insight.errors import SheetNotFound
from insight.readers import RawTable, read

TALK = "主持人：您好，请问喝什么？\n受访者：热的就好。\n"
ORDERS = "订单号,会员号,金额\nA1,u1,10\nA2,u2,20\n"


def names(tables: tuple[RawTable, ...]) -> list[str]:
    return [raw.name for raw in tables]


def named(parts: dict[bytes, bytes]) -> bytes:
    """A zip whose names are these bytes, unmarked, as Chinese Windows writes them."""
    plain = {f"{i:0{len(name)}d}": content for i, (name, content) in enumerate(parts.items())}
    data = archive(plain)
    for place, name in zip(plain, parts, strict=True):
        data = data.replace(place.encode(), name)
    return data


def word(text: str) -> bytes:
    document = Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_every_member_is_read_by_its_content_and_named_after_it():
    data = archive(
        {
            "访谈/访谈01.docx": word(TALK),
            "访谈/访谈02.txt": TALK.encode("gb18030"),
            "订单.dat": ORDERS,
        }
    )
    tables = read(data, "资料.zip")
    assert names(tables) == ["订单", "访谈01", "访谈02"]
    assert [raw.kind for raw in tables] == ["table", "transcript", "transcript"]
    assert tables[1].frame["text"].to_list() == ["您好，请问喝什么？", "热的就好。"]
    assert rows(tables[0]) == [("A1", "u1", "10"), ("A2", "u2", "20")]


def test_one_member_can_be_asked_for_and_is_the_same():
    data = archive({"a.txt": TALK, "b.csv": ORDERS})
    (only,) = read(data, "资料.zip", sheet="b")
    assert only.frame.equals(read(data, "资料.zip")[1].frame)


def test_a_member_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(SheetNotFound, match="没有工作表“c”。可选的工作表：a、b。"):
        read(archive({"a.txt": TALK, "b.csv": ORDERS}), "资料.zip", sheet="c")


def test_files_of_one_name_in_two_folders_keep_their_folder():
    data = archive({"上海/访谈.txt": TALK, "北京/访谈.txt": TALK})
    assert names(read(data, "资料.zip")) == ["上海/访谈.txt", "北京/访谈.txt"]


def test_chinese_names_of_old_systems_are_read_as_gbk():
    data = named(
        {"访谈记录.txt".encode("gbk"): TALK.encode(), "订单.csv".encode("gbk"): ORDERS.encode()}
    )
    assert names(read(data, "资料.zip")) == ["订单", "访谈记录"]


def test_what_systems_leave_behind_is_passed_over():
    leftovers = {"__MACOSX/._a.txt": "x", ".DS_Store": "x", "~$a.docx": "x", "Thumbs.db": "x"}
    assert names(read(archive({"a.txt": TALK, **leftovers}), "资料.zip")) == ["a"]


def test_a_member_that_cannot_be_used_is_named_and_the_rest_is_read():
    data = archive({"a.txt": TALK, "b.png": b"\x89PNG\r\n\x1a\n", "c.csv": ""})
    (only,) = read(data, "资料.zip")
    assert only.name == "a"
    told = "".join(only.notes)
    assert "没有读入：无法读取“b.png”：这是图片" in told
    assert "没有读入：文件“c.csv”是空的" in told


def test_a_zip_of_nothing_useful_says_why():
    assert "这是图片" in complain(archive({"b.png": b"\x89PNG\r\n\x1a\n"}), "资料.zip")
    assert "不是有效的 Excel 或 Word 文件" in complain(archive({}), "资料.zip")
    assert "不是有效的 Excel 或 Word 文件" in complain(archive({"a.txt": TALK}), "表.xlsx")


def test_a_zip_within_a_zip_is_refused():
    inner = archive({"a.txt": TALK})
    assert "压缩包里还有压缩包“b.zip”" in complain(
        archive({"a.txt": TALK, "b.zip": inner}), "资料.zip"
    )
    gz = b"\x1f\x8b\x08\x00" + b"\x00" * 20
    assert "压缩包里还有压缩包“b.gz”" in complain(archive({"a.txt": TALK, "b.gz": gz}), "资料.zip")


@pytest.mark.parametrize(
    "path", ["../../etc/访谈.txt", "/etc/访谈.txt", "C:/访谈.txt", "..\\访谈.txt"]
)
def test_a_member_that_climbs_out_is_refused(path):
    assert "指向文件夹之外的路径" in complain(archive({path: TALK}), "资料.zip")


def test_an_encrypted_member_is_refused():
    data = bytearray(archive({"a.txt": TALK}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at] |= 1
    assert "设有打开密码" in complain(bytes(data), "资料.zip")


def test_a_bomb_is_refused_by_what_it_declares_and_by_what_it_holds():
    data = archive({"a.txt": b" " * (70 * 2**20)})
    assert "压缩比异常" in complain(data, "资料.zip")
    lying = bytearray(archive({"a.txt": (TALK * 500).encode()}))
    at = lying.index(b"PK\x01\x02") + 24
    lying[at : at + 4] = struct.pack("<I", 100)
    assert "文件已损坏" in complain(bytes(lying), "资料.zip")


def test_hundreds_of_files_are_refused():
    data = archive({f"{i}.txt": TALK for i in range(501)})
    assert "里有 501 个文件，超过上限 500 个" in complain(data, "资料.zip")


def test_a_workbook_in_a_zip_gives_its_sheets():
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name in ("一月", "二月"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["订单号", "金额"])
            sheet.write_row(1, 0, ["A1", 10])
    data = archive({"订单.xlsx": file.getvalue()})
    assert names(read(data, "资料.zip")) == ["订单｜一月", "订单｜二月"]
    (only,) = read(data, "资料.zip", sheet="订单｜二月")
    assert rows(only) == [("A1", "10")]


def test_names_marked_as_utf8_are_not_guessed():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as z:
        z.writestr("联通.txt", TALK)
    assert names(read(file.getvalue(), "资料.zip")) == ["联通"]
