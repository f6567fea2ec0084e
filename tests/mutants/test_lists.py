"""The list of guards is of this code: each stands where it says, and its tests are there."""

import re
from collections import Counter

import pytest

from mutants.mutant import ROOT, GuardMovedError, Mutant, listed, named

MUTANTS = listed()
LEAST = 40
PROMISES = {f"P{number}" for number in range(1, 16)} | {f"I{number}" for number in range(1, 16)}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_stands_once_where_it_says(mutant):
    source = (ROOT / mutant.file).read_text()

    assert mutant.applied_to(source) != source


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_have_to_miss_it_are_there(mutant):
    assert mutant.tests
    for test in mutant.tests:
        path, _, name = test.partition("::")
        function = re.escape(name.partition("[")[0].rpartition("::")[2])
        assert re.search(rf"def {function}\(" if name else "def test_", (ROOT / path).read_text())


def test_there_are_enough_of_every_kind():
    files = Counter(mutant.file.partition("/")[0] for mutant in MUTANTS)

    assert len(MUTANTS) >= LEAST
    assert set(files) >= {"app", "lua", "migrations", "ops", "workers"}


def test_each_has_a_name_of_its_own_and_serves_a_promise():
    names = Counter(mutant.name for mutant in MUTANTS)

    assert names.most_common(1)[0][1] == 1
    assert {mutant.promise for mutant in MUTANTS} <= PROMISES


def test_a_guard_that_has_moved_is_an_error():
    mutant = Mutant("a", "P1", "nothing", "f", "guard", "", ("tests/f",))

    assert mutant.applied_to("one guard here") == "one  here"
    for source in ("none here", "a guard and a guard"):
        with pytest.raises(GuardMovedError, match="the guard has moved"):
            mutant.applied_to(source)


def test_guards_are_chosen_by_the_beginning_of_their_names():
    chosen = named(MUTANTS, ["coupon-", "gate-"])

    assert {mutant.name.partition("-")[0] for mutant in chosen} == {"coupon", "gate"}
    with pytest.raises(LookupError, match="no guard is named nobody"):
        named(MUTANTS, ["nobody"])
