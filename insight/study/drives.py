"""Which folders lie on a network drive, where the locks of a database do not hold."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "sshfs", "fuse.sshfs", "fuse.davfs2", "fuse.rclone", "glusterfs", "ceph", "9p")
)  # fmt: skip


def is_remote(path: Path) -> bool:
    """Whether a folder, which need not exist yet, lies on a network drive."""
    whole = path.absolute()
    return _is_remote(whole, _device(whole))


def _device(whole: Path) -> int:
    """The device of a folder, or of the nearest one above it that there is."""
    for folder in (whole, *whole.parents):
        with suppress(OSError):
            return folder.stat().st_dev
    return 0


@lru_cache(maxsize=64)
def _is_remote(whole: Path, _on: int) -> bool:
    """The same, asked once for each device: a page opens its study at every click."""
    import psutil

    if whole.drive.startswith("\\\\"):  # a share of Windows without a letter
        return True
    mounts = {Path(p.mountpoint): p for p in psutil.disk_partitions(all=True)}
    nearest = next((mounts[folder] for folder in (whole, *whole.parents) if folder in mounts), None)
    return nearest is not None and (
        nearest.fstype.lower() in _REMOTE or "remote" in nearest.opts.split(",")
    )
