"""Write a file so that it is whole or absent, whatever happens."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from insight.errors import DiskFull

IS_WINDOWS = os.name == "nt"
_PIECE = 2**18  # bytes: they stay in the cache of the processor, and need no fresh memory each
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Temporary file in the same folder, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with staged(path.parent, data, private=private) as (copy, _):
        copy.replace(path)
    sync_folder(path.parent)


@contextmanager
def staged(
    folder: Path, data: bytes | Path, *, private: bool = False
) -> Iterator[tuple[Path, str]]:
    """A copy in ``folder`` that reached the disk, and its sha256; it is gone afterwards unless it was renamed.

    A file is copied in pieces, and the hash is that of the copy, whoever writes to the file meanwhile.
    """
    hashed = sha256()
    with _unnamed(folder, private=private) as copy:
        with on_disk(folder):
            source = data.open("rb") if isinstance(data, Path) else BytesIO(data)
            with source, copy.open("wb") as file:
                while piece := source.read(_PIECE):
                    hashed.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        yield copy, hashed.hexdigest()


@contextmanager
def copied(folder: Path, data: bytes | Path) -> Iterator[Path]:
    """A copy in ``folder`` that need not have reached the disk yet; it is gone afterwards unless it was renamed."""
    with _unnamed(folder, private=False) as copy:
        with on_disk(folder):
            if isinstance(data, Path):
                shutil.copyfile(data, copy)
            else:
                copy.write_bytes(data)
        yield copy


@contextmanager
def _unnamed(folder: Path, *, private: bool) -> Iterator[Path]:
    """An empty file in ``folder``; it is gone afterwards unless it was renamed."""
    path = folder / f".{secrets.token_hex(8)}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Say in words that the disk is full (DiskFull) where writing below ``path`` fails for that."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull(str(path)) from error
        raise


def sync_file(path: Path) -> None:
    """Let the content of a file reach the disk."""
    with path.open("r+b") as file:  # Windows syncs only what may be written
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    if IS_WINDOWS:  # it has no handle to a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
