"""A server for a team, in a folder of its own, for the tests of rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from insight.access import Actor, Identity
from insight.settings import settings

BOSS = Actor("boss@example.com", "admin")
LI = Identity("li@example.com", "李看", "login")


@contextmanager
def team_server(home: Path) -> Iterator[pytest.MonkeyPatch]:
    """Its settings, with ``BOSS`` as administrator and studies in home/studies; what else is patched goes with them."""
    told = {
        "MODE": "team",
        "ADMIN": BOSS.name,
        "STUDIES_DIR": home / "studies",
        "KEYS_DIR": home / "keys",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(f"INSIGHT_{name}", str(value))
        settings.cache_clear()
        yield patch
    settings.cache_clear()
