"""A zip of files: each member is read by its own content, one level deep."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from insight.errors import FileTooLarge, InsightError, SheetNotFound, UnreadableFile
from insight.readers import gate
from insight.readers.headers import clean_name
from insight.readers.kinds import archive_kind, kind_of
from insight.readers.raw import RawTable, Source

_MOST_FILES = 500
_UTF8_NAME = 0x800
_OFFICE = frozenset({"xlsx", "xls", "docx", "doc", "xlsm", "xlsb", "et", "wps"})
_NESTED = ("压缩包里还有压缩包“{}”", "请先解压里面的压缩包，再一起上传。")

Read = Callable[[Source], tuple[RawTable, ...]]


def read_members(source: Source, archive: zipfile.ZipFile, *, read: Read) -> tuple[RawTable, ...]:
    """Read every member of a zip of files.

    Parameters
    ----------
    source : the zip; ``source.sheet`` reads only the member that this table is of
    archive : opened by the gate
    read : reads one file

    Returns
    -------
    One RawTable or more a member, named after it: ``访谈01``, ``答卷｜Sheet1`` where it has several
        tables. Members that cannot be used are told in the notes of the first

    Raises
    ------
    UnreadableFile : an office document in pieces, zips within the zip, nothing that can be read
    FileTooLarge : too many files
    """
    members = _files(archive)
    if source.suffix in _OFFICE or not members:
        hint = "压缩包请用 .zip 作后缀，里面放表格或访谈文件。"
        raise UnreadableFile(source.name, "不是有效的 Excel 或 Word 文件", hint)
    if len(members) > _MOST_FILES:
        raise FileTooLarge(source.name, f"里有 {len(members)} 个文件", f"{_MOST_FILES} 个")
    tables: list[RawTable] = []
    unread: list[InsightError] = []
    for label, info in members.items():
        if source.sheet is not None and source.sheet.partition("｜")[0] != label:
            continue
        try:
            tables += _member(source, archive, info, label=label, read=read)
        except _Nested as error:
            raise error.told from None
        except InsightError as error:
            unread.append(error)
    if not tables:
        raise unread[0] if unread else SheetNotFound(source.name, source.sheet or "", list(members))
    return _with_notes(tables, unread)


class _Nested(Exception):
    """A zip within the zip; ``told`` is what the user is told."""

    def __init__(self, told: UnreadableFile) -> None:
        super().__init__(str(told))
        self.told = told


def _files(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files by what they are called: their stem, or their whole path where a stem comes twice."""
    paths = {path: info for info in archive.infolist() if _is_file(path := _path(info), info)}
    stems = Counter(path.stem for path in paths)
    return {
        clean_name(path.stem if stems[path.stem] == 1 else str(path)): info
        for path, info in sorted(paths.items())
    }


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(_name(info).replace("\\", "/"))


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member; without the mark for UTF-8, Chinese systems write GBK."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    raw = info.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_file(path: PurePosixPath, info: zipfile.ZipInfo) -> bool:
    """Whether a member is a file of the user, and none that a system leaves behind."""
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    return (
        not info.is_dir() and not hidden and path.name.lower() not in ("thumbs.db", "desktop.ini")
    )


def _member(
    source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, label: str, read: Read
) -> list[RawTable]:
    name = clean_name(_path(info).name)
    data = _bytes(archive, info, name)
    _refuse_nested(data, name)
    tables = read(Source(data, name, encoding=source.encoding))
    if len(tables) == 1:
        return [replace(tables[0], name=label)]
    return [replace(table, name=f"{label}｜{table.name}") for table in tables]


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """The content of a member, at most as long as the directory says, its checksum verified."""
    try:
        return archive.read(info)
    except (ValueError, EOFError, OSError, zlib.error, zipfile.BadZipFile, struct.error):
        raise gate.damaged(name) from None


def _refuse_nested(data: bytes, name: str) -> None:
    kind = kind_of(data, size=len(data))
    if kind == "zip":
        with gate.open_archive(data, name) as inner:
            kind = archive_kind(inner)
    if kind in ("archive", "packed"):
        reason, hint = _NESTED
        raise _Nested(UnreadableFile(name, reason.format(name), hint))


def _with_notes(tables: list[RawTable], unread: list[InsightError]) -> tuple[RawTable, ...]:
    if not unread:
        return tuple(tables)
    first, *others = tables
    said = tuple(f"没有读入：{error.message}" for error in unread)
    return (replace(first, notes=(*first.notes, *said)), *others)
