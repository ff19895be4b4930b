"""A customer list becomes one row per customer with typed attributes."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.errors import NoUsableColumn


def test_known_attributes_are_typed_and_the_others_kept_under_their_names():
    raw = raw_table({
        "会员号": ["1", "2", "3"], "年龄": ["31", "44", "27"], "性别": ["男", "女", None], "注册日期": ["2020-01-02", None, "2021/3/4"],
        "积分": ["1,200", "0", "35"], "门店": ["A", "B", "A"],
    })  # fmt: skip
    frame = cleaned(raw).frame
    assert frame.columns == ["key_customer_id", "gender", "age", "joined_at", "积分", "门店"]
    assert frame["age"].to_list() == [31.0, 44.0, 27.0]
    assert frame["积分"].to_list() == [1200.0, 0.0, 35.0]
    assert frame["joined_at"][0] == int(datetime(2020, 1, 2, tzinfo=UTC).timestamp())


def test_of_rows_with_the_same_key_the_first_is_kept():
    raw = raw_table({"会员号": ["a", "b", "A ", None], "城市": ["北京", "上海", "广州", "深圳"]})
    result = cleaned(raw, table="customers")
    assert result.frame["city"].to_list() == ["北京", "上海"]
    assert reasons(result) == [
        (4, "同一客户重复出现，保留了第一行", "未导入"), (5, "没有可用的客户标识", "未导入"),
    ]  # fmt: skip


def test_a_column_is_numeric_where_95_percent_of_its_values_are():
    values = [str(i) for i in range(1, 20)]
    raw = raw_table({
        "会员号": [f"u{i}" for i in range(20)], "分数": [*values, "缺"], "等级分": [*values[:-1], "高", "低"], "邮编": [*values[:-1], "007", "8"],
    })  # fmt: skip
    result = cleaned(raw)
    assert result.frame.schema["分数"] == pl.Float64
    assert result.frame["分数"].null_count() == 1
    assert (21, "无法识别为数字", "已置空") in reasons(result)
    assert result.frame.schema["等级分"] == pl.String
    assert result.frame.schema["邮编"] == pl.String


def test_a_column_that_is_no_identity_for_its_values_is_an_attribute():
    raw = raw_table({"cust_id": ["0", "1", "2"], "email": ["yes", "no", "yes"]})
    frame = cleaned(raw).frame
    assert frame.columns == ["key_customer_id", "email"]
    assert frame["email"].to_list() == ["yes", "no", "yes"]


def test_an_attribute_never_takes_the_name_of_a_column_of_the_product():
    raw = raw_table({"会员号": ["1", "2", "3"], "customer_id": ["x", "x", "y"], "region": ["a", "b", "c"], "省份": ["北京", "上海", "河北"]})  # fmt: skip
    result = cleaned(raw, table="customers", 会员号="customer_id", customer_id="attribute", 省份="region", region="attribute")  # fmt: skip
    assert result.frame.columns == ["key_customer_id", "region", "customer_id_2", "region_2"]


def test_a_phone_number_alone_identifies_a_customer():
    raw = raw_table({"手机号": ["13800000001", "13900000002"], "城市": ["北京", "上海"]})
    assert cleaned(raw).frame.columns == ["key_phone", "key_masked14", "key_masked34", "city"]


def test_without_any_identity_the_table_is_refused():
    raw = raw_table({"城市": ["北京", "上海"]})
    with pytest.raises(NoUsableColumn, match="作为客户缺少必需的列：客户编号"):
        clean(raw, propose(raw, table="customers"), secret=SECRET)
