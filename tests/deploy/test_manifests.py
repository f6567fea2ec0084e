"""The manifests for Kubernetes: what its schemas say of them, and that they know the shop."""

import copy
import os
import re

import pytest
import yaml
from kubernetes_validate import ValidationError, validate

from app.config import Settings, load_settings, unsafe
from app.core import jobs, measures
from deploy.rules import MANIFEST, RULES, manifest
from dev.processes import read_procfile
from tests.deploy.image import last
from tests.deploy.manifests import PARTS, container, of_kind, pods, rendered, selects, the
from tests.deploy.tools import ROOT

# The oldest that is to take them, and the newest that there are schemas of.
VERSIONS = ("1.32", "1.37")
# The Prometheus operator's, of which kubernetes-validate knows nothing.
OF_OTHERS = {"PodMonitor", "PrometheusRule"}
PROCESSES = read_procfile(ROOT / "Procfile")
ALL = [(part, o["kind"], o["metadata"]["name"]) for part in PARTS for o in rendered(part)]
PODS = [(part, name) for part in PARTS for name in pods(part)]
ADAPTER = yaml.safe_load(the("ConfigMap", "ora-adapter")["data"]["config.yaml"])["externalRules"]
# What the Secret has that the pods name (docs/containers.md).
SECRETS = {
    "DATABASE_URL": "postgresql+psycopg://ora_app:of-the-app@db.internal:5432/ora",
    "STOCK_REDIS_URL": "rediss://ora_stock:of-the-stock@stock.internal:6379/0",
    "QUEUE_REDIS_URL": "rediss://ora_queue:of-the-queue@queue.internal:6379/0",
    "SECRET_KEY": "a-secret-key-of-production-0123456789",
    "METRICS_TOKEN": "a-token-of-production-0123456789",
    "RAZORPAY_KEY_ID": "rzp_live_0123456789abcd",
    "RAZORPAY_KEY_SECRET": "a-key-of-production-0123456789",
    "RAZORPAY_WEBHOOK_SECRET": "a-webhook-of-production-0123456789",
    "MAIL_URL": "smtps://shop:of-mails@mail.shop.example",
}
OF_THE_OWNER = {"MIGRATION_DATABASE_URL": "postgresql+psycopg://ora_owner:x@db.internal:5432/ora"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("part", "kind", "name"), ALL)
def test_kubernetes_takes_it(part, kind, name, version):
    if kind not in OF_OTHERS:
        validate(of_kind(kind, part)[name], version, strict=True)


def test_it_would_not_take_a_word_that_it_does_not_know():
    misspelt = copy.deepcopy(the("Deployment", "ora-web"))
    container(misspelt["spec"]["template"])["readynessProbe"] = {}

    with pytest.raises(ValidationError, match="readynessProbe"):
        validate(misspelt, VERSIONS[0], strict=True)


def test_every_process_of_the_procfile_is_there():
    # The second process of a queue is a second pod.
    more = {"worker-hooks-too"}
    run = {container(template)["args"][0]: name for name, template in pods("shop").items()}

    assert set(run) == set(PROCESSES) - more
    assert {f"worker-{queue}" for queue in jobs.QUEUES} == set(run) - {"web", "scheduler"}
    assert the("HorizontalPodAutoscaler", run["worker-hooks"])["spec"]["minReplicas"] == 2


def test_the_clock_is_never_two():
    clock = the("Deployment", "ora-clock")["spec"]
    labels = clock["template"]["metadata"]["labels"]

    assert (clock["replicas"], clock["strategy"]["type"]) == (1, "Recreate")
    assert container(clock["template"])["args"] == ["scheduler"]
    assert not budgets(labels)
    assert "ora-clock" not in scaled()


def budgets(labels):
    found = of_kind("PodDisruptionBudget").values()
    return [b for b in found if selects(b["spec"]["selector"], labels)]


def scaled():
    return {
        h["spec"]["scaleTargetRef"]["name"]: h["spec"]
        for h in of_kind("HorizontalPodAutoscaler").values()
    }


