"""What a user can get wrong: one class, one Chinese sentence, one way out each."""

from __future__ import annotations

from collections.abc import Sequence


class InsightError(Exception):
    """A mistake that a user can mend.

    Attributes
    ----------
    message : one Chinese sentence that says what is wrong
    hint : one Chinese sentence that says what to do; may be empty
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}{self.hint}"


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
    def __init__(self, name: str, row: int | None = None) -> None:
        self.name, self.row = name, row
        where = f"第 {row} 行不是可识别的文字编码" if row else "无法判断文字编码"
        super().__init__(f"“{name}”{where}。", "请用 Excel 另存为“CSV UTF-8”或 xlsx 后重新导入。")


class SheetNotFound(InsightError):
    def __init__(self, name: str, sheet: str, sheets: Sequence[str]) -> None:
        self.name, self.sheet, self.sheets = name, sheet, tuple(sheets)
        super().__init__(
            f"“{name}”里没有工作表“{sheet}”。", f"可选的工作表：{'、'.join(sheets[:10])}。"
        )


class NoUsableColumn(InsightError):
    """No column of the file fits the table it is meant for."""

    def __init__(self, name: str, table: str, missing: Sequence[str]) -> None:
        self.name, self.table, self.missing = name, table, tuple(missing)
        super().__init__(
            f"“{name}”作为{table}缺少必需的列：{'、'.join(missing)}。",
            "请在导入时选择是哪种表、各列是什么，或用 --table 和 --map 列名=角色 指定。",
        )


class BadMapping(InsightError):
    def __init__(self, column: str, role: str, reason: str) -> None:
        self.column, self.role, self.reason = column, role, reason
        super().__init__(f"映射“{column}={role}”不能用：{reason}。", "请检查列名和角色名。")


class MissingColumns(InsightError):
    """The data cannot answer an analysis."""

    def __init__(self, title: str, missing: Sequence[str], hint: str = "") -> None:
        self.title, self.missing = title, tuple(missing)
        super().__init__(
            f"“{title}”还缺少：{'、'.join(missing)}。",
            hint or "请在“导入数据”里补上，或在“清洗与映射”里指定对应的列。",
        )


class TooFewRows(InsightError):
    def __init__(self, what: str, n: int, least: int) -> None:
        self.what, self.n, self.least = what, n, least
        super().__init__(
            f"{what}只有 {n} 个，至少需要 {least} 个才能分析。", "请导入更多数据后再试。"
        )


class NotAStudy(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"“{path}”不是研究文件夹。", "请用 python -m insight new 新建，或选择正确的文件夹。"
        )


class StudyExists(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"“{path}”已经有内容，不能在这里新建研究。", "请换一个文件夹名。")


class NewerStudy(InsightError):
    def __init__(self, path: str, version: int) -> None:
        self.path, self.version = path, version
        super().__init__(f"“{path}”由更新的版本（{version}）建立。", "请先升级本软件再打开。")


class DamagedStudy(InsightError):
    def __init__(self, path: str, what: str) -> None:
        self.path, self.what = path, what
        super().__init__(f"研究“{path}”的数据不完整：{what}。", "请从备份恢复，原文件没有被改动。")


class Conflict(InsightError):
    """Somebody else changed the study since it was read."""

    def __init__(self, author: str, at: str) -> None:
        self.author, self.at = author, at
        super().__init__(
            f"{author} 在 {at} 已经修改过这个研究，本次修改没有保存。", "请刷新后再操作。"
        )


class MissingKey(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"找不到研究“{path}”的密钥，无法匹配新的客户标识。",
            "请从原来的电脑复制密钥文件，或设置环境变量 INSIGHT_KEYS_DIR。",
        )


class AlreadyAdded(InsightError):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}”已经导入过，没有重复导入。", "如需重新映射，请到“清洗与映射”。")


class UnknownName(InsightError):
    """A key, table, question or column that does not exist."""

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        listed = "、".join(known[:12]) + ("……" if len(known) > 12 else "")
        super().__init__(f"没有叫“{name}”的{kind}。", f"可选：{listed}。" if known else "")


class BadParameter(InsightError):
    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"参数“{name}”不能用：{reason}。", "请按提示的范围修改。")


class NothingLeft(InsightError):
    """Cleaning dropped every row; ``reason`` is the most frequent one, with its count."""

    def __init__(self, name: str, n: int, reason: str) -> None:
        self.name, self.n, self.reason = name, n, reason
        super().__init__(f"“{name}”的 {n:,} 行都没有导入：{reason}。", "请检查导出范围或列的映射。")


class DuplicateHeaders(InsightError):
    """Two columns share a header, and the tool would have to guess which one is meant."""

    def __init__(self, name: str, headers: Sequence[str]) -> None:
        self.name, self.headers = name, tuple(headers)
        first = headers[0]
        super().__init__(
            f"“{name}”有重复的表头：{'、'.join(headers)}，无法判断该用哪一列。",
            f"请在表格里改名，或用 --map {first}=角色、--map {first}_2=角色 指定。",
        )
