"""What can stop a piece of work before it is done."""

from __future__ import annotations

from insight.errors.mistake import InsightError


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


class EngineMissing(InsightError):
    """The engine that was asked for is not on this machine."""

    def __init__(self, engine: str, missing: str) -> None:
        self.engine, self.missing = engine, missing
        super().__init__(
            f"这台机器上没有 {missing}，不能用 {engine} 计算。",
            f"请安装 {missing}，或改用 --engine polars。",
        )


class BasketsTooLarge(InsightError):
    """So many items lie in so many baskets that the search for sets would take more memory than it may."""

    def __init__(self, needed_mb: int, allowed_mb: int) -> None:
        self.needed_mb, self.allowed_mb = needed_mb, allowed_mb
        super().__init__(
            f"找一起购买的组合预计要用 {needed_mb:,} MB 内存，超过允许的 {allowed_mb:,} MB，没有开始。",
            "请提高最低支持度，或改按品类分析。",
        )


class TooManySets(InsightError):
    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(
            f"达到最低支持度的组合超过 {most:,} 个，没有算完。",
            "请提高最低支持度，或减少“最多几项”。",
        )


class FontMissing(InsightError):
    """The bundled Chinese font is gone; without it a PDF would show empty boxes."""

    def __init__(self, file: str) -> None:
        self.file = file
        super().__init__(
            f"找不到随软件安装的中文字体 {file}，没有写 PDF。", "请重新安装软件，或改用其他格式。"
        )
