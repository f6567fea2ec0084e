"""
Simulate: python -m sim [--seed N] [--histories N]; see docs/simulation.md.

Plays one history a seed, tells what was found and how to see it again.
"""

import argparse
import json
import os
import sys
from pathlib import Path

# The order of a set of texts hangs on it, and is part of a history.
HASH_SEED = "0"
MOST_SEEDS_OF_A_CONTROL = 150


def main(arguments: argparse.Namespace) -> int:
    """Play histories; 1 where something was found, or a control was not."""
    # What these import is wired and read from the environment: not before it is needed.
    from sim import report  # noqa: PLC0415
    from sim.house import house  # noqa: PLC0415

    told = report.Report(arguments.seed, shows_tape=arguments.tape)
    with house(customers=report.MOST_BUYERS) as open_:
        told.begin()
        for seed in range(arguments.seed, arguments.seed + arguments.histories):
            told.play(open_, seed, is_twice=arguments.twice)
        told.end()
        if arguments.controls:
            told.try_controls(open_, most_seeds=MOST_SEEDS_OF_A_CONTROL)
    told.show()
    if arguments.json:
        arguments.json.write_text(json.dumps(told.as_json(), indent=1))
    return told.has_failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--histories", type=int, default=100, help="how many, a seed each")
    parser.add_argument("--twice", action="store_true", help="play each twice and compare")
    parser.add_argument("--controls", action="store_true", help="and switch guards of the shop off")
    parser.add_argument("--tape", action="store_true", help="print every step")
    parser.add_argument("--json", type=Path, help="write the numbers to this file as well")
    return parser.parse_args()


if __name__ == "__main__":
    options = _options()
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        os.environ["PYTHONHASHSEED"] = HASH_SEED
        os.execv(sys.executable, [sys.executable, "-m", "sim", *sys.argv[1:]])  # noqa: S606
    sys.exit(main(options))
