"""compose.yaml holds what the Procfile, the settings and the servers of the shop say."""

import os
import re
from datetime import timedelta

import pytest
import yaml

from app.config import DEVELOPMENT_SECRETS, Settings, load_settings, unsafe
from app.core import jobs
from app.production import known_holes
from deploy.secrets_file import SECRETS
from dev.processes import read_procfile
from tests.deploy.composed import MADE_UP, compose, composed
from tests.deploy.image import last
from tests.deploy.tools import ROOT

PROCESSES = read_procfile(ROOT / "Procfile")
OF_THE_SHOP = {*PROCESSES, "migrate"}
SERVERS = {"postgres", "redis-stock", "redis-queue"}
WATCHERS = {"prometheus", "grafana"}
PRODUCTION, LOCAL = "deploy/compose.production.yaml", "deploy/compose.local.yaml"
# Of the servers in the image, not of the shop.
NO_SETTINGS = {"WEB_CONCURRENCY"}
# Of both engines of a process (app/core/db.py), with what overflows.
CONNECTIONS_OF_A_PROCESS = 20
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())


def service(name, *files):
    return composed(*files)["services"][name]


def seconds(duration):
    """What Compose writes as 2m10s."""
    of_unit = {"h": 3_600, "m": 60, "s": 1}
    return sum(int(number) * of_unit[u] for number, u in re.findall(r"(\d+)([hms])", duration))


def test_its_services_are_the_processes_and_what_they_stand_on():
    assert set(composed()["services"]) == OF_THE_SHOP | SERVERS | WATCHERS | {"sandbox"}


def test_each_process_is_its_line_of_the_procfile():
    assert {name: service(name)["command"] for name in PROCESSES} == {
        name: [name] for name in PROCESSES
    }


def test_the_image_is_built_once_and_never_taken_from_strangers():
    built = {name for name, s in composed()["services"].items() if "build" in s}

    assert built == {"migrate", "sandbox"}
    assert {service(name)["image"] for name in OF_THE_SHOP} == {"ora:local"}
    assert {service(name)["pull_policy"] for name in PROCESSES} == {"never"}


def test_every_queue_is_worked():
    worked = {line.split()[-1] for line in PROCESSES.values() if "workers.run" in line}

    assert worked == set(jobs.QUEUES)


@pytest.mark.parametrize("name", sorted(OF_THE_SHOP))
@pytest.mark.parametrize("files", [(), (PRODUCTION,)])
def test_what_a_process_is_told_is_a_setting(name, files):
    told = set(service(name, *files)["environment"]) - NO_SETTINGS

    assert told <= {field.upper() for field in Settings.model_fields}
    assert ("MIGRATION_DATABASE_URL" in told) == (name == "migrate")


@pytest.mark.parametrize("name", sorted(OF_THE_SHOP))
def test_production_takes_what_it_is_told(name, monkeypatch):
    environment = service(name, PRODUCTION)["environment"]
    for variable in os.environ:
        monkeypatch.delenv(variable)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    assert list(unsafe(load_settings(), environment)) == []


def test_production_would_not_take_what_the_sandbox_needs(monkeypatch):
    environment = service("web")["environment"] | {"APP_ENV": "test"}
    for variable in os.environ:
        monkeypatch.delenv(variable)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    assert {"RAZORPAY_API_URL", "MAIL_URL", "SELLER_GSTIN"} <= {
        found.setting for found in unsafe(load_settings(), environment)
    }


def test_production_has_no_sandbox():
    assert "sandbox" not in composed(PRODUCTION)["services"]


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_a_secret_that_is_missing_is_named(missing):
    told = compose(**{name: value for name, value in MADE_UP.items() if name != missing})

    assert told.returncode != 0
    assert f"required variable {missing} is missing" in told.stderr


def test_no_secret_has_a_default():
    text = (ROOT / "compose.yaml").read_text()
    with_default = {name for name, _ in re.findall(r"\$\{(\w+):?-([^}]+)\}", text)}

    assert len(with_default) > 5
    assert not {n for n in with_default if re.search(r"PASSWORD|SECRET(?!OR)|TOKEN|KEY", n)}
    assert not any(secret in text for secret in DEVELOPMENT_SECRETS.values())


def test_only_web_is_published():
    published = {name: s["ports"] for name, s in composed()["services"].items() if "ports" in s}

    assert list(published) == ["web"]
    assert [(p["host_ip"], p["target"]) for p in published["web"]] == [("127.0.0.1", 8000)]
    assert last("shop", "EXPOSE") == "8000"


