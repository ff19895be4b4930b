"""What choosing nothing means is read off the explanation of a parameter."""

from __future__ import annotations

import pytest
from pydantic.fields import FieldInfo

from pages.ui.fields import Asked


@pytest.mark.parametrize(
    ("told", "unset"),
    [
        ("留空表示全部文本", "全部文本"),
        ("多选题；留空用选项最多的多选题", "用选项最多的多选题"),
        ("目标；留空为优先级最高的一条", "优先级最高的一条"),
        ("留空时按题干识别", "自动"),
        ("不选时用 RFM 八类；没有订单时用第一个能分组的客户属性或题目", "自动"),
        ("排序的方向", ""),
        (None, ""),
    ],
)
def test_what_nothing_means_is_read_off_the_explanation(told, unset):
    assert Asked("by", FieldInfo(description=told), "", {}).unset == unset
