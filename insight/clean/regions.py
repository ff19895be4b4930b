"""Addresses to provinces: of an address only the province is kept, the rest is personal."""

from __future__ import annotations

import polars as pl

from insight.clean.values import by_distinct, words

PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_LONGEST_NAME = 12  # "新疆维吾尔自治区" has 8 characters; longer Chinese text is an address


def provinces(values: pl.Series) -> pl.Series:
    """Regions as written; of full addresses the province only, null where none is named (n) -> (n)."""
    return by_distinct(values, _provinces)


def _provinces(values: pl.Series) -> pl.Series:
    text = words(values)
    is_address = (text.str.len_chars() > _LONGEST_NAME) & text.str.contains(r"\p{Han}|\d")
    named = text.str.extract(f"({'|'.join(PROVINCES)})")
    return text.zip_with(~is_address.fill_null(value=False), named)
