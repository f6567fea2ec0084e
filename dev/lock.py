"""One run at a time in a data folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.errors import DevError


class AlreadyRunningError(DevError):
    """Another process holds the lock."""


@contextmanager
def only_one(data_dir: Path, *, holder: str) -> Iterator[None]:
    """
    Hold the lock of a data folder; whoever else wants it is told of `holder`.

    The kernel gives the lock back with the process, however it ends.

    Raises:
        AlreadyRunningError: somebody has it; nothing was touched.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunningError(f"already running ({file.read().strip()})") from None
        file.truncate(0)
        file.write(holder + "\n")
        file.flush()
        yield