def test_all_others_are_scaled_and_have_one_budget_each():
    others = set(of_kind("Deployment")) - {"ora-clock"}

    assert set(scaled()) == others
    for name in others:
        deployment = the("Deployment", name)["spec"]
        (budget,) = budgets(deployment["template"]["metadata"]["labels"])
        assert budget["metadata"]["name"] == name
        assert budget["spec"]["maxUnavailable"] == 1
        assert "replicas" not in deployment
        assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_a_deployment_has_its_own_pods_alone():
    for name, deployment in of_kind("Deployment").items():
        selected = [
            other
            for other, template in pods("shop").items()
            if selects(deployment["spec"]["selector"], template["metadata"]["labels"])
        ]
        assert selected == [name]


def test_workers_are_scaled_by_the_depth_of_their_own_queue():
    for queue in jobs.QUEUES:
        (metric,) = scaled()[f"ora-worker-{queue}"]["metrics"]
        assert metric["external"]["metric"] == {
            "name": "ora_queue_depth",
            "selector": {"matchLabels": {"queue": queue}},
        }
        assert int(metric["external"]["target"]["averageValue"]) > 0


def test_web_is_scaled_by_the_slowest_hundredth():
    web = scaled()["ora-web"]
    asked = {m["external"]["metric"]["name"] for m in web["metrics"] if m["type"] == "External"}

    assert asked == {"ora_request_p99_seconds"}
    assert web["minReplicas"] >= 2


def test_the_adapter_tells_every_number_that_is_scaled_by():
    asked = {
        metric["external"]["metric"]["name"]
        for spec in scaled().values()
        for metric in spec["metrics"]
        if metric["type"] == "External"
    }

    assert asked == {rule["name"]["as"] for rule in ADAPTER}


def test_the_adapter_asks_for_what_the_shop_tells(client):
    client.get("/healthz")
    told = client.get("/metrics").text
    asked = {
        name
        for rule in ADAPTER
        for text in (rule["seriesQuery"], rule["metricsQuery"])
        for name in re.findall(r"\bora_\w+", text)
    }

    assert len(asked) == 3
    assert [name for name in sorted(asked) if f"\n{name}" not in told] == []
    assert all(f'ora_jobs_waiting{{queue="{queue}"}}' in told for queue in jobs.QUEUES)


def test_the_hundredth_is_of_buyers_requests(app):
    (query,) = [r["metricsQuery"] for r in ADAPTER if r["name"]["as"] == "ora_request_p99_seconds"]
    wanted, unwanted = re.search(r'route=~"([^"]+)", route!~"([^"]+)"', query).groups()
    routes = {
        rule.rule
        for rule in app.url_map.iter_rules()
        # Prometheus' are anchored at both ends.
        if re.fullmatch(wanted, rule.rule) and not re.fullmatch(unwanted, rule.rule)
    }

    assert "/api/v1/checkout" in routes
    assert not any("admin" in route or "metrics" in route for route in routes)
    # Prometheus counts by the same bounds.
    assert measures.request_seconds._labelnames == ("method", "route")


def probes(template):
    found = container(template)
    return {k: v for k, v in found.items() if k.endswith("Probe")}


