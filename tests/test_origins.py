"""Queries to real databases and files of a lake become one Parquet file, or one sentence."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl
import pytest
from deltalake import write_deltalake

from insight.errors import BadConnections, FileTooLarge, NothingAsked, SourceFailed, UnknownName
from insight.origins import connections, fetch
from insight.schema import Origin
from insight.settings import settings
from tests import servers

ORDERS = """
CREATE TABLE orders (order_id bigint, phone text, paid_at timestamptz, day date, amount numeric(10,2), note text)
"""
LINES = """
INSERT INTO orders VALUES
  (412345678901234567, '013800000001', '2024-03-05 23:30:00+08', '2024-03-05', 1234.50, '好评'),
  (412345678901234568, NULL, NULL, NULL, -12.00, '退款')
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with servers.postgresql(tmp_path_factory.mktemp("pg")) as url:
        servers.filled(url, ORDERS, LINES)
        yield url


@pytest.fixture
def connect(monkeypatch, tmp_path):
    """Configure connections for one test: name -> address."""

    def configure(**urls: str) -> None:
        for name, url in urls.items():
            monkeypatch.setenv(f"INSIGHT_CONNECTIONS__{name.upper()}", url)
        settings.cache_clear()

    monkeypatch.setenv("INSIGHT_SECRETS_FILE", str(tmp_path / "secrets.toml"))
    yield configure
    monkeypatch.undo()
    settings.cache_clear()


def asked(connection: str, ask: str, folder: Path) -> pl.DataFrame:
    into = folder / "answer.parquet"
    n = fetch(Origin(connection=connection, ask=ask), into=into)
    frame = pl.read_parquet(into)
    assert frame.height == n
    return frame


def test_a_query_to_postgresql_keeps_digits_cents_and_the_shops_own_day(server, connect, tmp_path):
    connect(shop=server)
    frame = asked("shop", "SELECT * FROM orders ORDER BY order_id;", tmp_path)
    first = frame.with_columns(pl.col("paid_at").dt.to_string("%Y-%m-%d %H:%M")).row(0, named=True)
    assert first["order_id"] == 412345678901234567
    assert first["phone"] == "013800000001"
    assert first["paid_at"] == "2024-03-05 23:30"  # UTC would be 15:30
    assert first["amount"] == "1234.50"
    assert frame["amount"].to_list() == ["1234.50", "-12.00"]


def test_an_answer_without_rows_still_has_its_columns(server, connect, tmp_path):
    connect(shop=server)
    frame = asked("shop", "SELECT order_id, amount FROM orders WHERE false", tmp_path)
    assert frame.columns == ["order_id", "amount"]
    assert frame.is_empty()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM orderz", "没有表“orderz”"),
        ("SELECT nix FROM orders", "没有列“nix”"),
        ("SELEC 1", "SQL 写法有误"),
        ("SELECT 1; DROP TABLE orders", "一次只能写一条查询"),
        ("DELETE FROM orders", "只能读取，不能改动数据库"),
        ("INSERT INTO orders (order_id) VALUES (3) RETURNING order_id", "只能读取，不能改动数据库"),
        ("SELECT 1/0", "数据库报错（22012）"),
    ],
)
def test_a_wrong_query_to_postgresql_gets_one_sentence_and_changes_nothing(
    server, connect, tmp_path, sql, reason
):
    connect(shop=server)
    with pytest.raises(SourceFailed) as caught:
        asked("shop", sql, tmp_path)
    assert caught.value.reason == reason
    assert asked("shop", "SELECT count(*) AS n FROM orders", tmp_path)["n"][0] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url: url.replace(servers.PASSWORD, "wrong"), "用户名或密码不对"),
        (lambda url: url.replace("/postgres", "/nix"), "没有数据库“nix”"),
        (lambda url: url.rpartition(":")[0] + ":1/postgres", "连不上数据库"),
    ],
)
def test_who_cannot_get_in_hears_why_and_never_the_password(
    server, connect, tmp_path, change, reason
):
    connect(shop=change(server))
    with pytest.raises(SourceFailed) as caught:
        asked("shop", "SELECT 1", tmp_path)
    assert caught.value.reason == reason
    assert servers.PASSWORD not in str(caught.value)
    assert servers.PASSWORD not in repr(connections())


def test_a_query_that_takes_too_long_is_ended(server, connect, tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHT_QUERY_SECONDS", "1")
    connect(shop=server)
    with pytest.raises(SourceFailed, match="超过了时间限制"):
        asked("shop", "SELECT pg_sleep(20)", tmp_path)


def test_sqlite_is_read_and_never_written(connect, tmp_path):
    file = tmp_path / "店铺.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE 订单 (订单号 TEXT, 金额 REAL)")
        db.execute("INSERT INTO 订单 VALUES ('0001', 9.5), ('0002', NULL)")
        db.commit()
    connect(local=f"sqlite:///{file}")
    assert asked("local", "SELECT * FROM 订单", tmp_path).rows() == [("0001", 9.5), ("0002", None)]
    with pytest.raises(SourceFailed, match="没有表“nix”"):
        asked("local", "SELECT * FROM nix", tmp_path)
    with pytest.raises(SourceFailed, match="只能读取"):
        asked("local", "DELETE FROM 订单", tmp_path)


