"""Run chaos: python -m chaos --seed 1 --minutes 5."""

import argparse
import sys
import time
from pathlib import Path

from chaos import plan
from chaos.faults import CELLS
from chaos.house import house
from chaos.recheck import recheck
from chaos.run import Crowd, run


def main() -> int:
    """Run, check, tell; 0 where nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--rate", type=float, default=Crowd.rate, help="customers a second")
    parser.add_argument("--only", nargs="*", default=[], help="cells, all of them otherwise")
    parser.add_argument("--to", type=Path, help="a folder for what is written")
    parser.add_argument("--plan", action="store_true", help="print the plan, and do nothing")
    parser.add_argument("--cells", action="store_true", help="print the matrix, and do nothing")
    parser.add_argument("--patient", action="store_true", help="wait for leases and back-offs")
    asked = parser.parse_args()
    steps = plan.make(asked.seed, asked.minutes * 60, only=asked.only)
    if asked.plan or asked.cells:
        for step in steps if asked.plan else ():
            print(f"{step.at_seconds:7.1f} s  {' + '.join(step.cells)}")
        for one in CELLS.values() if asked.cells else ():
            print(f"{one.name}  [{one.cannot() or one.sign}]")
        return 0
    folder = asked.to or Path(".data/chaos") / time.strftime(f"%Y%m%d-%H%M%S-{asked.seed}")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Seed {asked.seed}, {len(steps)} steps; everything is written to {folder}", flush=True)
    with house() as shop:
        crowd = Crowd(rate=asked.rate)
        run(
            shop, folder.absolute(), seed=asked.seed, steps=steps, crowd=crowd, tell=_tell,
            is_patient=asked.patient,
        )  # fmt: skip
    return recheck(folder)


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
