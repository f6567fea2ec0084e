"""Names that are written in one place and looked up in another."""

import re
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name, walk_packages

import pytest

import app
from app.core import jobs
from app.core.problems import Problem
from workers import drain, schedule

ROOT = Path(__file__).parents[2]
LISTED = re.compile(r"^\|\s*`?(\w+)`?\s*\|\s*(\d{3})\s*\|", re.MULTILINE)


@pytest.mark.parametrize("name", jobs.JOBS)
def test_a_job_that_can_be_staged_has_a_function_that_works_it(name):
    function = drain.function(name)

    assert f"{function.__module__}.{function.__name__}" == f"workers.{name}"


def test_a_job_that_nobody_listed_has_no_function():
    with pytest.raises(AssertionError, match="is not a job of this shop"):
        drain.function("run.main")


def test_each_job_goes_to_a_queue_that_a_worker_serves():
    assert set(jobs.JOBS.values()) <= set(jobs.QUEUES)


@pytest.mark.parametrize("name", sorted(jobs.ALLOWED))
def test_a_function_that_rq_may_run_is_there(name):
    function = resolve_name(name)

    assert f"{function.__module__}.{function.__name__}" == name


def test_what_the_clock_runs_is_there_and_goes_to_a_queue_that_a_worker_serves():
    for rule in schedule.SCHEDULE:
        function = resolve_name(f"workers.{rule.name}")

        assert f"{function.__module__}.{function.__name__}" == f"workers.{rule.name}"
        assert len(signature(function).parameters) == rule.is_told_due
        assert rule.queue in jobs.QUEUES


def problems():
    """Find every problem of the shop, wherever it is defined."""
    for module in walk_packages(app.__path__, "app."):
        import_module(module.name)
    found, classes = {}, [Problem]
    while classes:
        subclasses = [c for c in classes.pop().__subclasses__() if c.__module__.startswith("app.")]
        found |= {problem.code(): int(problem.status) for problem in subclasses}
        classes += subclasses
    return found


def test_every_problem_is_explained_with_its_status_and_none_that_is_none():
    page = (ROOT / "docs" / "problems.md").read_text()

    listed = [(code, int(status)) for code, status in LISTED.findall(page)]

    assert len(listed) == len(dict(listed)), "a problem is listed twice"
    assert dict(listed) == problems()


def test_two_problems_never_share_a_code():
    codes, classes = [], [Problem]
    problems()
    while classes:
        subclasses = [c for c in classes.pop().__subclasses__() if c.__module__.startswith("app.")]
        codes += [problem.code() for problem in subclasses]
        classes += subclasses

    assert sorted(codes) == sorted(set(codes))
