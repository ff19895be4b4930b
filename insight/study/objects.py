"""Bytes under their hash, and what was worked out under the digest of its inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from insight.errors import DamagedStudy
from insight.study.database import connected, now, transaction
from insight.study.files import write
from insight.study.model import Study


def object_path(study: Study, sha: str) -> Path:
    """Where the bytes with that sha256 lie."""
    return study.path / "objects" / sha[:2] / sha


def put(study: Study, data: bytes) -> str:
    """Keep bytes under their sha256 and return it; safe against a crash at any moment."""
    sha = hashlib.sha256(data).hexdigest()
    path = object_path(study, sha)
    if not path.is_file():
        write(path, data)
    return sha


def get(study: Study, sha: str) -> bytes:
    """The bytes kept under ``sha``.

    Raises
    ------
    DamagedStudy : they are absent or not what was stored.
    """
    path = object_path(study, sha)
    if not path.is_file():
        raise DamagedStudy(str(study.path), f"缺少对象 {sha[:12]}")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha:
        raise DamagedStudy(str(study.path), f"对象 {sha[:12]} 的内容与校验值不符")
    return data


def digest(*parts: str) -> str:
    """One name for a set of inputs: sha256 over the length-prefixed parts."""
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


def remember(study: Study, inputs: str, data: bytes, *, kind: str) -> str:
    """Keep what was worked out from the inputs with that digest; returns the object's sha256."""
    sha = put(study, data)
    with transaction(study.path) as db:
        db.execute("INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?)", (inputs, sha, kind, now()))
    return sha


def recall(study: Study, inputs: str) -> str | None:
    """The sha256 of what was worked out from the inputs with that digest, if it is still there."""
    with connected(study.path) as db:
        row = db.execute("SELECT object FROM derived WHERE digest = ?", (inputs,)).fetchone()
    return row[0] if row and object_path(study, row[0]).is_file() else None
