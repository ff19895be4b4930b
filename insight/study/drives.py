"""Which folders lie on a network drive, where the locks of a database do not hold."""

from __future__ import annotations

from pathlib import Path

_REMOTE = frozenset(
    ("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "sshfs", "fuse.sshfs", "fuse.davfs2", "fuse.rclone", "glusterfs", "ceph", "9p")
)  # fmt: skip


def is_remote(path: Path) -> bool:
    """Whether a folder, which need not exist yet, lies on a network drive."""
    import psutil

    whole = path.absolute()
    if whole.drive.startswith("\\\\"):  # a share of Windows without a letter
        return True
    mounts = {Path(p.mountpoint): p for p in psutil.disk_partitions(all=True)}
    nearest = next((mounts[folder] for folder in (whole, *whole.parents) if folder in mounts), None)
    return nearest is not None and (
        nearest.fstype.lower() in _REMOTE or "remote" in nearest.opts.split(",")
    )
