"""Typed configuration from the environment (prefix INSIGHT_), read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where studies and their keys live, and the limits of an import."""

    model_config = SettingsConfigDict(env_prefix="INSIGHT_", env_nested_delimiter="__", frozen=True)

    studies_dir: Path = Field(
        default=Path("studies"),
        validation_alias=AliasChoices("INSIGHT_STUDIES_DIR", "INSIGHT_HOME"),
    )
    keys_dir: Path = Path.home() / ".config" / "insight" / "keys"
    key_file: Path | None = (
        None  # one key outside the studies, from which new studies derive theirs
    )
    presets_dir: Path = Field(
        default_factory=lambda known: known["studies_dir"].absolute().parent / "presets"
    )  # own presets: beside the studies
    spool_dir: Path = Field(
        default_factory=lambda known: known["studies_dir"] / ".uploads"
    )  # uploads on disk until they are imported
    author: str = "本机用户"
    mode: Literal["local", "team"] = "local"  # team: nobody enters without signing in
    admin: str = ""  # e-mail addresses, separated by commas, that are always administrators
    person_claim: str = "email"  # which claim of the identity provider names a person
    trusted_header: str = ""  # the header in which a proxy names who asks, e.g. X-Forwarded-User
    trusted_proxy: str = ""  # the address that the header is believed from
    session_hours: float = 12  # after which everybody signs in again
    idle_minutes: float = 120  # without a click, after which one signs in again
    role: Literal["", "viewer", "analyst", "admin"] = ""  # of a child process: its caller's
    rows: str = ""  # of a child process: the row rule of its caller
    max_upload_mb: int = 500  # of any file; the browser sends up to server.maxUploadSize
    max_columns: int = 2_000
    max_cells: int = 50_000_000
    secrets_file: Path = Path(".streamlit/secrets.toml")  # [connections.<name>] url = "…"
    connections: dict[str, SecretStr] = {}  # name -> address: INSIGHT_CONNECTIONS__<NAME>
    query_seconds: int = 600  # longest query to a database
    timezone: str = "Asia/Shanghai"  # wall time of times that carry an offset
    spark_master: str = "local[*]"  # where --engine spark computes: this machine, or a cluster
    small_base: int = 30  # below: marked, feature B08
    tiny_base: int = 10  # below: suppressed
    workers: int = 3  # child processes that read files and compute; one is left free for short work
    worker_seconds: int = 900  # longest work of a child
    worker_memory_mb: int = 4_096  # what one work may take
    worker_file_mb: int = 8_192  # the largest file it may write
    worker_keep_mb: int = 1_024  # a child that holds more after its work is replaced
    patience: float = 0.8  # seconds a page waits before it shows progress


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
