"""What can be wrong with who asks: not signed in, without the right, or served where it must not be."""

from __future__ import annotations

from insight.errors.mistake import InsightError


class NotAllowed(InsightError):
    """Whoever asks lacks the right.

    Attributes
    ----------
    right : what was asked for, as the rights are called in code
    """

    def __init__(self, right: str, *, label: str, role: str) -> None:
        self.right = right
        who = f"您的角色是“{role}”，" if role else "您还没有这个研究的权限，"
        super().__init__(
            f"{who}不能{label}。", "如果工作需要，请管理员在“管理·成员”里调整您的角色。"
        )


class NotSignedIn(InsightError):
    def __init__(self, reason: str = "") -> None:
        super().__init__(reason or "还没有登录，或登录已经失效。", "请重新登录。")


class UnsafeServing(InsightError):
    """The way the server was started would let strangers in."""


class BadMember(InsightError):
    def __init__(self, person: str, reason: str) -> None:
        self.person = person
        super().__init__(f"“{person}”{reason}。", "请填写他登录时用的邮箱，例如 wang@example.com。")


class LastAdmin(InsightError):
    def __init__(self) -> None:
        super().__init__("这是最后一位管理员，没有改动。", "请先把另一位成员设为管理员。")


class NewerMembers(InsightError):
    def __init__(self, file: str, version: int) -> None:
        self.version = version
        super().__init__(
            f"成员名册“{file}”由更新的版本（{version}）建立。", "请先升级本软件再打开。"
        )


class OnlyOwnCustomers(InsightError):
    """What tells of all customers is asked for by somebody who may see some of them only."""

    def __init__(self) -> None:
        super().__init__(
            "您只能看一部分客户，这里涉及全部客户，不对您开放。",
            "分层、行为、问卷表、主题等分析页可以照常打开；需要看全部客户，请管理员在“管理·成员”里调整。",
        )


class NoOwnCustomers(InsightError):
    """The customers that somebody may see cannot be told, or there are none: they see nothing, never everything."""

    def __init__(self, audience: str, reason: str) -> None:
        self.audience, self.reason = audience, reason
        super().__init__(
            f"您只能看人群“{audience}”里的客户，{reason}，所以现在什么都看不到。",
            "请管理员在“管理·成员”里重新指定您能看哪些客户。",
        )


class BadRows(InsightError):
    """A member cannot be narrowed to some customers."""

    def __init__(self, person: str, reason: str) -> None:
        self.person = person
        super().__init__(
            f"没有改动：“{person}”{reason}。",
            "只有某一个研究里的查看者可以限制为只看一部分客户，请先选研究和角色。",
        )
