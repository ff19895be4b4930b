"""Uploaded bytes on disk until they are imported: private files that are gone once nobody holds them.

Each process has a folder of its own (mode 0700) in ``settings().spool_dir``, named by its number and
its start, so that what a killed process left there can be told from what is still needed.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO
from weakref import finalize

import psutil

from insight.settings import settings

_PIECE = 2**18  # bytes: they stay in the cache of the processor


class Spooled:
    """A private file of this process; it goes when the last holder lets it go, or at the exit.

    To another process it travels as its path, which owns nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end = finalize(self, _remove, path)

    def __reduce__(self) -> tuple[type[Path], tuple[str]]:
        return Path, (str(self.path),)

    def close(self) -> None:
        """Delete the file now."""
        self._end()

    @property
    def is_there(self) -> bool:
        """Whether the file is still there."""
        return self._end.alive and self.path.is_file()


def spooled(file: IO[bytes]) -> Spooled:
    """Copy an open file, from its beginning and in pieces, to a private file on disk."""
    kept = empty()
    file.seek(0)
    with kept.path.open("wb") as target:
        shutil.copyfileobj(file, target, _PIECE)
    return kept


def empty(ending: str = "") -> Spooled:
    """A private file (mode 0600) without content, to be written to; its name ends in ``ending``."""
    folder = _own()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}{ending}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return Spooled(path)


def sweep() -> None:
    """Delete what processes that are gone left behind; at the start of a server."""
    for folder in _folders():
        if not _is_alive(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def clear() -> None:
    """Delete all that this process still has on disk; at the end of a server."""
    shutil.rmtree(_own(), ignore_errors=True)


def _folders() -> Iterable[Path]:
    return settings().spool_dir.glob("*-*")


def _own() -> Path:
    return settings().spool_dir.absolute() / _name(psutil.Process())


def _name(process: psutil.Process) -> str:
    return f"{process.pid}-{process.create_time():.2f}"


def _is_alive(name: str) -> bool:
    with suppress(ValueError, psutil.Error):
        return _name(psutil.Process(int(name.partition("-")[0]))) == name
    return False


def _remove(path: Path) -> None:
    with suppress(
        OSError
    ):  # Windows keeps what is being read; the next start of a server sweeps it
        path.unlink(missing_ok=True)
    with suppress(OSError):  # others lie beside it
        path.parent.rmdir()