def test_duckdb_is_read_and_reaches_no_other_file(connect, tmp_path):
    file, other = tmp_path / "shop.duckdb", tmp_path / "other.csv"
    other.write_text("a\n1\n")
    with duckdb.connect(str(file)) as db:
        db.execute("CREATE TABLE o AS SELECT '0001' AS id, 9.5::DECIMAL(10,2) AS amount")
    connect(local=f"duckdb:///{file}")
    frame = asked("local", "SELECT * FROM o", tmp_path)
    assert frame["id"].to_list() == ["0001"]
    assert float(frame["amount"][0]) == 9.5
    for sql in (f"SELECT * FROM read_csv('{other}')", "SELECT 1; SELECT 2", "DELETE FROM o"):
        with pytest.raises(SourceFailed):
            asked("local", sql, tmp_path)


def test_a_lake_gives_parquet_csv_and_delta_relative_to_its_root(connect, tmp_path):
    lake = tmp_path / "lake"
    (lake / "orders" / "month=2024-01").mkdir(parents=True)
    frame = pl.DataFrame({"id": ["01", "02"], "amount": [1.5, 2.5]})
    frame.write_parquet(lake / "orders" / "month=2024-01" / "a.parquet")
    (lake / "reviews.csv").write_text("编号,内容\n007,好\n", encoding="utf-8")
    write_deltalake(str(lake / "delta"), frame.to_arrow())
    write_deltalake(str(lake / "delta"), frame.head(1).to_arrow(), mode="append")
    connect(lake=f"file://{lake}")
    assert connections()["lake"].label == "数据湖"
    assert asked("lake", "orders", tmp_path).select("id", "month").rows() == [("01", "2024-01"), ("02", "2024-01")]  # fmt: skip
    assert asked("lake", "orders/*/*.parquet", tmp_path)["amount"].sum() == 4.0
    assert asked("lake", "reviews.csv", tmp_path).rows() == [("007", "好")]
    assert asked("lake", "delta", tmp_path)["id"].sort().to_list() == ["01", "01", "02"]
    assert asked("", str(lake / "delta"), tmp_path).height == 3


@pytest.mark.parametrize(
    "path", ["../secret.csv", "a/../../b.parquet", "/etc/hosts.csv", "s3://other/x"]
)
def test_a_path_never_climbs_out_of_its_lake(connect, tmp_path, path):
    connect(lake=str(tmp_path))
    with pytest.raises(SourceFailed, match="之内"):
        asked("lake", path, tmp_path)


@pytest.mark.parametrize("path", ["nix.parquet", "nix", "nix.csv", "nix/*.parquet"])
def test_a_place_without_files_says_so(connect, tmp_path, path):
    connect(lake=str(tmp_path))
    with pytest.raises(SourceFailed, match="找不到这个位置的文件"):
        asked("lake", path, tmp_path)


