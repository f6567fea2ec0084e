"""The judge is judged: what survives is said to, and what cannot be run is not called caught."""

import json
import subprocess
import sys

import pytest

from mutants.mutant import ROOT

# Of tests that need no servers, so that they take as long as Python takes to begin.
FILE = "app/core/money.py"
GUARD = "CURRENCY ="
ROUNDS = "2 * amount * basis_points + BASIS_POINTS)"
PLANTED = {
    "changes-nothing": (GUARD, f"# Nothing is changed.\n{GUARD}", "core/test_money.py"),
    "rounds-down": (ROUNDS, "2 * amount * basis_points)", "core/test_money.py"),
    "cannot-be-read": (GUARD, f"{GUARD} (", "core/test_money.py"),
    "cannot-be-run": (GUARD, f"nobody_knows\n{GUARD}", "core/test_money.py"),
    "has-no-test": (GUARD, "CURRENCY  =", "core/test_money.py::test_that_there_is_not"),
}


def write(folder, names):
    lists = []
    for name in names:
        text, without, test = PLANTED[name]
        told = {
            "name": name, "promise": "P1", "against": "nothing", "file": FILE, "text": text,
            "without": without, "tests": [test],
        }  # fmt: skip
        lists += ["[[guard]]", *(f"{key} = {json.dumps(value)}" for key, value in told.items())]
    (folder / "planted.toml").write_text("\n".join(lists))


def run(folder, *names):
    """Have planted guards switched off; how it ended, its words, and the verdicts."""
    write(folder, names)
    command = [sys.executable, "-m", "mutants", "--no-servers", "--guards", str(folder)]
    command += ["--json", str(folder / "told.json")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    told = json.loads((folder / "told.json").read_text())["guards"]
    return ended, {guard["name"]: guard for guard in told}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("planted"), *PLANTED)


def test_a_guard_that_no_test_misses_survives_and_the_command_fails(planted):
    ended, told = planted

    assert told["changes-nothing"]["verdict"] == "survived"
    assert "| **survived** |" in ended.stdout
    assert "1 of 5 guards are missed by a test" in ended.stdout
    assert ended.returncode == 1


def test_a_guard_that_a_test_misses_is_caught_by_it(planted):
    _, told = planted

    assert told["rounds-down"]["verdict"] == "caught"
    assert told["rounds-down"]["by"].startswith("tests/core/test_money.py::test_")


@pytest.mark.parametrize("name", ["cannot-be-read", "cannot-be-run", "has-no-test"])
def test_what_cannot_be_run_is_not_called_caught(planted, name):
    _, told = planted

    assert told[name]["verdict"] == "broken"


def test_the_working_tree_is_as_it_was(planted):
    assert (ROOT / FILE).read_text().count(f"\n{GUARD}") == 1
    assert "Nothing is changed." not in (ROOT / FILE).read_text()


def test_where_each_is_caught_the_command_ends_well(tmp_path):
    ended, _ = run(tmp_path, "rounds-down")

    assert (ended.returncode, ended.stderr) == (0, "")
