"""The list of promises names tests that there are."""

import ast

import pytest

from dev.promises import Passed, _count, read
from tests.dev.conftest import ROOT

NAMED = {name for promise in read() for name in (*promise.shown_by, *promise.controls)}


def functions_in(path):
    found = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


def test_all_promises_are_there():
    assert [promise.name for promise in read()] == [f"P{number}" for number in range(1, 16)]


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_is_named_exists(name):
    path, _, test = name.partition("::")

    assert (ROOT / "tests" / path).exists()
    assert not test or test in functions_in(ROOT / "tests" / path)


def test_what_did_not_run_is_no_success():
    ran = {
        "tests.races.test_crowd::test_a[1]": "passed", "tests.races.test_crowd::test_b": "failed",
        "tests.races.test_crowds::test_a": "passed",
    }  # fmt: skip

    assert str(_count(["races/test_crowd.py::test_a"], ran)) == "1 passed"
    assert _count(["races/test_crowd.py"], ran) == Passed(1, 0, ("tests.races.test_crowd::test_b",))
    assert _count(["races"], ran).passed == 2
    assert str(_count(["races/test_gone.py"], ran)) == "**nothing ran**"
