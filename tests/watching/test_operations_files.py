"""What is handed to Prometheus and Grafana is what they take, and asks for what there is."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families

from app.alerts.alerts import KINDS
from app.core import clock, replica
from app.core.db import transaction
from tests.payments.purchase import purchase
from tests.watching.promtool import PROMTOOL, needs_promtool
from workers.schedule import SCHEDULE

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "ops" / "prometheus"
BOARD = json.loads((ROOT / "ops" / "grafana" / "ora.json").read_text())
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
ALERTS = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
# Prometheus' own, of whether it was answered.
OF_PROMETHEUS = {"up"}


def names_in(expression):
    """Every metric that an expression asks for: what is no function, keyword or label."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)', " ", expression)
    return set(re.findall(r"\bora_\w+|\bup\b", bare)) | set(re.findall(r"\bora_\w+(?=\{)", bare))


def expressions():
    asked = {rule["alert"]: rule["expr"] for rule in ALERTS}
    for panel in BOARD["panels"]:
        for number, target in enumerate(panel.get("targets", ())):
            asked[f"{panel['title']} {number}"] = target["expr"]
    return asked


@pytest.fixture
def samples(shop, client, server_urls):
    """The names of all samples of a shop that has sold something, and has a replica."""
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay())
    shop.work()
    with transaction() as session:
        clock.register(session, SCHEDULE, now=datetime.now(UTC))
    replica.connect(server_urls["DATABASE_URL"], longest_lag_seconds=60)
    answer = client.get("/metrics").text
    replica.disconnect()
    return {
        sample.name
        for family in text_string_to_metric_families(answer)
        for sample in family.samples
    }


def test_every_metric_that_is_asked_for_is_there(samples):
    asked = {name for text in expressions().values() for name in names_in(text)}

    assert len(asked) > 20
    assert asked - OF_PROMETHEUS - samples == set()


def test_a_metric_that_nobody_has_would_be_found(samples):
    assert names_in('rate(ora_no_such_total{a="b"}[5m]) > 0') - samples == {"ora_no_such_total"}


def chapters():
    """The headings of the runbook, as what a link to them is called."""
    return {
        re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)
    }


def test_every_alert_has_its_chapter_and_every_chapter_of_an_alert_its_alert():
    links = {rule["annotations"]["runbook"] for rule in ALERTS}
    titles = re.findall(r"^### (Ora\w+)$", RUNBOOK, re.MULTILINE)

    assert links == {f"docs/runbook.md#{rule['alert'].lower()}" for rule in ALERTS}
    assert {link.partition("#")[2] for link in links} <= chapters()
    assert sorted(titles) == sorted(rule["alert"] for rule in ALERTS)


def test_every_kind_of_the_shops_own_alerts_has_its_chapter():
    titles = re.findall(r"^### `(\w+)`$", RUNBOOK, re.MULTILINE)

    assert sorted(titles) == sorted(KINDS)


def test_every_chapter_of_an_alert_says_what_how_bad_where_and_until_when():
    parts = re.split(r"^### ", RUNBOOK, flags=re.MULTILINE)[1:]
    alerts = [part for part in parts if re.match(r"(Ora\w+|`\w+`)\n", part)]

    assert len(alerts) == len(ALERTS) + len(KINDS)
    for said in ("**Means**", "**How bad**", "**Look**", "**Do**", "**Over**"):
        assert [part.split("\n")[0] for part in alerts if said not in part] == []


def test_every_alert_says_how_bad_it_is():
    assert {rule["labels"]["severity"] for rule in ALERTS} == {"critical", "warning"}


@needs_promtool
def test_prometheus_takes_the_rules_and_the_configuration():
    checked = subprocess.run(
        [PROMTOOL, "check", "config", PROMETHEUS / "prometheus.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(ALERTS)} rules found" in checked.stdout


@needs_promtool
def test_each_alert_is_raised_when_it_has_to_be_and_not_before():
    rules = yaml.safe_load((PROMETHEUS / "alerts.test.yml").read_text())
    checked = subprocess.run(
        [PROMTOOL, "test", "rules", PROMETHEUS / "alerts.test.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout + checked.stderr
    *raised, well = rules["tests"]
    names = {rule["alert"] for rule in ALERTS}
    assert {test["name"] for test in raised} == names
    assert {one["alertname"] for one in well["alert_rule_test"]} == names


@needs_promtool
def test_prometheus_understands_every_question_of_the_dashboard(tmp_path):
    rules = [
        {"record": f"panel:{number}", "expr": text}
        for number, text in enumerate(expressions().values())
    ]
    asked = tmp_path / "asked.yml"
    asked.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}))

    checked = subprocess.run(
        [PROMTOOL, "check", "rules", asked], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def missing(given, read, path=""):
    """What Grafana's own model of a dashboard did not take up."""
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(read, dict) or key not in read:
                yield f"{path}/{key}"
            else:
                yield from missing(value, read[key], f"{path}/{key}")
    elif isinstance(given, list):
        if not isinstance(read, list) or len(given) != len(read):
            yield path
        else:
            for number, pair in enumerate(zip(given, read, strict=True)):
                yield from missing(*pair, f"{path}/{number}")
    elif given != read:
        yield path


def read_by_grafana(board):
    return json.loads(JSONEncoder().encode(Dashboard.from_json(board)))


def test_grafana_takes_the_dashboard_with_nothing_left_over():
    assert list(missing(BOARD, read_by_grafana(BOARD))) == []


def test_what_grafana_does_not_know_would_be_found():
    panels = [BOARD["panels"][0] | {"colour": "red"}, *BOARD["panels"][1:]]

    assert list(
        missing(BOARD | {"panels": panels}, read_by_grafana(BOARD | {"panels": panels}))
    ) == ["/panels/0/colour"]


def test_panels_of_the_dashboard_do_not_lie_upon_one_another():
    taken = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
