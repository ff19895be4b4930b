"""Which folders lie on a network drive, where the locks of a database do not hold."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

_REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "sshfs", "fuse.sshfs", "fuse.davfs2", "fuse.rclone", "glusterfs", "ceph", "9p")
)  # fmt: skip


def is_remote(path: Path) -> bool:
    """Whether a folder, which need not exist yet, lies on a network drive."""
    whole = path.absolute()
    there = next((folder for folder in (whole, *whole.parents) if folder.exists()), whole)
    return _is_remote(whole, there.stat().st_dev if there.exists() else 0)


@lru_cache(
    maxsize=64
)  # a page opens its study at every click; what is mounted there is another device
def _is_remote(whole: Path, _device: int) -> bool:
    import psutil

    if whole.drive.startswith("\\\\"):  # a share of Windows without a letter
        return True
    mounts = {Path(p.mountpoint): p for p in psutil.disk_partitions(all=True)}
    nearest = next((mounts[folder] for folder in (whole, *whole.parents) if folder in mounts), None)
    return nearest is not None and (
        nearest.fstype.lower() in _REMOTE or "remote" in nearest.opts.split(",")
    )
