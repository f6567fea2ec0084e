"""
Release a version: make release VERSION=1.4.0.

Refused where the tree has changes, where the number is less than what changed asks for, or where
something that CI looks at does not pass. What was unreleased in CHANGELOG.md gets the number; one
commit and one annotated tag, with the notes, are made; what is handed out is built from the tag
into dist/. Nothing is pushed. With --what it only tells what changed since the last release.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from alembic.config import Config
from alembic.script import ScriptDirectory

from dev.errors import DevError
from dev.release import build, changelog, contract, history, rows, versions
from dev.release.history import Release
from dev.release.versions import Version
from dev.site import shop
from dev.stack import ROOT

CHANGELOG, VERSION_FILE = ROOT / "CHANGELOG.md", ROOT / "app" / "version.py"
_CHECKS = ("lint", "docs", "test")
_MOST_SHOWN = 20


class Changes(NamedTuple):
    """What is different for who calls the API, and the least version that says so."""

    broken: Sequence[str]
    added: Sequence[str]
    least: Version


def main() -> int:
    """Return 0 where the version was released."""
    parser = argparse.ArgumentParser(prog="python -m dev.release", description=__doc__)
    parser.add_argument("version", nargs="?", help="such as 1.4.0")
    parser.add_argument("--what", action="store_true", help="only tell what changed")
    parser.add_argument("--checked", action="store_true", help="CI has passed on this commit")
    asked = parser.parse_args()
    try:
        changes = _changes()
        if asked.what or asked.version is None:
            _tell(changes)
            return 0 if asked.what else 2
        release(versions.read(asked.version), changes, is_checked=asked.checked)
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def release(version: Version, changes: Changes, *, is_checked: bool) -> None:
    """
    Release a version.

    Raises:
        DevError: it may not be, and why; nothing was written.
    """
    _refuse_unfit(version, changes)
    notes = changelog.notes(CHANGELOG.read_text())
    for check in () if is_checked else _CHECKS:
        _run("make", check, shown=True)
    history.FOLDER.mkdir(exist_ok=True)
    rows.take(history.ROWS)

    day = datetime.now(UTC).date()
    [head] = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_heads()
    history.add(Release(version, day, head), shop.description())
    CHANGELOG.write_text(changelog.cut(CHANGELOG.read_text(), version, day))
    VERSION_FILE.write_text(
        re.sub(r'(?m)^VERSION = ".*"$', f'VERSION = "{version}"', VERSION_FILE.read_text())
    )
    _run("git", "add", "-A", str(history.FOLDER), str(CHANGELOG), str(VERSION_FILE))
    _run("git", "commit", "--quiet", "-m", f"Release {version}")
    _run(
        "git",
        "tag",
        "--annotate",
        f"v{version}",
        "--cleanup=verbatim",
        "-m",
        f"ORA {version}\n\n{notes}",
    )
    for made in build.build(version, notes):
        print(made.relative_to(ROOT))
    print(f"Released {version}. To hand it out: git push --follow-tags")


def _changes() -> Changes:
    last = history.released()[-1:]
    if not last:
        return Changes((), (), Version(0, 1, 0))
    old, new = history.promised(), contract.bound(shop.description())
    broken, added = contract.breaks(old, new), contract.breaks(new, old)
    least = versions.least_after(last[0].version, breaks=bool(broken), adds=bool(added))
    return Changes(broken, added, least)


def _tell(changes: Changes) -> None:
    print("Broken since the last release:", *changes.broken or ["nothing"], sep="\n  ")
    # Looked at from the other side, what was added "is gone".
    print(f"Added or loosened: {len(changes.added)}")
    print(f"The next version is {changes.least} at the least.")


def _refuse_unfit(version: Version, changes: Changes) -> None:
    if _run("git", "status", "--porcelain"):
        raise DevError(
            "There are changes that are not committed; a release is what is in the commit."
        )
    if _run("git", "tag", "--list", f"v{version}"):
        raise DevError(f"{version} was released already.")
    if version < changes.least:
        why = "\n  ".join([*changes.broken[:_MOST_SHOWN]] or [f"{len(changes.added)} additions"])
        raise DevError(f"It has to be {changes.least} at the least, because of:\n  {why}")


def _run(*command: str, shown: bool = False) -> str:
    done = subprocess.run(
        command, cwd=ROOT, check=False, text=True, stdout=None if shown else subprocess.PIPE
    )
    if done.returncode != 0:
        raise DevError(
            f"{' '.join(command[:2])} ended with {done.returncode}; nothing was released."
        )
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
