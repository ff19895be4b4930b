"""What can be wrong with the meaning given to columns, questions and their codes."""

from __future__ import annotations

from collections.abc import Sequence

from insight.errors.mistake import InsightError


class NoUsableColumn(InsightError):
    """No column of the file fits the table it is meant for."""

    def __init__(self, name: str, table: str, missing: Sequence[str]) -> None:
        self.name, self.table, self.missing = name, table, tuple(missing)
        super().__init__(
            f"“{name}”作为{table}缺少必需的列：{'、'.join(missing)}。",
            "请点“识别得不对？”选择这是什么表，再指定每一列是什么。",
            terminal="请用 --table 指定是哪种表，用 --map 列名=角色 指定每一列是什么。",
        )


class BadMapping(InsightError):
    def __init__(self, column: str, role: str, reason: str) -> None:
        self.column, self.role, self.reason = column, role, reason
        super().__init__(f"映射“{column}={role}”不能用：{reason}。", "请检查列名和角色名。")


class ColumnsLost(InsightError):
    """Columns that played a role last time are not in the file."""

    def __init__(self, name: str, preset: str, columns: Sequence[str]) -> None:
        self.name, self.preset, self.columns = name, preset, tuple(columns)
        super().__init__(
            f"“{name}”缺少“{preset}”用到的列：{'、'.join(columns)}。",
            "请确认导出时勾选了这些列；不加 --strict 可以照常导入。",
        )


class UnclearDates(InsightError):
    """Dates such as 3/5/2024 that nothing in the file tells apart; the user must say how they are written."""

    def __init__(self, name: str, column: str, example: str) -> None:
        self.name, self.column, self.example = name, column, example
        super().__init__(
            f"“{name}”的“{column}”分不清月和日（如 {example}），没有导入。",
            "请选择日期写法：日/月/年 或 月/日/年。",
            terminal="请选择日期写法：日/月/年（--day-first yes）或 月/日/年（--day-first no）。",
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
