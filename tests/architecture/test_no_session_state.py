"""
Nothing stays with a session of Postgres: behind a pooler the next transaction has another one.

What a transaction says of itself (SET LOCAL, set_config(..., true), pg_advisory_xact_lock) ends
with it and may be said.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_A_SESSION = re.compile(
    r"""
    \bpg_(try_)?advisory_(lock|unlock)
    | \bLISTEN\s+\w+ | \bNOTIFY\s+\w+ | \bpg_notify\b | add_notify_handler
    | \bCREATE\s+TEMP | \bWITH\s+HOLD\b | \bDISCARD\s+ALL\b
    | ["'(]\s*SET\s+(SESSION\s+)?(?!LOCAL|TRANSACTION|CONSTRAINTS)[a-z_.]+\s*(=|TO\b)
    | set_config\([^)]*false
    | \bprepare_threshold\W+\d
    | stream_results | \bServerCursor\b
    """,
    re.VERBOSE,
)


@pytest.mark.parametrize("folder", ["app", "workers"])
def test_the_shop_keeps_nothing_in_a_session(folder):
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in (ROOT / folder).rglob("*.py")
        if (match := OF_A_SESSION.search(path.read_text()))
    }

    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1)", 'text("LISTEN orders")',
        'text("SET lock_timeout = 1")', '"SET SESSION search_path TO x"', "CREATE TEMP TABLE x",
        "set_config('ora.actor', :name, false)",
    ],
)  # fmt: skip
def test_what_would_be_kept_is_seen(line):
    assert OF_A_SESSION.search(line)


@pytest.mark.parametrize(
    "line",
    [
        "SELECT pg_advisory_xact_lock(1)", 'text("SET LOCAL lock_timeout = 1")',
        "set_config('ora.actor', :name, true)", 'text("SET TRANSACTION READ ONLY")',
        "UPDATE x SET y = 1",
    ],
)  # fmt: skip
def test_what_ends_with_a_transaction_is_not(line):
    assert not OF_A_SESSION.search(line)
