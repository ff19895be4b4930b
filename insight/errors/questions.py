"""What can be wrong with what is asked of the data: names, parameters, too few people."""

from __future__ import annotations

from collections.abc import Sequence

from insight.errors.mistake import InsightError


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


class BadSegmentNames(InsightError):
    """A map of RFM names that does not name every code exactly once."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"分层名称表不能用：{reason}。",
            "每个得分组合要有且只有一个名称；可以先导出现在的名称表，在它上面修改。",
        )


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
        there = f"{what}只有 {n} 个" if n else f"{what}一个也没有"
        super().__init__(f"{there}，至少需要 {least} 个才能分析。", "请导入更多数据后再试。")


class NobodyWeighted(InsightError):
    """Answers are to be weighted, and none of them has a weight that counts."""

    def __init__(self, n: int) -> None:
        self.n = n
        super().__init__(
            f"{n:,} 份答卷的权重都缺失或不大于 0，加权以后一份也不计入。",
            "请改正权重列，或在“映射”里不把它作为权重，也可以在分析的设定里不使用权重。",
        )


class TooFewPeople(InsightError):
    """So few people that a list of them would tell who they are."""

    def __init__(self, n: int, least: int) -> None:
        self.n, self.least = n, least
        super().__init__(
            f"这里只有 {n} 人，不到 {least} 人的名单不能导出。",
            "人数可以引用，名单只能在软件里查看。",
        )


class AmbiguousRow(InsightError):
    """The values given fit several rows of a table."""

    def __init__(self, said: str, n: int, columns: Sequence[str]) -> None:
        self.said, self.n, self.columns = said, n, tuple(columns)
        super().__init__(
            f"有 {n:,} 行符合“{said}”，不知道要展开哪一行。", f"请写全：{'、'.join(columns)}。"
        )


class OrderListMissing(InsightError):
    """The study holds what was bought, but not yet by whom and when; the files are kept."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        listed = "、".join(f"“{name}”" for name in names)
        super().__init__(
            f"{listed}是订单明细，已经保存，但还缺写有买家、时间和实付金额的订单列表。",
            "请再导入同一店铺的订单列表，会按订单号自动合并。",
        )


class TooShort(InsightError):
    """The orders span too few days for what is asked."""

    def __init__(self, what: str, days: int, least: int) -> None:
        self.what, self.days, self.least = what, days, least
        super().__init__(
            f"能用的订单前后只跨 {days:,} 天，至少需要 {least:,} 天才能{what}。",
            "请导入更长时间的订单后再试。",
        )


class BadAudience(InsightError):
    """A rule for an audience cannot be used."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"人群规则不能用：{reason}。", "请修改条件后再试。")


class QuestionsMissing(InsightError):
    """The questionnaire has no questions of the form that a method needs."""

    def __init__(self, title: str, what: str, example: str) -> None:
        self.title, self.what, self.example = title, what, example
        super().__init__(
            f"“{title}”需要{what}，这份问卷里没有找到。",
            f"题目应当这样问：{example}；如果问卷里有而没有认出来，请在“调整”里指定题目。",
        )


class NothingToTell(InsightError):
    """The answers are there, but do not decide what is asked of them."""

    def __init__(self, title: str, reason: str, hint: str) -> None:
        self.title, self.reason = title, reason
        super().__init__(f"“{title}”算不出来：{reason}。", hint)


class NoAudiences(InsightError):
    """Nobody has saved a rule for an audience yet."""

    def __init__(self) -> None:
        super().__init__(
            "这个研究还没有保存人群规则。",
            "请在“客户·人群”页面建一个，或用 audience 命令加 --name 和 --where。",
        )


class BadRule(InsightError):
    """A coding rule cannot be read; ``at`` is the place in it, from 0."""

    def __init__(self, rule: str, reason: str, hint: str, at: int = 0) -> None:
        self.rule, self.reason, self.at = rule, reason, at
        super().__init__(f"编码规则“{rule}”第 {at + 1} 个字符处有误：{reason}。", hint)


class BadCodebook(InsightError):
    """A codebook, or a table of codes, cannot be used."""

    def __init__(self, reason: str, hint: str = "请修改后再试。") -> None:
        self.reason = reason
        super().__init__(f"编码本不能用：{reason}。", hint)


class NobodyLeft(InsightError):
    """A filter leaves nobody to count."""

    def __init__(self, name: str, sentence: str, n_unclear: int) -> None:
        self.name, self.sentence, self.n_unclear = name, sentence, n_unclear
        lost = f"，{n_unclear:,} 份答卷无法判断" if n_unclear else ""
        super().__init__(
            f"筛选“{name}”（{sentence}）之后没有剩下答卷和文本{lost}。",
            "请改选别的筛选，或放宽这个人群的条件。",
        )


class BadLexicon(InsightError):
    """A list of words, synonyms or phrases cannot be used."""

    def __init__(self, reason: str, hint: str = "请修改后再试。") -> None:
        self.reason = reason
        super().__init__(f"词库不能用：{reason}。", hint)


class NoCustomersLeft(InsightError):
    """Nobody is in the group of customers that is to be counted."""

    def __init__(self, name: str, rule: str, n_unclear: int) -> None:
        self.name, self.rule, self.n_unclear = name, rule, n_unclear
        lost = f"，{n_unclear:,} 位客户无法判断" if n_unclear else ""
        super().__init__(f"“{name}”（{rule}）里没有客户{lost}。", "请改看全部客户或别的人群。")


class TwoCurrencies(InsightError):
    """The order files of a study are in several currencies, which cannot be added up."""

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        self.files = tuple(files)
        told = "、".join(f"“{name}”是 {code}" for name, code in files)
        super().__init__(
            f"订单文件的币种不同，金额不能直接相加：{told}。",
            "请换算成同一币种后重新导入，或分成两个研究；如果金额已经换算过，请在“清洗”页选定币种。",
        )