def test_an_answer_larger_than_an_import_is_refused(connect, tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHT_MAX_UPLOAD_MB", "1")
    with duckdb.connect(str(tmp_path / "big.duckdb")) as db:
        db.execute("CREATE TABLE o AS SELECT uuid()::VARCHAR AS id FROM range(200_000)")
    connect(big=f"duckdb:///{tmp_path / 'big.duckdb'}")
    with pytest.raises(FileTooLarge):
        asked("big", "SELECT * FROM o", tmp_path)


def test_connections_come_from_the_secrets_file_and_the_environment_wins(connect, tmp_path):
    (tmp_path / "secrets.toml").write_text(
        '[connections.shop]\nurl = "postgresql://a:b@c/d"\n[connections.lake]\nurl = "s3://bucket"\n'
    )
    connect(shop="mysql://e:f@g/h")
    assert {name: one.label for name, one in connections().items()} == {"lake": "数据湖", "shop": "MySQL"}  # fmt: skip


@pytest.mark.parametrize("text", ["[connections.x]\nuser = 1\n", "connections = 3", "= bad"])
def test_a_broken_secrets_file_is_named(connect, tmp_path, text):
    (tmp_path / "secrets.toml").write_text(text)
    connect()
    with pytest.raises(BadConnections):
        connections()


def test_an_unknown_connection_and_an_empty_question_are_refused(connect, tmp_path):
    connect(shop="sqlite:///nix.db")
    with pytest.raises(UnknownName):
        asked("nix", "SELECT 1", tmp_path)
    with pytest.raises(NothingAsked):
        asked("shop", " ; ", tmp_path)
    with pytest.raises(SourceFailed, match="不存在"):
        asked("shop", "SELECT 1", tmp_path)


def test_a_query_to_mysql_keeps_digits_and_cents(connect, tmp_path):
    lines = (
        "CREATE TABLE o (id BIGINT UNSIGNED, phone VARCHAR(20), at DATETIME, amount DECIMAL(10,2), name VARCHAR(20) CHARACTER SET utf8mb4)",
        "INSERT INTO o VALUES (18446744073709551615, '0138', '2024-03-05 23:30:00', 1234.50, '镕喆㛃'), (2, NULL, NULL, -12, NULL)",
    )  # fmt: skip
    with servers.mariadb(tmp_path, *lines) as url:
        connect(shop=url, wrong=url.replace(servers.PASSWORD, "x"))
        frame = asked("shop", "SELECT * FROM o ORDER BY id DESC", tmp_path)
        assert frame.rows() == [
            ("18446744073709551615", "0138", "2024-03-05 23:30:00", "1234.50", "镕喆㛃"),
            ("2", None, None, "-12.00", None),
        ]
        for name, sql, reason in (
            ("shop", "SELECT * FROM nix", "没有表"),
            ("shop", "SELECT nix FROM o", "没有列“nix”"),
            ("shop", "SELEC 1", "SQL 写法有误"),
            ("shop", "DELETE FROM o", "只能读取"),
            ("wrong", "SELECT 1", "用户名或密码不对"),
        ):
            with pytest.raises(SourceFailed, match=reason):
                asked(name, sql, tmp_path)


def test_an_object_store_gives_parquet_csv_and_delta(connect, tmp_path, monkeypatch):
    frame = pl.DataFrame({"id": ["01", "02"], "amount": [1.5, 2.5]})
    with servers.object_store() as url:
        known = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "loopback", "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}  # fmt: skip
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        urllib.request.urlopen(urllib.request.Request(f"{url}/lake", method="PUT")).close()
        frame.write_parquet("s3://lake/orders/2024/a.parquet")
        frame.write_csv("s3://lake/orders.csv")
        write_deltalake("s3://lake/delta", frame.to_arrow(), storage_options={"AWS_S3_ALLOW_UNSAFE_RENAME": "true"})  # fmt: skip
        connect(lake="s3://lake")
        for path in ("orders/2024/a.parquet", "orders", "orders.csv", "delta"):
            assert asked("lake", path, tmp_path)["id"].to_list() == ["01", "02"], path
        with pytest.raises(SourceFailed, match="找不到这个位置的文件"):
            asked("lake", "nix/*.parquet", tmp_path)


def test_azure_gives_parquet_csv_and_delta(connect, tmp_path, monkeypatch):
    frame = pl.DataFrame({"id": ["01", "02"], "amount": [1.5, 2.5]})
    known = {"AZURE_STORAGE_ACCOUNT_NAME": servers.AZURE_ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": servers.AZURE_KEY, "AZURE_STORAGE_USE_EMULATOR": "true"}  # fmt: skip
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    with servers.azure_store("lake"):
        frame.write_parquet("az://lake/orders/2024/a.parquet")
        frame.write_csv("az://lake/orders.csv")
        write_deltalake("az://lake/delta", frame.to_arrow())
        connect(lake="az://lake")
        for path in ("orders/2024/a.parquet", "orders", "orders.csv", "delta"):
            assert asked("lake", path, tmp_path)["id"].to_list() == ["01", "02"], path
        with pytest.raises(SourceFailed, match="找不到这个位置的文件"):
            asked("lake", "nix/*.parquet", tmp_path)


def test_google_storage_gives_parquet_and_csv(connect, tmp_path, monkeypatch):
    """Its XML protocol is that of S3, whose server answers here; no server of Google's own was asked."""
    frame = pl.DataFrame({"id": ["01", "02"], "amount": [1.5, 2.5]})
    frame.write_parquet(tmp_path / "a.parquet")
    held = {"": None, "/orders/2024/a.parquet": (tmp_path / "a.parquet").read_bytes(), "/orders.csv": frame.write_csv().encode()}  # fmt: skip
    with servers.object_store() as url:
        known = {"gcs_base_url": url, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}  # fmt: skip
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(known))
        for name, data in held.items():
            sent = urllib.request.Request(f"{url}/lake{name}", data, {"x-amz-acl": "public-read", "Content-Type": "binary/octet-stream"}, method="PUT")  # fmt: skip
            urllib.request.urlopen(sent).close()
        connect(lake="gs://lake")
        for path in ("orders/2024/a.parquet", "orders", "orders.csv"):
            assert asked("lake", path, tmp_path)["id"].to_list() == ["01", "02"], path
        with pytest.raises(SourceFailed, match="找不到这个位置的文件"):
            asked("lake", "nix/*.parquet", tmp_path)
