"""Which databases and lakes are configured: names for everybody, addresses for the drivers only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from insight.errors import BadConnections, UnknownName
from insight.settings import Settings, settings

DATABASES: Mapping[str, str] = MappingProxyType(
    {"postgresql": "PostgreSQL", "postgres": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite", "duckdb": "DuckDB"}
)  # fmt: skip
LAKE = "数据湖"


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured database or lake.

    Attributes
    ----------
    label : what kind it is, in the words of the screen
    url : its address, with a password in it; never shown, logged or stored
    """

    name: str
    label: str
    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """The part before ``://`` without a driver: ``postgresql+psycopg`` is ``postgresql``."""
        return self.url.partition("://")[0].partition("+")[0].casefold()

    @property
    def is_database(self) -> bool:
        """Whether it answers SQL; else it is a folder of files."""
        return self.scheme in DATABASES


def connections(chosen: Settings | None = None) -> Mapping[str, Connection]:
    """Every configured connection by name.

    ``[connections.shop] url = "postgresql://…"`` in the secrets file, or the environment variable
    ``INSIGHT_CONNECTIONS__SHOP``, which wins.

    Raises
    ------
    BadConnections : the secrets file is no TOML, or a connection in it has no address.
    """
    known = chosen or settings()
    urls = _from_file(known.secrets_file)
    urls |= {name: url.get_secret_value() for name, url in known.connections.items()}
    return {name: _connection(name, url) for name, url in sorted(urls.items())}


def find(name: str) -> Connection:
    """The connection called ``name`` (UnknownName)."""
    known = connections()
    if name not in known:
        raise UnknownName("数据连接", name, tuple(known))
    return known[name]


def _connection(name: str, url: str) -> Connection:
    bare = Connection(name, "", url)
    return Connection(name, DATABASES.get(bare.scheme, LAKE), url)


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        written = tomllib.loads(path.read_text("utf-8")).get("connections", {})
        return {str(name).casefold(): str(one["url"]) for name, one in written.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise BadConnections(str(path)) from None
