"""Of an address the province and the city are kept, nothing else."""

from __future__ import annotations

import polars as pl
import pytest
from clean_tables import cleaned, raw_table

from insight.clean.regions import cities, provinces

ADDRESSES = {
    "张三，86-13812345678，浙江省 杭州市 西湖区 文三路 1 号": ("浙江", "杭州市"),
    "广东 深圳 南山区 科技园1栋2单元": ("广东", "深圳"),
    "广东深圳市南山区科技园路1号院": ("广东", "深圳市"),
    "北京 北京市 朝阳区 建国路88号": ("北京", "北京市"),
    "上海浦东新区世纪大道100号": ("上海", "上海市"),
    "新疆维吾尔自治区乌鲁木齐市天山区解放路1号": ("新疆", "乌鲁木齐市"),
    "内蒙古自治区 锡林郭勒盟 锡林浩特市 1号": ("内蒙古", "锡林郭勒盟"),
    "吉林省延边朝鲜族自治州延吉市光明街1号": ("吉林", "延边朝鲜族自治州"),
    "臺灣 臺北市 信義區 市府路1號": ("台湾", "台北市"),
    "广东省深圳市南山区": ("广东", "深圳市"),
    "文三路1号": (None, None),
}
NAMES = [
    "浙江",
    "浙江省",
    "内蒙古自治区",
    "广西壮族自治区",
    "北京市",
    "香港特别行政区",
    "华东",
    "Bayern",
]


@pytest.mark.parametrize(("address", "place"), ADDRESSES.items())
def test_an_address_gives_its_province_and_city(address, place):
    values = pl.Series([address])
    assert (provinces(values)[0], cities(values)[0]) == place


def test_the_name_of_a_region_stays_as_written():
    assert provinces(pl.Series(NAMES)).to_list() == NAMES
    assert cities(pl.Series(NAMES)).is_null().all()


def test_orders_with_an_address_have_region_and_city_and_no_street():
    addresses = list(ADDRESSES)[:4]
    days = [f"2024-03-0{i}" for i in range(1, 5)]
    raw = raw_table({"订单编号": list("1234"), "下单时间": days, "实付金额": ["1"] * 4, "收货地址": addresses})  # fmt: skip
    frame = cleaned(raw).frame
    assert frame["region"].to_list() == ["浙江", "广东", "广东", "北京"]
    assert frame["city"].to_list() == ["杭州市", "深圳", "深圳市", "北京市"]
    assert "路" not in frame.write_csv()


def test_a_column_of_cities_comes_before_the_address():
    raw = raw_table(
        {
            "订单编号": ["1", "2"], "下单时间": ["2024-03-01", "2024-03-02"], "实付金额": ["1", "2"],
            "城市": ["义乌", "余姚"], "收货地址": ["浙江省金华市义乌市1号路", "浙江省宁波市余姚市1号路"],
        }
    )  # fmt: skip
    assert cleaned(raw).frame["city"].to_list() == ["义乌", "余姚"]
