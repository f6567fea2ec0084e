"""The audit of packages tells what is known, and that nothing was asked from that nothing is."""

import pytest

from dev.audit import FINE, NOT_ASKED, WEAK, judge

GOOD = {"name": "flask", "version": "3.1.0", "vulns": []}
WEAKNESS = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.1"]}
BAD = GOOD | {"vulns": [WEAKNESS]}
SKIPPED = {"name": "rq", "skip_reason": "Dependency not found on PyPI: rq (3.0.0)"}


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        ([GOOD, GOOD], FINE, "No weakness is known of 2 packages."),
        ([GOOD, BAD], WEAK, "flask 3.1.0: PYSEC-2026-1 (fixed in 3.1.1)"),
        ([SKIPPED, BAD], WEAK, "flask 3.1.0: PYSEC-2026-1 (fixed in 3.1.1)"),
        ([GOOD, SKIPPED], NOT_ASKED, "COULD NOT ASK about 1 of 2 packages: Dependency not found"),
        ([], NOT_ASKED, "COULD NOT ASK about any package: no route"),
    ],
)
def test_it_ends_as_what_it_knows(found, status, words):
    ended, told = judge(found, "no route")

    assert ended == status
    assert told[0].startswith(words)
