"""What Prometheus answers the autoscalers, and that it takes compose.yaml's configuration."""

import subprocess

import pytest
import yaml

from tests.deploy.manifests import the
from tests.deploy.tools import ROOT
from tests.watching.promtool import PROMTOOL, needs_promtool

pytestmark = needs_promtool
RULES = {
    rule["name"]["as"]: rule
    for rule in yaml.safe_load(the("ConfigMap", "ora-adapter")["data"]["config.yaml"])[
        "externalRules"
    ]
}
CHECKOUT = 'ora_http_request_duration_seconds_bucket{namespace="ora",route="/api/v1/checkout"'
LISTS = 'ora_http_request_duration_seconds_bucket{namespace="ora",route="/api/v1/admin/orders"'


def asked(name, matchers):
    """The query as the adapter asks it."""
    rule = RULES[name]
    series = rule["seriesQuery"].partition("{")[0]
    query = rule["metricsQuery"].replace("<<.Series>>", series)
    return query.replace("<<.LabelMatchers>>", matchers)


def answers(tmp_path, query, series, samples):
    """Have promtool say whether Prometheus answers with these samples after five minutes."""
    case = {
        "evaluation_interval": "15s",
        "tests": [
            {
                "interval": "15s",
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "promql_expr_test": [
                    {"expr": query, "eval_time": "5m", "exp_samples": samples},
                ],
            }
        ],
    }
    file = tmp_path / "case.yml"
    file.write_text(yaml.safe_dump(case))
    told = subprocess.run(
        [PROMTOOL, "test", "rules", file], check=False, capture_output=True, text=True
    )
    return told.returncode == 0, told.stderr


def test_it_takes_the_configuration():
    told = subprocess.run(
        [PROMTOOL, "check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert told.returncode == 0, told.stderr


# A hundred requests in each quarter of a minute, all in the bucket that ends at half a second, and
# staff who wait for ten.
SLOW = {
    f'{CHECKOUT},pod="a",le="0.25"}}': "0x40",
    f'{CHECKOUT},pod="a",le="0.5"}}': "0+100x40",
    f'{CHECKOUT},pod="b",le="0.5"}}': "0+100x40",
    f'{CHECKOUT},pod="a",le="+Inf"}}': "0+100x40",
    f'{CHECKOUT},pod="b",le="+Inf"}}': "0+100x40",
    f'{LISTS},pod="a",le="0.5"}}': "0x40",
    f'{LISTS},pod="a",le="+Inf"}}': "0+900x40",
}


@pytest.mark.parametrize(("seconds", "is_so"), [(0.4975, True), (0.25, False)])
def test_the_slowest_hundredth_is_of_buyers_and_of_all_pods(tmp_path, seconds, is_so):
    query = asked("ora_request_p99_seconds", 'namespace="ora"')
    samples = [{"labels": "{}", "value": seconds}]

    assert answers(tmp_path, query, SLOW, samples)[0] == is_so


@pytest.mark.parametrize("series", [{}, dict.fromkeys(SLOW, "7x40")])
def test_where_nobody_asks_it_is_nought_and_no_gap(tmp_path, series):
    query = asked("ora_request_p99_seconds", 'namespace="ora"')

    told = answers(tmp_path, query, series, [{"labels": "{}", "value": 0}])

    assert told == (True, "")


def test_a_queue_is_as_deep_as_every_pod_tells_less_what_is_tried_again(tmp_path):
    series = {
        f'{name}{{namespace="ora",queue="{queue}",pod="{pod}"}}': f"{value}x40"
        for name, values in {
            "ora_jobs_waiting": {"hooks": 500, "mail": 9},
            "ora_jobs_retried": {"hooks": 450, "mail": 0},
        }.items()
        for queue, value in values.items()
        for pod in "ab"
    }
    query = asked("ora_queue_depth", 'namespace="ora",queue="hooks"')

    told = answers(tmp_path, query, series, [{"labels": '{queue="hooks"}', "value": 50}])

    assert told == (True, "")
