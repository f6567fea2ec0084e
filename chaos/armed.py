"""
The shop's processes as they are, but that they may be told to die at a named point.

A point is armed by a file of its name in the folder that CHAOS_POINTS names, with the number of the
time at which it kills; whoever renames the file is who dies. python -m chaos.armed QUEUE works a
queue, chaos.armed_web:app is the web's app.
"""

import os
import signal
import sys
from pathlib import Path

from app.config import load_settings
from app.core import points

VARIABLE = "CHAOS_POINTS"
_DIED = ".died."


def listen() -> None:
    """Look at each point of this process whether it is armed."""
    folder = Path(os.environ[VARIABLE])

    def look(point: str) -> None:
        order = folder / point
        if order.exists():
            _take(order)

    points.listen(load_settings(), look)


def _take(order: Path) -> None:
    """Count one time; die, kill -9, where it was the last one."""
    mine = order.with_name(f"{order.name}{_DIED}{os.getpid()}")
    try:
        order.rename(mine)
        left = int(mine.read_text()) - 1
    except (FileNotFoundError, ValueError):
        # Another process was faster.
        return
    if left > 0:
        mine.write_text(str(left))
        mine.rename(order)
        return
    os.kill(os.getpid(), signal.SIGKILL)


def arm(folder: Path, point: str, *, at: int = 1) -> None:
    """Have the process die that comes to a point for this time from now on."""
    unfinished = folder / f".{point}"
    unfinished.write_text(str(at))
    unfinished.rename(folder / point)


def disarm(folder: Path, point: str) -> None:
    """Have nobody die there any more."""
    (folder / point).unlink(missing_ok=True)


def deaths(folder: Path, point: str) -> set[int]:
    """Name the processes that died at a point."""
    return {int(path.name.rpartition(".")[2]) for path in folder.glob(f"{point}{_DIED}*")}


def main(queue: str) -> None:
    """Work a queue."""
    listen()
    from workers.run import main as work  # noqa: PLC0415 - imported once somebody listens

    work(queue)


if __name__ == "__main__":
    main(sys.argv[1])
