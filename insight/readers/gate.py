"""The gate before every parser: nothing passes that is larger, more encrypted or odder than it says."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from insight.errors import FileTooLarge, UnreadableFile
from insight.readers.raw import Source
from insight.settings import settings

MAX_INFLATED = 400 * 2**20
MAX_TREE = 32 * 2**20  # a part that is parsed into a tree needs ten to forty times its size
_BLOCK = 2**22  # bytes that are inflated at once
_MAX_MEMBERS = 20_000
_BOMB_SIZE, _BOMB_RATIO = 64 * 2**20, 200  # real sheets shrink 8 to 40 times
_DAMAGED = "文件已损坏，内容不完整"
_RESEND = "请重新导出或重新上传。"


def refuse_oversize(size: int, name: str) -> None:
    """Raise FileTooLarge where a file of ``size`` bytes exceeds the setting ``max_upload_mb``."""
    limit = settings().max_upload_mb
    if size > limit * 2**20:
        raise FileTooLarge(name, f"有 {size / 2**20:.0f} MB", f"{limit} MB")


def refuse_area(n_rows: int, n_columns: int, name: str) -> None:
    """Raise FileTooLarge for too many columns or too large an area (settings)."""
    limits = settings()
    if n_rows * n_columns > limits.max_cells:
        area = f"的有效区域异常大（{n_rows} 行 × {n_columns} 列）"
        raise FileTooLarge(name, area, f"{limits.max_cells // 10_000} 万格")
    if n_columns > limits.max_columns:
        raise FileTooLarge(name, f"共有 {n_columns} 列", f"{limits.max_columns} 列")


def damaged(name: str) -> UnreadableFile:
    """The error for bytes that break off or contradict themselves."""
    return UnreadableFile(name, _DAMAGED, _RESEND)


def open_archive(content: bytes | Path, name: str) -> zipfile.ZipFile:
    """Open a zip whose directory is sane; members are still to be read through this module.

    Raises
    ------
    UnreadableFile : cut off, encrypted, duplicate or path-climbing members, unusual compression
    FileTooLarge : the declared content exceeds what an upload may unfold to
    """
    try:
        archive = zipfile.ZipFile(content if isinstance(content, Path) else io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error):
        raise UnreadableFile(name, "文件不完整，可能上传中断", "请重新上传。") from None
    members = archive.infolist()
    _refuse_odd_members(members, name)
    declared, size = sum(m.file_size for m in members), Source(content, name).size
    if declared > MAX_INFLATED:
        raise _too_large(declared, name)
    if declared > _BOMB_SIZE and declared > _BOMB_RATIO * size:
        reason = f"压缩比异常（{declared // size} 倍），可能被恶意构造"
        raise UnreadableFile(name, reason, _RESEND)
    return archive


def _refuse_odd_members(members: list[zipfile.ZipInfo], name: str) -> None:
    names = [m.filename for m in members]
    if len(set(names)) < len(names) or len(names) > _MAX_MEMBERS:
        raise UnreadableFile(name, "压缩包里有重复或过多的成员", _RESEND)
    if any(_climbs(n) for n in names):
        raise UnreadableFile(name, "压缩包里有指向文件夹之外的路径", _RESEND)
    if any(m.flag_bits & 0x1 for m in members):
        raise UnreadableFile(name, "文件设有打开密码", "请取消密码后重新上传。")
    if any(m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for m in members):
        raise UnreadableFile(name, "压缩方式不受支持")


def _climbs(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0]


def _too_large(size: int, name: str) -> FileTooLarge:
    return FileTooLarge(
        name,
        f"解压后有 {size / 2**20:.0f} MB，可能已损坏或被恶意构造",
        f"{MAX_INFLATED // 2**20} MB",
    )


def part_blocks(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[bytes]:
    """The bytes of a member in blocks; stops at its declared size and checks its CRC.

    Raises
    ------
    UnreadableFile : absent, damaged, holding other bytes than declared, or declaring a DOCTYPE
    """
    tail = b""
    try:
        with archive.open(part) as member:
            while block := member.read(_BLOCK):
                if b"<!DOCTYPE" in tail + block or (not tail and b"\x00" in block[:512]):
                    raise UnreadableFile(name, "文件里有不允许的 XML 声明", _RESEND)
                tail = block[-8:]
                yield block
    except (KeyError, ValueError, EOFError, OSError, zlib.error, zipfile.BadZipFile, struct.error):
        raise damaged(name) from None


def part_tree(archive: zipfile.ZipFile, part: str, name: str) -> etree._Element:
    """The root element of an XML member; entities, DTDs and the network are out of reach.

    Raises
    ------
    UnreadableFile : as ``part_blocks``, or not well-formed
    FileTooLarge : more than ``MAX_TREE`` bytes
    """
    if part in archive.namelist() and archive.getinfo(part).file_size > MAX_TREE:
        raise _too_large(archive.getinfo(part).file_size, name)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
    )
    try:
        return etree.fromstring(b"".join(part_blocks(archive, part, name)), parser)
    except etree.XMLSyntaxError:
        raise damaged(name) from None


def part_text(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[str]:
    """The text of an XML member in pieces; UTF-8 as the formats demand."""
    carry = b""
    for block in part_blocks(archive, part, name):
        whole = carry + block
        cut = len(whole) - _open_bytes(whole)
        carry = whole[cut:]
        yield _utf8(whole[:cut], name)
    yield _utf8(carry, name)


def _open_bytes(block: bytes) -> int:
    """How many bytes at the end belong to a UTF-8 character that goes on in the next block."""
    found = re.search(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z", block[-3:])
    return len(found[0]) if found else 0


def _utf8(block: bytes, name: str) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        raise damaged(name) from None


def check_compound(data: bytes, name: str) -> None:
    """Refuse an OLE file whose header counts more sectors than the file has ([MS-CFB] 2.2).

    Raises
    ------
    UnreadableFile : false counts; a parser that trusts them asks for gigabytes
    """
    if len(data) < 1536:
        raise damaged(name)
    (shift,) = struct.unpack_from("<H", data, 30)
    counts = [*struct.unpack_from("<II", data, 40), *struct.unpack_from("<4I", data, 60)[1::2]]
    if shift not in (9, 12) or max(counts) > len(data) >> shift:
        raise damaged(name)
