"""Addresses to provinces and cities: of an address only these are kept, the rest is personal."""

from __future__ import annotations

import polars as pl

from insight.clean.values import by_distinct, words
from insight.simplified import simplified_each

PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_ITS_OWN_CITY = r"北京|天津|上海|重庆|香港|澳门"
_LONGEST_NAME = 12  # "新疆维吾尔自治区" has 8 characters; longer Chinese text is an address
_STREET = r"\d.*[号弄栋幢座室楼层]|[路街巷弄道村镇].*\d"
_PROVINCE = rf"({'|'.join(PROVINCES)})(?:维吾尔|壮族|回族)?(?:省|市|自治区|特别行政区)?[\s,，/\-]*"
_CITY = rf"{_PROVINCE}(\p{{Han}}{{1,9}}?(?:自治州|地区|盟|市))"
_BELOW = rf"^{_PROVINCE}\p{{Han}}{{1,9}}(?:市|区|县|州|盟)"
_CITY_BETWEEN_BLANKS = rf"{_PROVINCE}(\p{{Han}}{{2,5}})\s"  # 广东 深圳 南山区


def provinces(values: pl.Series) -> pl.Series:
    """Regions as written; of full addresses the province only, null where none is named (n) -> (n)."""
    return by_distinct(values, _provinces)


def _provinces(values: pl.Series) -> pl.Series:
    text = words(values)
    named = simplified_each(text).str.extract(f"({'|'.join(PROVINCES)})")
    return text.zip_with(~_is_address(text), named)


def cities(values: pl.Series) -> pl.Series:
    """The cities that full addresses name behind their province, else null (n) -> (n).

    >>> cities(pl.Series(["浙江省 杭州市 西湖区 文三路 1 号 2 栋", "上海市浦东新区世纪大道100号", "浙江"])).to_list()
    ['杭州市', '上海市', None]
    """
    return by_distinct(values, _cities)


def _cities(values: pl.Series) -> pl.Series:
    text = words(values)
    address = simplified_each(text.set(~_is_address(text), None)).alias("address").to_frame()
    found = pl.col("address").str.extract(_CITY, 2)
    between = pl.col("address").str.extract(_CITY_BETWEEN_BLANKS, 2)
    province = pl.col("address").str.extract(_PROVINCE, 1)
    own = pl.when(province.str.contains(f"^(?:{_ITS_OWN_CITY})$")).then(province)
    named = pl.when(own.str.contains("香港|澳门")).then(own).otherwise(own + "市")
    return address.select(pl.coalesce(named, found, between).alias(values.name)).to_series()


def _is_address(text: pl.Series) -> pl.Series:
    """Whether a text is more than the name of a region (n, Boolean)."""
    long = (text.str.len_chars() > _LONGEST_NAME) & text.str.contains(r"\p{Han}|\d")
    place = simplified_each(text)
    deeper = place.str.contains(_BELOW) & ~place.str.contains(f"^{_PROVINCE}$")
    return (long | deeper | text.str.contains(_STREET)).fill_null(value=False)
