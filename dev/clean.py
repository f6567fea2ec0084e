"""Remove the data of every run below `.data`, and what its servers keep outside of it."""

import shutil
import signal
import sys

from dev import child
from dev.errors import DevError
from dev.lock import only_one
from dev.stack import ROOT
from dev.unprivileged import remove_abandoned_places, remove_place


def main() -> int:
    """Return 1, with everything left alone, if a run is going on."""
    data = ROOT / ".data"
    try:
        for lock in data.glob("*/lock"):
            with only_one(lock.parent, holder="python -m dev.clean"):
                pass
    except DevError as error:
        print(f"Not removing {data}: {error}", file=sys.stderr)
        return 1
    for record in data.glob("*/processes/*.pid"):
        child.stop_orphan(record)
    for record in data.glob("*/*/pid"):
        child.stop_orphan(record, stop_with=signal.SIGINT)
    for home in data.glob("*/postgres"):
        remove_place(home)
    remove_abandoned_places()
    if data.exists():
        shutil.rmtree(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
