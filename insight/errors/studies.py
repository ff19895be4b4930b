"""What can be wrong with a study: its folder, its key, its newest revision."""

from __future__ import annotations

from insight.errors.mistake import InsightError


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