def test_what_is_looked_at_is_for_this_machine_alone():
    published = {
        name: [p["host_ip"] for p in s["ports"]]
        for name, s in composed(LOCAL)["services"].items()
        if "ports" in s
    }

    assert set(published) == {"web", "sandbox", "prometheus", "grafana"}
    assert all(addresses == ["127.0.0.1"] for addresses in published.values())


def test_servers_are_reached_by_who_needs_them_alone():
    networks = composed()["networks"]
    members = {
        network: {n for n, s in composed()["services"].items() if network in s["networks"]}
        for network in networks
    }

    assert {n for n, network in networks.items() if network.get("internal")} == {
        "data", "gateways", "watching",
    }  # fmt: skip
    assert members["data"] == OF_THE_SHOP | SERVERS
    assert not members["outside"] & (SERVERS | WATCHERS | {"sandbox", "migrate"})
    assert all(set(service(server)["networks"]) == {"data"} for server in SERVERS)


@pytest.mark.parametrize("name", sorted(OF_THE_SHOP | SERVERS | WATCHERS | {"sandbox"}))
def test_each_has_its_bounds(name):
    found = service(name)
    limits = found["deploy"]["resources"]["limits"]

    assert int(limits["memory"]) > 0
    assert limits["cpus"] > 0
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert name == "postgres" or found["cap_drop"] == ["ALL"]
    assert name in ("postgres", "grafana") or found["read_only"] is True
    # Of a file that is read whole, as pip does, "latest" is another one tomorrow.
    assert re.search(r":(v?\d+\.\d+|local$)", found["image"])


@pytest.mark.parametrize("name", sorted({*PROCESSES, *SERVERS, *WATCHERS} - {"web"}))
def test_each_is_asked_whether_it_is_well(name):
    assert service(name)["healthcheck"]["test"]
    # Web is by the image itself.
    assert "healthcheck" not in service("web")


def test_a_process_may_finish_what_it_is_at():
    workers = [name for name in PROCESSES if name.startswith("worker-")]

    assert len(workers) > 4
    assert all(
        timedelta(seconds=seconds(service(name)["stop_grace_period"])) >= jobs.LEASE
        for name in workers
    )
    assert seconds(service("web")["stop_grace_period"]) >= 30


def test_processes_start_when_tables_and_servers_are_there():
    for name in PROCESSES:
        conditions = {n: d["condition"] for n, d in service(name)["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            **dict.fromkeys(SERVERS, "service_healthy"),
        }


def test_postgres_has_connections_for_all():
    (most,) = [
        int(part.partition("=")[2])
        for part in service("postgres")["command"]
        if part.startswith("--max_connections")
    ]
    web = int(service("web")["environment"]["WEB_CONCURRENCY"])
    processes = len(PROCESSES) - 1 + web

    assert processes * CONNECTIONS_OF_A_PROCESS < most


def test_redis_has_no_known_holes_and_forgets_no_reservation():
    stock, queue = service("redis-stock"), service("redis-queue")

    assert known_holes("Redis", stock["image"].partition(":")[2]) is None
    assert stock["image"] == queue["image"]
    assert after(stock["command"], "--appendonly") == "yes"
    assert after(stock["command"], "--dir") in {v["target"] for v in stock["volumes"]}
    assert {after(s["command"], "--maxmemory-policy") for s in (stock, queue)} == {"noeviction"}


def after(command, option):
    return command[command.index(option) + 1]


def test_every_file_that_is_mounted_is_there():
    mounted = [
        volume["source"]
        for s in composed()["services"].values()
        for volume in s.get("volumes", ())
        if volume["type"] == "bind"
    ]

    assert len(mounted) >= 8
    assert [path for path in mounted if not os.path.isfile(path)] == []  # noqa: PTH113


def test_prometheus_asks_every_process_where_it_answers():
    scraped = {
        job["job_name"]: (job["dns_sd_configs"][0]["names"], job["dns_sd_configs"][0]["port"])
        for job in PROMETHEUS["scrape_configs"]
    }
    workers = int(service("scheduler")["environment"]["WORKERS_PORT"])

    # The alerts ask for this name.
    assert scraped.pop("ora") == (["web"], 8000)
    ((names, port),) = scraped.values()
    assert set(names) == set(PROCESSES) - {"web"}
    assert port == workers
    assert all("watching" in service(name)["networks"] for name in PROCESSES)
