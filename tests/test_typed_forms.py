"""What was typed into the question to a database and into Kano's pairs comes back; what opens a database does not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from shown_study import ORDERS, page_of
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight import study as store
from insight.pipeline import holds_credentials
from insight.settings import settings
from pages.ui import places
from pages.ui.pairing import HAVING, LACKING
from pages.ui.places import Place

ROOT = Path(__file__).parents[1]
NAME = "没存的输入"
WORDS = ("喜欢", "理应如此", "无所谓", "可以忍受", "不喜欢")
ANSWERS = "会员号,Q1.如果有送货上门，您的感受是？,Q2.如果没有送货上门，您的感受是？,Q3.如果有礼品包装，您的感受是？,Q4.如果没有礼品包装，您的感受是？\n" + "".join(
    f"M{i % 12},{WORDS[i % 2]},{WORDS[4 - i % 3]},{WORDS[i % 3]},{WORDS[2 + i % 2]}\n"
    for i in range(60)
)  # fmt: skip
QUERY = "SELECT *\nFROM orders WHERE amount > 100"


@pytest.fixture(scope="module")
def study(own_folders, tmp_path_factory):
    base = tmp_path_factory.mktemp("shop") / "shop.db"
    sqlite3.connect(base).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INSIGHT_CONNECTIONS__ARCHIVE", "sqlite:////nowhere/old.db")
        patch.setenv("INSIGHT_CONNECTIONS__SHOP", f"sqlite:///{base}")
        settings.cache_clear()
        made = pipeline.new(settings().studies_dir / NAME)
        pipeline.add(made, ORDERS.encode(), "订单.csv")
        pipeline.add(made, ANSWERS.encode(), "答卷.csv")
        yield made
    settings.cache_clear()


@pytest.fixture(autouse=True)
def nothing_typed(study):
    store.clear_desk(study)


def opened(place: Place, **query: str) -> AppTest:
    """A new session of the app, as after a refresh or on a server that was started again."""
    app = page_of(NAME, place, **query)
    assert not app.exception
    return app


def kept(study, place: Place) -> dict[str, object]:
    found = store.drafts(study, settings().author, place.path)
    return {name: typed.value for name, typed in found.items()}


def said(app: AppTest, kind: str) -> str:
    return "\n".join(str(one.value) for one in app.get(kind))


# the question to a database -----------------------------------------------------------------------


def test_a_query_that_was_not_sent_is_there_in_another_session():
    app = opened(places.IMPORT)
    app.selectbox(key="ask:connection").set_value("shop")
    app.text_input(key="ask:called").set_value("订单")
    app.text_area(key="ask:query").set_value(QUERY).run()
    again = opened(places.IMPORT)
    assert again.selectbox(key="ask:connection").value == "shop"
    assert again.text_input(key="ask:called").value == "订单"
    assert again.text_area(key="ask:query").value == QUERY


def test_a_query_with_a_password_is_warned_of_and_reaches_no_disk(study):
    app = opened(places.IMPORT)
    app.text_area(key="ask:query").set_value(QUERY).run()
    assert "密码" not in said(app, "warning")
    secret = "ATTACH 'postgresql://reader:s3cr3t-word@db.example/shop'"
    app.text_area(key="ask:query").set_value(secret).run()
    assert "像是写着密码" in said(app, "warning")
    assert "ask:query" not in kept(study, places.IMPORT)
    assert opened(places.IMPORT).text_area(key="ask:query").value == ""
    everything = b"".join(f.read_bytes() for f in study.path.rglob("*") if f.is_file())
    assert b"s3cr3t-word" not in everything


@pytest.mark.parametrize(
    "text",
    [
        "mysql://root:abc@10.0.0.3/shop", "postgresql+psycopg://u:p%40ss@h/d", "host=h user=u password=abc dbname=d",
        "CREATE SECRET (TYPE s3, KEY_ID 'AKIAXXXXXXXXXXXXXXXX', SECRET 'abc')", "PWD=abc;UID=sa", "密码：abc",
        "az://c/orders.parquet?sv=2024&sig=abc%3D", "https://b/o.csv?X-Amz-Signature=0f3a", '{"accessKey": "abc"}',
        "CREATE USER x IDENTIFIED BY 'abc'", "SET s3_secret_access_key='abc'", "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----", "AccountKey=abc==", "Authorization: Bearer eyJhbGciOiJI.eyJzdWIiOiIx.abc",
    ],
)  # fmt: skip
def test_what_opens_a_database_is_known_in_many_writings(text):
    assert holds_credentials(text)


@pytest.mark.parametrize(
    "text",
    [
        QUERY, "orders/*.parquet", "s3://lake/orders/year=2024/*.parquet", "https://files.example/orders.csv?month=3",
        "SELECT order_id, password_changed_at FROM users", "SELECT a::text AS b FROM t WHERE c = 'x@y.cn'",
        "SELECT token, design FROM tokens", "postgresql://db.example:5432/shop", "D:\\\\数据\\\\订单.csv", "",
    ],
)  # fmt: skip
def test_plain_questions_are_no_secret(text):
    assert not holds_credentials(text)


# Kano's pairs -------------------------------------------------------------------------------------


def edits(row: dict[str, str]) -> dict[str, object]:
    return {"edited_rows": {1: row}, "added_rows": [], "deleted_rows": []}


def test_pairs_that_were_not_recorded_are_there_in_another_session_and_are_recorded_from_it(study):
    app = opened(places.RESEARCH, view="kano")
    key = f"edit:halves:{NAME}:kano:{store.head(study).id}"
    app.session_state[key] = edits({HAVING: "Q4", LACKING: "Q3"})
    app.run()
    assert kept(study, places.RESEARCH)[key]["edited_rows"] == {"1": {HAVING: "Q4", LACKING: "Q3"}}
    again = opened(places.RESEARCH, view="kano")
    next(b for b in again.button if b.label == "用这些配对").click().run()
    assert not again.exception
    assert pipeline.params_of(study, "kano").pairs == "Q1=Q2、Q4=Q3"
    assert kept(study, places.RESEARCH) == {}
