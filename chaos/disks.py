"""Disks that can be full: a small file system in memory, seen by this process and its children."""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Disk:
    """A folder, on a file system of its own where that could be had."""

    folder: Path
    is_own: bool

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb") as file:
            size = _BLOCK
            while size >= 512:  # noqa: PLR2004 - less than a file system gives out
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)

    @property
    def bytes_free(self) -> int:
        """Tell how much room there is."""
        return shutil.disk_usage(self.folder).free


@contextlib.contextmanager
def disk(folder: Path, size: int, *, is_own: bool = True) -> Iterator[Disk]:
    """Make a folder, on a file system of this size where the machine lets us."""
    folder.mkdir(mode=0o755, exist_ok=True)
    is_mounted = is_own and why_not() == "" and _mount(folder, size)
    try:
        yield Disk(folder, is_mounted)
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


@cache
def why_not() -> str:
    """Leave the machine's mounts for our own; tells why that cannot be, or nothing."""
    if os.geteuid() != 0:
        return "mounting a file system needs root"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        return f"no mount namespace: {os.strerror(ctypes.get_errno())}"
    made_own = ["mount", "--make-rprivate", "/"]
    told = subprocess.run(made_own, check=False, capture_output=True, text=True)
    return told.stderr.strip()


def _mount(folder: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
