"""What the runbook says to do can be done: what it names is there, and its queries run."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from app.config import Settings
from tests.watching.test_operations_files import chapters

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
QUERIES = re.findall(r"^ *```sql\n(.*?)^ *```", RUNBOOK, re.MULTILINE | re.DOTALL)
# Read by the libraries that they are for, and by what starts the processes.
NOT_OURS = {
    "WEB_CONCURRENCY", "PROMETHEUS_MULTIPROC_DIR", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
}  # fmt: skip


def rules(app):
    return {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}


def test_every_command_exists(app):
    named = set(re.findall(r"flask --app wsgi ([\w-]+)", RUNBOOK))

    assert len(named) == 3
    assert named <= set(app.cli.commands)


def test_every_option_of_a_command_exists(app):
    for name, option in re.findall(r"flask --app wsgi ([\w-]+) (--[\w-]+)", RUNBOOK):
        assert option in {each for one in app.cli.commands[name].params for each in one.opts}


def test_every_module_that_is_started_exists():
    modules = set(re.findall(r"python -m ([\w.]+)", RUNBOOK))

    assert modules == {"workers.run", "workers.clock"}


def test_every_address_of_the_api_exists(app):
    named = {
        address.partition("?")[0]
        for address in re.findall(r"`(?:GET|POST) (/[^`]+)`", RUNBOOK)
    }  # fmt: skip

    assert len(named) > 8
    assert named - rules(app) == set()


def test_every_page_exists(app):
    pages = set(re.findall(r"`(/admin/[\w/-]*)`", RUNBOOK))

    assert len(pages) > 6
    assert pages - rules(app) == set()


def test_every_setting_exists():
    named = set(re.findall(r"`([A-Z][A-Z_]{4,}[A-Z])(?:=\S+)?`", RUNBOOK)) - NOT_OURS

    assert len(named) > 10
    ours = {name.upper() for name in Settings.model_fields}
    # What others say in capitals is no setting.
    assert named - ours - {"MISCONF", "READONLY"} == set()


def test_every_link_inside_leads_to_a_chapter():
    assert set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK)) <= chapters()


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_runs_and_changes_nothing(session, query):
    assert query.split()[0] == "SELECT"
    session.execute(text(query)).all()
