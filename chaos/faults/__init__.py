"""The matrix of faults: each module writes its cells into it."""

from chaos.faults import disks, gateway, jobs, network, points, postgres, programs, redis, undone
from chaos.faults.base import CELLS, Cell, Fault, possible

__all__ = [
    "CELLS", "Cell", "Fault", "disks", "gateway", "jobs", "network", "points", "possible",
    "postgres", "programs", "redis", "undone",
]  # fmt: skip
