"""Typed configuration from the environment (prefix INSIGHT_), read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where studies and their keys live, and the limits of an import."""

    model_config = SettingsConfigDict(env_prefix="INSIGHT_", frozen=True)

    studies_dir: Path = Path("studies")
    keys_dir: Path = Path.home() / ".config" / "insight" / "keys"
    author: str = "本机用户"
    max_upload_mb: int = 200
    max_columns: int = 2_000
    max_cells: int = 50_000_000
    small_base: int = 30  # below: marked, feature B08
    tiny_base: int = 10  # below: suppressed


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
