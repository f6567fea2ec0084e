import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "app", "workers", "sandbox", "dev", "ops", "bench", "chaos", "sim", "mutants", "tests",
    "migrations",
)  # fmt: skip
LONGEST = 400
# Written by Alembic, and never changed once it has run.
GENERATED = ROOT / "migrations" / "versions"


def files(*folders, ending="*.py"):
    return [path for folder in folders for path in (ROOT / folder).rglob(ending)]


def test_no_file_is_too_long_to_be_read_in_one_go():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in files(*ROOMS)
        if GENERATED not in path.parents
    }

    assert "app/core/db.py" in lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize("word", ["sandbox"])
def test_the_shop_does_not_know_that_it_is_played_with(word):
    shop = files("app", "workers", ending="*.*") + files("lua", ending="*.lua")
    texts = {path: path.read_text() for path in shop if path.suffix != ".pyc"}

    assert len(texts) > 50
    assert [str(p.relative_to(ROOT)) for p, read in texts.items() if word in read.lower()] == []


def test_nobody_imports_whom_they_may_not():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert " 0 broken." in checked.stdout
