"""
Refuse a migration that locks a table for long, or breaks the code that serves while it runs.

The rules are squawk's, on the SQL that alembic prints. What takes away what older code needs is a
step of its own, a release later, and says so: ``contract = "nothing reads products.stone since
0030"``.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from dev.errors import DevError
from dev.stack import ROOT

# Those up to here ran before anybody served beside them.
LAST_EXEMPT = "0027"
POSTGRES = "15"
# A lock that lasts as long as the table is large, or as whoever was there before.
LOCKING = frozenset(
    {
        "adding-field-with-default",
        "adding-foreign-key-constraint",
        "ban-concurrent-index-creation-in-transaction",
        "changing-column-type",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
    }
)
# What older code that writes without it would be refused for.
REQUIRING = frozenset({"adding-required-field"})
# What cannot be read cannot be judged.
UNREADABLE = frozenset({"syntax-error"})
# Only once no older code is left.
CONTRACTING = frozenset(
    {
        "adding-not-nullable-field",
        "ban-drop-column",
        "ban-drop-table",
        "ban-truncate-cascade",
        "renaming-column",
        "renaming-table",
    }
)


class Refusal(NamedTuple):
    """What is wrong with a migration."""

    revision: str
    rule: str
    why: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.revision}: {self.rule}: {self.why}"


def refusals(config: Config, *, after: str = LAST_EXEMPT) -> list[Refusal]:
    """Read the migrations after a revision; returns what is wrong with them, oldest first."""
    scripts = ScriptDirectory.from_config(config).walk_revisions(after, "heads")
    newer = [script for script in scripts if script.revision != after]
    return [found for script in reversed(newer) for found in _refusals_of(config, script)]


def _refusals_of(config: Config, script: Script) -> Iterator[Refusal]:
    refused = LOCKING | REQUIRING | UNREADABLE
    if not getattr(script.module, "contract", ""):
        refused |= CONTRACTING
    for finding in _squawk(_sql(config, script)):
        rule = finding["rule_name"]
        if rule in refused:
            remedy = _MARK if rule in CONTRACTING else finding.get("help") or ""
            yield Refusal(script.revision, rule, f"{finding['message']} {remedy}".strip())


def _sql(config: Config, script: Script) -> str:
    """Have alembic print what it would run."""
    config.output_buffer = printed = io.StringIO()
    command.upgrade(config, f"{script.down_revision}:{script.revision}", sql=True)
    return printed.getvalue()


def _squawk(sql: str) -> list[dict[str, Any]]:
    program = Path(sys.executable).parent / "squawk"
    done = subprocess.run(
        [program, "--reporter", "json", "--pg-version", POSTGRES, "--no-assume-in-transaction"],
        input=sql, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError:
        raise DevError(
            f"squawk ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        ) from None
    return found


_MARK = 'If no code that runs needs it any more, say since when: contract = "...".'
