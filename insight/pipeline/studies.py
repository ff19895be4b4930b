"""Make, open and list studies."""

from __future__ import annotations

from pathlib import Path

from insight import study as store
from insight.settings import settings
from insight.study import Study


def new(path: Path, *, name: str = "", secret: bytes | None = None) -> Study:
    """Make a study in an absent or empty folder (StudyExists otherwise)."""
    chosen = settings()
    return store.create(
        path, author=chosen.author, keys_dir=chosen.keys_dir, name=name, secret=secret
    )


def opened(path: Path) -> Study:
    """Open the study in a folder (NotAStudy, NewerStudy)."""
    return store.open_study(path)


def studies() -> dict[str, Path]:
    """Folder name -> path of every study in the folder of studies, newest change first."""
    found = list(settings().studies_dir.glob("*/study.db"))
    found.sort(key=lambda p: p.stat().st_mtime, reverse=True)
    return {p.parent.name: p.parent for p in found}