def test_probes_ask_where_there_is_an_answer(app):
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    for name, template in pods("shop").items():
        ports = {port["name"]: port["containerPort"] for port in container(template)["ports"]}
        asked = probes(template)
        for probe in asked.values():
            assert probe["httpGet"]["path"] in paths
            assert probe["httpGet"]["port"] in ports
        # What a server's outage makes unready may never be what starts a process anew.
        assert asked["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert asked["startupProbe"]["httpGet"]["path"] == "/healthz"
        assert ("readinessProbe" in asked) == (name == "ora-web")
    assert probes(pods("shop")["ora-web"])["readinessProbe"]["httpGet"]["path"] == "/readyz"


def settings(part):
    return the("ConfigMap", "ora-settings", part)["data"]


def test_ports_are_those_of_the_processes():
    pulse = int(settings("shop")["WORKERS_PORT"])
    for name, template in pods("shop").items():
        (port,) = container(template)["ports"]
        assert port == (
            {"name": "http", "containerPort": int(last("shop", "EXPOSE"))}
            if name == "ora-web"
            else {"name": "pulse", "containerPort": pulse}
        )
    assert the("Service", "ora-web")["spec"]["ports"][0]["targetPort"] == "http"


@pytest.mark.parametrize("part", PARTS)
def test_what_is_told_is_a_setting_and_production_takes_it(part, monkeypatch):
    told = settings(part)
    environment = told | SECRETS | (OF_THE_OWNER if part == "migrate" else {})
    for variable in os.environ:
        monkeypatch.delenv(variable)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    known = {field.upper() for field in Settings.model_fields}
    assert set(environment) <= known | {"PROMETHEUS_MULTIPROC_DIR"}
    assert list(unsafe(load_settings(), environment)) == []
    assert not set(told) & (SECRETS.keys() | OF_THE_OWNER.keys())


@pytest.mark.parametrize(("part", "name"), PODS)
def test_secrets_are_named_and_the_owners_is_the_migrations_alone(part, name):
    sources = container(pods(part)[name])["envFrom"]
    secrets = [s["secretRef"]["name"] for s in sources if "secretRef" in s]
    (told,) = [s["configMapRef"]["name"] for s in sources if "configMapRef" in s]

    assert secrets == ["ora-secrets"] + ["ora-owner"] * (part == "migrate")
    assert told == the("ConfigMap", "ora-settings", part)["metadata"]["name"]
    assert of_kind("Secret", part) == {}


@pytest.mark.parametrize(("part", "name"), PODS)
def test_a_pod_may_do_nothing_but_run(part, name):
    pod = pods(part)[name]["spec"]
    found = container(pods(part)[name])

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"{pod['securityContext']['runAsUser']}" == last("shop", "USER").partition(":")[0]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert found["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert found["image"] == "registry.example/ora:0.1.0"
    assert found["resources"]["limits"]["memory"]
    assert set(found["resources"]["requests"]) == {"cpu", "memory"}
    assert all("emptyDir" in volume for volume in pod["volumes"])


def test_the_secrets_that_are_to_be_made_are_told():
    told = (ROOT / "docs" / "containers.md").read_text()

    assert [name for name in SECRETS | OF_THE_OWNER if f"`{name}`" not in told] == []


def test_namespaces_keep_pods_that_may_do_more_out():
    for part in PARTS:
        labels = the("Namespace", "ora", part)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_process_may_finish_what_it_is_at():
    web = pods("shop")["ora-web"]["spec"]
    forgotten = container(pods("shop")["ora-web"])["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert web["terminationGracePeriodSeconds"] >= forgotten + 30
    for queue in jobs.QUEUES:
        worker = pods("shop")[f"ora-worker-{queue}"]["spec"]
        assert worker["terminationGracePeriodSeconds"] > jobs.LEASE.total_seconds()


@pytest.mark.parametrize(("part", "name"), PODS)
def test_every_pod_is_shut_in(part, name):
    labels = pods(part)[name]["metadata"]["labels"]
    policies = [
        p["spec"]
        for p in of_kind("NetworkPolicy", part).values()
        if selects(p["spec"]["podSelector"], labels)
    ]

    assert {t for p in policies for t in p["policyTypes"]} == {"Ingress", "Egress"}
    # Nobody is let in or out without a word on who it is.
    assert all(rule.get("from") for p in policies for rule in p.get("ingress", ()))
    assert all(rule.get("to") and rule["ports"] for p in policies for rule in p.get("egress", ()))


def test_subscribers_are_not_called_inside():
    blocks = [
        peer["ipBlock"]
        for rule in the("NetworkPolicy", "ora-outside")["spec"]["egress"]
        for peer in rule["to"]
    ]
    every = {block["cidr"]: set(block["except"]) for block in blocks}

    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= every["0.0.0.0/0"]
    assert "fc00::/7" in every["::/0"]


def test_prometheus_asks_every_pod():
    monitors = of_kind("PodMonitor").values()
    for name, template in pods("shop").items():
        (monitor,) = [
            m["spec"]
            for m in monitors
            if selects(m["spec"]["selector"], template["metadata"]["labels"])
        ]
        (endpoint,) = monitor["podMetricsEndpoints"]
        assert endpoint["port"] in {port["name"] for port in container(template)["ports"]}
        assert endpoint["authorization"]["credentials"] == {
            "name": "ora-secrets",
            "key": "METRICS_TOKEN",
        }
        # The alert of a web process that is down asks for this job.
        is_named = monitor.get("jobLabel") == "app.kubernetes.io/name"
        assert is_named == (name == "ora-web")
        assert template["metadata"]["labels"]["app.kubernetes.io/name"] == "ora"


def test_alerts_are_those_of_the_shop():
    assert MANIFEST.read_text() == manifest(RULES.read_text())
    assert the("PrometheusRule", "ora")["spec"] == yaml.safe_load(RULES.read_text())
