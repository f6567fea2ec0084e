"""Check the files of a run once more: python -m chaos.recheck FOLDER."""

import json
import sys
from pathlib import Path

from chaos import invariants, report
from chaos.evidence import Evidence


def recheck(folder: Path) -> int:
    """Check, write the report, print it; returns 0 where everything holds."""
    found = Evidence(folder)
    wrong = invariants.check(found)
    summary = report.summarise(found, wrong)
    cells = report.matrix(found)
    told = {"summary": summary, "wrong": wrong, "machine": found.about().get("machine")}
    (folder / "report.json").write_text(json.dumps(told, indent=1, default=str))
    (folder / "matrix.md").write_text("\n".join(report.table(cells)) + "\n")
    for line in report.lines(summary, wrong):
        print(line)
    return 0 if summary["is_green"] else 1


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():  # noqa: PLR2004
        sys.exit("Usage: python -m chaos.recheck FOLDER")
    sys.exit(recheck(Path(sys.argv[1])))
