"""What can be wrong with a study: its folder, its key, its newest revision."""

from __future__ import annotations

from datetime import date

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
    """Somebody else changed the study since it was read.

    Attributes
    ----------
    theirs, mine : what they and what I changed, in words
    unsaved : my change, written down; "" where it can only be made anew
    """

    def __init__(
        self, author: str, at: str, *, theirs: tuple[str, ...] = (), mine: tuple[str, ...] = (), unsaved: str = ""
    ) -> None:  # fmt: skip
        self.author, self.at = author, at
        self.theirs, self.mine, self.unsaved = theirs, mine, unsaved
        told = f"对方改了：{_listed(theirs)}。" if theirs else ""
        told += f"您想改：{_listed(mine)}。" if mine else ""
        super().__init__(
            f"{author} 在 {at} 已经修改过这个研究，本次修改没有保存。",
            f"{told}请{'在最新的版本上重做，或另存副本' if unsaved else '刷新后再操作'}。",
        )


def _listed(told: tuple[str, ...], most: int = 3) -> str:
    more = f"等 {len(told)} 处" if len(told) > most else ""
    return "；".join(told[:most]) + more


class CannotMerge(InsightError):
    def __init__(self) -> None:
        super().__init__(
            "两边的修改放在一起不成立（例如用了同一个名称），没有保存。",
            "请把其中一处改成对方的，或另存副本。",
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


class ReadOnlyStudy(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"研究“{path}”所在的文件夹不能写入，打不开。",
            "请把整个文件夹复制到可以写入的地方再打开。",
        )


class StudyOnNetwork(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"“{path}”在网络盘上，几个人同时打开会损坏数据。",
            "请放到本机的文件夹；要一起用，在一台电脑上开团队版，或用“备份”和“恢复”传给别人。",
        )


class NotABackup(InsightError):
    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"“{name}”不能恢复：{reason}。", "请选择本软件“备份”生成的 zip 文件。")


class DiskFull(InsightError):
    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"“{path}”所在的磁盘满了，没有写成；原来的内容没有变。", "请腾出空间再试。"
        )


class NobodyFound(InsightError):
    def __init__(self, label: str) -> None:
        super().__init__(
            f"研究里没有人用这个{label}，什么也没有删除。", "请核对，或换一种标识再试。"
        )


class SharedIdentity(InsightError):
    def __init__(self, n: int) -> None:
        self.n = n
        super().__init__(
            f"有 {n} 位客户共用这个标识，分不清要删除谁，什么也没有删除。",
            "请改用客户编号逐个删除。",
        )


class StudyExpired(InsightError):
    def __init__(self, last: date) -> None:
        self.last = last
        super().__init__(
            f"这份研究约定的保存期到 {last:%Y-%m-%d} 为止，现在只能查看，不能修改。",
            "请删除它；约定延长了的话，由管理员在“备份与审计”里改期限。",
        )


class NotExpired(InsightError):
    def __init__(self, last: date | None) -> None:
        self.last = last
        told = f"要到 {last:%Y-%m-%d} 以后" if last else "没有约定"
        super().__init__(
            f"这份研究的保存期{told}，没有删除。", "要提前删除，请先把期限改到昨天或更早。"
        )


class NoReason(InsightError):
    def __init__(self) -> None:
        super().__init__(
            "没有写理由，号码没有显示。", "请写明用来做什么，例如“回访投诉客户”，会记进操作记录。"
        )


class NoSuchSource(InsightError):
    """A place in the list of files that is not there.

    Attributes
    ----------
    number : the place, from 1
    n : files there are
    """

    def __init__(self, number: int, *, n: int) -> None:
        self.number, self.n = number, n
        super().__init__(
            f"研究里没有第 {number} 个文件，现在一共 {n} 个。",
            "可能有人刚移除了文件，请刷新后重新选择。",
        )
