"""Which texts say nothing that could be a topic: non-answers, single signs, too few words."""

from __future__ import annotations

import re
from collections.abc import Sequence

NON_ANSWER, TOO_SHORT = "无实质内容", "有效词不足 2 个"
_LEAST_WORDS = 2
_SIGNS = re.compile(r"[\W_]+")
_NON_ANSWERS = frozenset(
    """无 没 没有 没有了 暂无 暂时没有 目前没有 没啥 没什么 没有什么 没意见 没有意见 无意见 没建议 没有建议 无建议
    不知道 不清楚 不了解 不记得 不记得了 说不清 说不上来 随便 都行 都可以 都好 无所谓 略 同上 如上 不详 保密 拒答
    好 好的 很好 挺好 挺好的 蛮好 非常好 好评 好好 还好 还行 可以 不错 挺不错 很不错 一般 一般般 满意 很满意 非常满意
    嗯 嗯嗯 哦 哈 哈哈 呵呵 是 是的 对 否 无无 没没 棒 赞 顶 没问题 没有问题 默认好评 系统默认好评 此用户没有填写评价
    na none no nothing null test 测试 ok good yes""".split()
)


def noise(texts: Sequence[str], tokens: Sequence[Sequence[str]]) -> list[str]:
    """Why each text stays out of the topics; "" for those that stay in.

    Parameters
    ----------
    texts : (n) normalised
    tokens : (n) their content words

    Returns
    -------
    (n) "", NON_ANSWER or TOO_SHORT (fewer than two different content words)
    """
    return [_why(text, words) for text, words in zip(texts, tokens, strict=True)]


def _why(text: str, words: Sequence[str]) -> str:
    letters = _SIGNS.sub("", text).lower()
    halves = {letters, letters[: len(letters) // 2]} if _doubled(letters) else {letters}
    if len(set(letters)) <= 1 or letters.isdecimal() or halves & _NON_ANSWERS:
        return NON_ANSWER
    return TOO_SHORT if len(set(words)) < _LEAST_WORDS else ""


def _doubled(letters: str) -> bool:
    """很好很好 is 很好 said twice."""
    half = len(letters) // 2
    return len(letters) % 2 == 0 and letters[:half] == letters[half:]
