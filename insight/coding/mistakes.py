"""Where a coding rule is wrong and what to write instead, for those who know no grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insight.errors import BadRule

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

_OPERATORS = {"|": "或者", "&": "并且", "!": "不含"}
_SPELT = {
    "and": "&", "并": "&", "且": "&", "并且": "&", "or": "|", "或": "|", "或者": "|", "not": "!",
}  # fmt: skip
_BRACKETS = "每个“(”都要有一个“)”与它配对，如：(价格|贵) & !划算。"
_AFTER = "请补上要找的词，或删掉这个运算符。"
_BETWEEN = '几个词之间，“或者”写 |，“并且”写 &；词里有空格时给它加上引号，如："iPhone 15"。'
_IN_NEAR = "请写成 near(词, 词, 字数)，如：near(物流|快递, 慢, 8)。"


def explained(text: str, written: str, error: UnexpectedInput) -> BadRule:
    """The mistake of a rule as a sentence.

    Parameters
    ----------
    text : as the user wrote it
    written : the same with the signs of an English keyboard, place by place
    """
    at = len(text.rstrip()) if _is_end(error) else int(error.pos_in_stream or 0)
    before = written[:at].rstrip()
    if _is_end(error):
        return _unfinished(text, before, at=max(len(before) - 1, 0))
    found = written[at]
    if written[at:].lower().startswith("near"):
        return BadRule(text, "near 不能写在两个词中间", _IN_NEAR, at=at)
    reason, hint = _misplaced(found, before)
    return BadRule(text, reason, hint, at=at)


def _is_end(error: UnexpectedInput) -> bool:
    return getattr(getattr(error, "token", None), "type", "") == "$END"


def _unfinished(text: str, before: str, *, at: int) -> BadRule:
    if operator := _ends_with(before):
        return BadRule(text, f"“{operator}”（{_OPERATORS[operator]}）后面没有词", _AFTER, at=at)
    opened = _unclosed(before)
    if opened is not None and before[:opened].rstrip().lower().endswith("near"):
        return BadRule(text, "near 没有写完", _IN_NEAR, at=opened)
    if opened is not None:
        return BadRule(text, "左括号没有对应的右括号", _BRACKETS, at=opened)
    return BadRule(text, "规则没有写完", _AFTER, at=at)


def _misplaced(found: str, before: str) -> tuple[str, str]:
    """Why the sign or word ``found`` cannot stand behind ``before``, and the way out."""
    match found:
        case '"':
            return "引号没有成对", '请在词的两边各加一个引号，如："iPhone 15"。'
        case "、" | ";" | "；":
            return f"“{found}”不能用来分开几个词", "几个词之间请用 | 表示“或者”。"
        case "。" | "？":
            return f"词里不能有“{found}”", "规则按句子查找，请删掉标点。"
        case "!":
            return "“!”（不含）前面缺少“并且”", "请写成：价格 & !划算。"
        case ")":
            return _closing(before)
        case ",":
            return _comma(before)
        case "|" | "&":
            return _operator(found, before)
    if _is_in_near(before) and "," in before[before.rfind("(") :]:
        return "near 里多了一项", _IN_NEAR
    return "前后两个词之间缺少运算符", _BETWEEN


def _closing(before: str) -> tuple[str, str]:
    if operator := _ends_with(before):
        return f"“{operator}”（{_OPERATORS[operator]}）后面没有词", _AFTER
    if before.endswith("("):
        return "括号里是空的", "请在括号里写上要找的词，或删掉括号。"
    if _is_in_near(before):
        return "near 里还缺一个词", _IN_NEAR
    return "多了一个右括号", _BRACKETS


def _comma(before: str) -> tuple[str, str]:
    if _is_in_near(before):
        return "near 里多了或少了一项", _IN_NEAR
    return "逗号只能写在 near(…) 里", "几个词之间请用 | 表示“或者”，用 & 表示“并且”。"


def _operator(found: str, before: str) -> tuple[str, str]:
    if not before:
        place = f"规则不能以“{found}”（{_OPERATORS[found]}）开头"
        return place, "请在它前面写上要找的词，或删掉它。"
    if operator := _ends_with(before):
        joined = f"“{operator}”和“{found}”连在了一起"
        return joined, "两个词之间只写一个运算符；“不含”写 &!，如：价格 &! 划算。"
    return f"“{found}”（{_OPERATORS[found]}）前面没有词", "请在它前面写上要找的词，或删掉它。"


def _ends_with(before: str) -> str:
    """The operator a text ends with, as a sign; "" for none."""
    if before and before[-1] in _OPERATORS:
        return before[-1]
    last = before.split()[-1].lower() if before.split() else ""
    return _SPELT.get(last, "")


def _unclosed(before: str) -> int | None:
    """Place of the innermost bracket that is still open."""
    opened: list[int] = []
    for at, sign in enumerate(before):
        if sign == "(":
            opened.append(at)
        elif sign == ")" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _is_in_near(before: str) -> bool:
    opened = _unclosed(before)
    return opened is not None and before[:opened].rstrip().lower().endswith("near")
