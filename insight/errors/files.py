"""What can be wrong with a file that is to be read."""

from __future__ import annotations

from collections.abc import Sequence

from insight.errors.mistake import InsightError


class EmptyFile(InsightError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"文件“{name}”是空的，没有任何内容。", "请重新导出后再导入。")


class HeaderOnly(InsightError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}”只有表头，没有数据行。", "请确认导出时选择了数据范围。")


class UnreadableFile(InsightError):
    """The bytes are not what any reader understands, or they are damaged."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        self.name, self.reason = name, reason
        super().__init__(
            f"无法读取“{name}”：{reason}。", hint or "请另存为 xlsx 或 csv 后重新导入。"
        )


class FileTooLarge(InsightError):
    def __init__(self, name: str, what: str, limit: str) -> None:
        self.name, self.what, self.limit = name, what, limit
        super().__init__(f"“{name}”{what}，超过上限 {limit}，未导入。", "请拆分或精简后重新导出。")


class UnknownEncoding(InsightError):
    """``candidates`` are the encodings to choose from: (name, label, first lines as they would look)."""

    def __init__(
        self,
        name: str,
        row: int | None = None,
        candidates: Sequence[tuple[str, str, tuple[str, ...]]] = (),
    ) -> None:
        self.name, self.row, self.candidates = name, row, tuple(candidates)
        where = f"第 {row} 行不是可识别的文字编码" if row else "无法判断文字编码"
        super().__init__(
            f"“{name}”{where}。",
            "请按预览选择一种编码，或用 Excel 另存为“CSV UTF-8”或 xlsx 后重新导入。",
        )


class SheetNotFound(InsightError):
    def __init__(self, name: str, sheet: str, sheets: Sequence[str]) -> None:
        self.name, self.sheet, self.sheets = name, sheet, tuple(sheets)
        super().__init__(
            f"“{name}”里没有工作表“{sheet}”。", f"可选的工作表：{'、'.join(sheets[:10])}。"
        )


class DuplicateHeaders(InsightError):
    """Two columns share a header, and the tool would have to guess which one is meant."""

    def __init__(self, name: str, headers: Sequence[str]) -> None:
        self.name, self.headers = name, tuple(headers)
        first = headers[0]
        super().__init__(
            f"“{name}”有重复的表头：{'、'.join(headers)}，无法判断该用哪一列。",
            "请在表格里改名后重新上传，或在“每一列是什么”里指定用哪一列。",
            terminal=f"请在表格里改名，或用 --map {first}=角色、--map {first}_2=角色 指定。",
        )


class NothingLeft(InsightError):
    """Cleaning dropped every row; ``reason`` is the most frequent one, with its count."""

    def __init__(self, name: str, n: int, reason: str) -> None:
        self.name, self.n, self.reason = name, n, reason
        super().__init__(f"“{name}”的 {n:,} 行都没有导入：{reason}。", "请检查导出范围或列的映射。")


class BadTemplate(InsightError):
    """A PowerPoint file that slides cannot be laid on."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"这个 PowerPoint 模板用不了：{reason}。",
            "请换一个带有“标题”占位符版式的 pptx 文件，或不用模板。",
        )


class FileInUse(InsightError):
    """A file cannot be replaced."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"“{path}”写不进去，一个文件也没有改动。",
            "请关闭正在打开它的程序再试，或换一个文件夹。",
        )
