"""Every attack has its number, and every number its attack."""

import re
from pathlib import Path

HERE = Path(__file__).parent
FIRST, LAST = 1, 57
# What is shown in another folder, and where.
ELSEWHERE = {
    53: "tests/rights",  # what the shop's user may do in Redis
    54: "tests/rights",  # what the shop's role may do in Postgres
}


def numbers():
    return {
        int(found)
        for file in HERE.glob("test_*.py")
        for found in re.findall(r"def test_attack_(\d\d)_", file.read_text())
    }


def test_every_number_has_a_test_here_or_is_listed_as_elsewhere():
    assert numbers() | set(ELSEWHERE) == set(range(FIRST, LAST + 1))
    assert not numbers() & set(ELSEWHERE)


def test_what_is_told_of_each_number_names_where_it_is_shown():
    """The table of SECURITY.md has each attack once, with the file of its tests."""
    rows = re.findall(
        r"^\| (\d+) \|.*\| (\S+) \|$", (HERE.parents[1] / "SECURITY.md").read_text(), re.MULTILINE
    )

    assert [int(number) for number, _ in rows] == list(range(FIRST, LAST + 1))
    for number, place in rows:
        if int(number) in ELSEWHERE:
            assert place == ELSEWHERE[int(number)]
            continue
        tests = (HERE / f"test_{place}.py").read_text()
        assert f"def test_attack_{int(number):02}_" in tests, number
