"""
Plan machines from what was measured: python -m capacity [--write] [--costs FILE].

Prints the plan, the model beside the machine and the simulations; with --write docs/scaling.md and
its pictures have them. `python -m bench --only costs --json capacity/costs.json` measures anew.
"""

import argparse
import sys
from pathlib import Path

from capacity import costs, page
from capacity.plan import Assumptions


def main() -> int:
    """Print or write the plan."""
    parser = argparse.ArgumentParser(prog="python -m capacity", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/scaling.md")
    parser.add_argument("--costs", type=Path, default=costs.MEASURED)
    asked = parser.parse_args()
    given = Assumptions(**costs.supposed())
    text, pictures = page.written(costs.measured(asked.costs), given)
    print(text)
    if asked.write:
        page.PAGE.write_text(page.put(page.PAGE.read_text(), text))
        page.IMAGES.mkdir(exist_ok=True)
        for name, picture in pictures.items():
            (page.IMAGES / name).write_text(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
