"""The page of the needs: the matrix and its words, the order of needs, and a statement that is written and kept."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.schema.codebook import Code, Codebook
from insight.settings import settings

ROOT = Path(__file__).parents[1]
BOOK = Codebook(codes=(Code(name="物流", rules=("快递|物流|配送",)), Code(name="价格", rules=("贵|优惠",))))  # fmt: skip


@pytest.fixture(scope="module")
def study(own_folders):
    """80 customers with two or three orders; half of them speak of 快递, a quarter of the price."""
    ids = [f"M{i:04}" for i in range(80)]
    orders = [
        (f"D{i}-{k}", one, f"2024-{month:02}-10 10:00:00", 50.0 + 10 * i)
        for i, one in enumerate(ids)
        for k, month in enumerate((1, 3, 12) if i % 2 else (2, 11))
    ]
    said = [
        (f"R{i}", one, "快递太慢了，等了很久" if i % 2 == 0 else "价格太贵，优惠太少", 2 if i % 4 == 0 else 4)
        for i, one in enumerate(ids)
    ]  # fmt: skip
    made = pipeline.new(settings().studies_dir / "needs_page")
    files = {
        "订单.csv": (("订单编号", "会员号", "下单时间", "实付金额"), orders),
        "商品评价.csv": (("评论编号", "会员号", "评论内容", "评分"), said),
    }
    for name, (header, rows) in files.items():
        frame = pl.DataFrame(rows, schema=list(header), orient="row")
        pipeline.add(made, frame.write_csv().encode(), name)
    pipeline.set_codebook(made, BOOK)
    return made


def opened(study, **query) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/needs/matrix.py")
    for name, value in ({"study": study.path.name} | query).items():
        app.query_params[name] = value
    return app.run()


def words(app: AppTest) -> str:
    return " ".join(str(one.value) for one in (*app.markdown, *app.text, *app.caption, *app.title))


def test_matrix_is_shown_with_its_words_on_cards(study):
    app = opened(study, by="value_tier")
    assert not app.exception
    assert "各人群最需要什么，背后有多少消费？" in words(app)
    assert app.selectbox(key="choose:by").value == "value_tier"
    assert "快递太慢了，等了很久" in words(app)
    assert "客户 " in words(app)
    assert [one.value for one in app.header][-1] == "他们是怎么说的"


def test_colour_can_be_what_is_at_stake(study):
    app = opened(study, by="value_tier")
    app.button_group(key="choose:picture").set_value("stake").run()
    assert not app.exception
    assert "样本不足" in words(app)


def test_order_of_needs_is_a_view_of_its_own(study):
    app = opened(study, view="priorities", by="value_tier")
    assert not app.exception
    assert "先解决哪些需求？" in words(app)
    assert "排第 1 的是" in words(app)


def test_a_statement_is_written_and_kept(study):
    app = opened(study, view="statements")
    assert not app.exception
    assert "还没有写需求陈述" in words(app)
    app.text_input[0].set_value("急着用")
    app.text_input[1].set_value("按时收到")
    next(b for b in app.button if b.label == "保存陈述").click().run()
    assert not app.exception
    (one,) = pipeline.need_statements(study)
    assert one.sentence == "当急着用时，我想按时收到。"
    assert "当急着用时，我想按时收到。" in words(app)
