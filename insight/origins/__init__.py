"""Tables that are no files of the user: queries to databases, and Parquet, csv or Delta in a data lake."""

from insight.origins.connections import Connection, connections
from insight.origins.credentials import holds_credentials
from insight.origins.fetching import fetch

__all__ = ["Connection", "connections", "fetch", "holds_credentials"]
