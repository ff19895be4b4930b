"""One SQL query that reads, to a Parquet file: PostgreSQL, MySQL, SQLite, DuckDB."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pymysql
import pymysql.cursors

from insight.errors import SourceFailed
from insight.origins.connections import Connection
from insight.origins.written import write
from insight.settings import settings

BATCH = 50_000  # rows


def fetch(source: Connection, sql: str, *, into: Path) -> int:
    """Write the answer to one query into a Parquet file; returns the number of rows.

    The session is opened for reading only, and one statement is all it takes.

    Raises
    ------
    SourceFailed : the database does not answer, or not this query.
    FileTooLarge : the answer is larger than an import may be.
    """
    try:
        return _OPENERS[source.scheme](source, sql, into)
    except (
        adbc_driver_manager.Error,
        duckdb.Error,
        pymysql.Error,
        sqlite3.Error,
        OSError,
    ) as error:
        raise SourceFailed(source.name, _in_chinese(error)) from None


def _postgresql(source: Connection, sql: str, into: Path) -> int:
    address = urlsplit(source.url)
    seconds = settings().query_seconds
    limits = f"-c default_transaction_read_only=on -c statement_timeout={seconds * 1000}"
    asked = dict(parse_qsl(address.query)) | {"options": limits, "connect_timeout": "10"}
    url = urlunsplit(("postgresql", address.netloc, address.path, urlencode(asked, quote_via=quote), ""))  # fmt: skip
    with adbc_driver_postgresql.dbapi.connect(url) as session:
        return _written(session, sql, into, source.name)


def _sqlite(source: Connection, sql: str, into: Path) -> int:
    file = _file(source)
    with adbc_driver_sqlite.dbapi.connect(f"file:{quote(str(file))}?mode=ro") as session:
        return _written(session, sql, into, source.name)


def _written(session: Any, sql: str, into: Path, name: str) -> int:  # noqa: ANN401 (a DBAPI connection)
    with session.cursor() as cursor:
        cursor.execute(sql)
        with cursor.fetch_record_batch() as batches:
            return write(batches, batches.schema, into=into, name=name)


def _duckdb(source: Connection, sql: str, into: Path) -> int:
    file = str(_file(source))
    closed: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": False}
    with closing(duckdb.connect(file, read_only=True, config=closed)) as session:
        batches = _read_by(session, sql).to_arrow_reader(BATCH)
        return write(batches, batches.schema, into=into, name=source.name)


def _read_by(session: duckdb.DuckDBPyConnection, sql: str) -> Any:  # noqa: ANN401 (a relation)
    """The relation behind exactly one statement that reads."""
    if len(session.extract_statements(sql)) != 1:
        raise duckdb.ParserException("multiple commands")
    answer = session.sql(sql)
    if answer is None:
        raise duckdb.ParserException("read-only")
    return answer


def _mysql(source: Connection, sql: str, into: Path) -> int:
    address = urlsplit(source.url)
    session = pymysql.connect(
        host=address.hostname or "127.0.0.1",
        port=address.port or 3306,
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
        database=address.path.strip("/"),
        charset="utf8mb4",
        connect_timeout=10,
        read_timeout=settings().query_seconds,
        cursorclass=pymysql.cursors.SSCursor,
    )
    with closing(session), session.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        schema = pa.schema([(name, pa.string()) for name in names])
        return write(_batches(cursor, schema), schema, into=into, name=source.name)


def _batches(cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:  # noqa: ANN401
    """Rows as text, batch by batch: MySQL's own driver knows no Arrow."""
    while rows := cursor.fetchmany(BATCH):
        columns = zip(*rows, strict=True)
        texts = [[None if v is None else str(v) for v in column] for column in columns]
        yield pa.record_batch([pa.array(t, pa.string()) for t in texts], schema=schema)


def _file(source: Connection) -> Path:
    """The file behind ``sqlite:///folder/file`` (four strokes for a path from the root)."""
    path = Path(unquote(source.url.partition("://")[2].removeprefix("/")))
    if not path.is_file():
        raise SourceFailed(source.name, "数据库文件不存在")
    return path


_OPENERS: Mapping[str, Callable[[Connection, str, Path], int]] = MappingProxyType({
    "postgresql": _postgresql, "postgres": _postgresql, "sqlite": _sqlite, "duckdb": _duckdb, "mysql": _mysql,
})  # fmt: skip

# What databases say, in the order of trying; only the name of a table or column is quoted from it.
_SAID = (
    (r"password authentication failed|Access denied for user", "用户名或密码不对"),
    (r"database \"?([\w$.]+)\"? does not exist|Unknown database '([\w$.]+)'", "没有数据库“{}”"),
    (r"relation \"([^\"]+)\" does not exist|no such table: ([^\s\"]+)|Table with name (\S+) does not exist|Table '([^']+)' doesn't exist", "没有表“{}”"),
    (r"column \"?([^\"\s]+)\"? does not exist|no such column: (\S+)|Referenced column \"([^\"]+)\" not found|Unknown column '([^']+)'", "没有列“{}”"),
    (r"permission denied", "这个账号没有读取的权限"),
    (r"read-only|readonly|read only|cannot execute \w+ in a read", "只能读取，不能改动数据库"),
    (r"multiple commands|multiple|one statement", "一次只能写一条查询"),
    (r"statement timeout|timed out", "查询超过了时间限制"),
    (r"syntax error|ParserException|SQL syntax", "SQL 写法有误"),
    (r"Connection refused|could not connect|Can't connect|could not translate|timeout expired|Failed to connect", "连不上数据库"),
    (r"not a database|not a valid DuckDB|could not be opened|unable to open", "数据库文件打不开"),
)  # fmt: skip


def _in_chinese(error: Exception) -> str:
    """The reason without anything that was stored in the database."""
    said = str(error)
    for pattern, sentence in _SAID:
        if found := re.search(pattern, said, re.IGNORECASE):
            return sentence.format(next((g for g in found.groups() if g), ""))
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return f"数据库报错（{code}）"
