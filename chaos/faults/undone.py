"""Cells that no machine can do with this kit yet: shown red, with the reason."""

from pathlib import Path

from chaos.faults.base import Fault, cell

_NO_FAKETIME = (
    "libfaketime is not installed, aborts Redis 7 with jemalloc and breaks Python's waits: "
    "the app's own clock has to be injected, which the simulation does in one process"
)


class _Undone(Fault):
    """Never made."""

    def watch(self) -> None:
        """Nothing."""

    def inject(self) -> None:
        """Nothing."""
        raise NotImplementedError

    def has_bitten(self) -> bool:
        """Nothing."""
        return False


def _no_cluster() -> str:
    return "the kit runs one stock Redis; tests/cluster kills nodes and partitions slots"


def _no_memory_limit() -> str:
    if not Path("/sys/fs/cgroup/memory").is_dir():
        return "no memory cgroup of version 1 on this machine"
    return "a worker that grows past its limit is not driven yet; its death is that of a kill -9"


for _name, _why in (
    ("clock: web an hour ahead", lambda: _NO_FAKETIME),
    ("clock: Redis a quarter ahead", lambda: _NO_FAKETIME),
    ("clock: Postgres a day ahead", lambda: _NO_FAKETIME),
    ("stock-redis: old primary in a minority", _no_cluster),
    ("worker: over its memory limit", _no_memory_limit),
    ("worker: paused for longer than its lease of 2 min", lambda: "longer than a run waits"),
):
    cell(
        _name, _Undone, target="undone", expected="not tested here", sign="none", cannot=_why,
    )  # fmt: skip
