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

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as it is: made again from its facts, not through its arguments."""
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[InsightError], args: tuple[object, ...]) -> InsightError:
    return kind.__new__(kind, *args)


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
            hint or "请在“导入数据”里补上，或在“映射”里指定对应的列。",
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
        super().__init__(f"“{name}”已经导入过，没有重复导入。", "如需重新映射，请到“映射”。")


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


class BadConnections(InsightError):
    """The file of connections cannot be used."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"数据连接的配置“{path}”不能使用。",
            '请按 [connections.名称] 与 url = "数据库://用户:密码@主机/库" 的写法改正。',
        )


class NothingAsked(InsightError):
    """There is no query and no path."""

    def __init__(self) -> None:
        super().__init__("没有写要取什么数据。", "请写一条 SQL 查询，或数据湖中的路径。")


class SourceFailed(InsightError):
    """A database or lake does not answer, or not this."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"从“{name}”取数没有成功：{reason}。", "请改正后再试；研究没有被改动。")


class BadSegmentNames(InsightError):
    """A map of RFM names that does not name every code exactly once."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"分层名称表不能用：{reason}。",
            "每个得分组合要有且只有一个名称；可以先导出现在的名称表，在它上面修改。",
        )


class BadKind(InsightError):
    """A question cannot be of the kind the user wants."""

    def __init__(self, question: str, kind: str, reason: str) -> None:
        self.question, self.kind, self.reason = question, kind, reason
        super().__init__(f"题目 {question} 不能当作{kind}：{reason}。", "请换一种题型。")


class BadRecode(InsightError):
    """A recode does not fit its question."""

    def __init__(self, question: str, what: str, reason: str) -> None:
        self.question, self.what, self.reason = question, what, reason
        super().__init__(f"题目 {question} 不能{what}：{reason}。", "请先查看这道题的题型和选项。")


class AmbiguousRow(InsightError):
    """The values given fit several rows of a table."""

    def __init__(self, said: str, n: int, columns: Sequence[str]) -> None:
        self.said, self.n, self.columns = said, n, tuple(columns)
        super().__init__(
            f"有 {n:,} 行符合“{said}”，不知道要展开哪一行。", f"请写全：{'、'.join(columns)}。"
        )


class TooFewPeople(InsightError):
    """So few people that a list of them would tell who they are."""

    def __init__(self, n: int, least: int) -> None:
        self.n, self.least = n, least
        super().__init__(
            f"这里只有 {n} 人，不到 {least} 人的名单不能导出。",
            "人数可以引用，名单只能在软件里查看。",
        )


class ColumnsLost(InsightError):
    """Columns that played a role last time are not in the file."""

    def __init__(self, name: str, preset: str, columns: Sequence[str]) -> None:
        self.name, self.preset, self.columns = name, preset, tuple(columns)
        super().__init__(
            f"“{name}”缺少“{preset}”用到的列：{'、'.join(columns)}。",
            "请确认导出时勾选了这些列；不加 --strict 可以照常导入。",
        )


class WorkDied(InsightError):
    """The process that did the work ended by itself: damaged bytes, too many of them, or no memory left."""

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(
            f"“{about}”没有做完：处理它的进程意外中断了。",
            "内容可能已损坏或太大，请另存为 xlsx 或 csv、拆分后再试；数据没有被改动。",
        )


class WorkTooLarge(InsightError):
    """The work needs more memory, or writes a larger file, than the settings allow."""

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(
            f"“{about}”太大，超过了允许使用的内存或文件大小，没有做完。",
            "请拆分或精简后再试，或请管理员调大 INSIGHT_WORKER_MEMORY_MB；数据没有被改动。",
        )


class WorkTooLong(InsightError):
    """The work takes longer than the settings allow."""

    def __init__(self, about: str, seconds: int) -> None:
        self.about, self.seconds = about, seconds
        super().__init__(
            f"“{about}”超过 {seconds:,} 秒还没有做完，已经停止。",
            "请拆分文件或缩小范围后再试，或请管理员调大 INSIGHT_WORKER_SECONDS；数据没有被改动。",
        )


class Cancelled(InsightError):
    """Whoever asked for the work does not want it any more."""

    def __init__(self, about: str) -> None:
        self.about = about
        super().__init__(f"“{about}”已取消，数据没有被改动。")


class NothingToRefresh(InsightError):
    """No table of the study comes from a database or a lake."""

    def __init__(self) -> None:
        super().__init__(
            "这个研究里没有来自数据库或数据湖的数据。",
            "用 fetch 命令或导入页的“从数据库取数”加入后才能更新。",
        )


class UnclearDates(InsightError):
    """Dates such as 3/5/2024 that nothing in the file tells apart; the user must say how they are written."""

    def __init__(self, name: str, column: str, example: str) -> None:
        self.name, self.column, self.example = name, column, example
        super().__init__(
            f"“{name}”的“{column}”分不清月和日（如 {example}），没有导入。",
            "请选择日期写法：日/月/年（--day-first yes）或 月/日/年（--day-first no）。",
        )
