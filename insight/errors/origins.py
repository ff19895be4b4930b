"""What can be wrong when data comes from a database or a lake."""

from __future__ import annotations

from insight.errors.mistake import InsightError


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


class NothingToRefresh(InsightError):
    """No table of the study comes from a database or a lake."""

    def __init__(self) -> None:
        super().__init__(
            "这个研究里没有来自数据库或数据湖的数据。",
            "用 fetch 命令或导入页的“从数据库取数”加入后才能更新。",
        )
