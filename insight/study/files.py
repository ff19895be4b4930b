"""Write a file so that it is whole or absent, whatever happens."""

from __future__ import annotations

import os
import secrets
import shutil
from io import BytesIO
from pathlib import Path

_PIECE = 2**22  # bytes


def write(path: Path, data: bytes | Path, *, private: bool = False) -> None:
    """Temporary file in the same folder, fsync, rename, fsync of the folder; a file is copied in pieces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644
    )
    try:
        source = data.open("rb") if isinstance(data, Path) else BytesIO(data)
        with source, os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(source, file, _PIECE)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle to a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
