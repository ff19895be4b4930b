"""Where a table comes from that is no uploaded file, so that it can be fetched again."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Origin(BaseModel):
    """A question to a database, or a place in a data lake; never a password.

    Attributes
    ----------
    connection : name of a configured connection; "" where ``ask`` is a whole path or URI
    ask : one SQL query, or the path of Parquet, csv or Delta files
    """

    model_config = ConfigDict(frozen=True)

    connection: str = ""
    ask: str
