"""What a worker and the clock tell who watches them."""

import pytest
import requests

from app.config import ConfigurationError
from app.core import measures
from dev.ports import free_port
from tests.workers.process import running, wait_until
from workers import pulse
from workers.clock import Clock
from workers.pulse import Pulse
from workers.run import Worker

TOKEN = "a-token-that-only-prometheus-has"


@pytest.fixture
def felt() -> Pulse:
    return Pulse()


@pytest.fixture
def url(settings, felt):
    served = settings.model_copy(update={"workers_port": free_port()})
    server = pulse.serve(served, felt)
    yield f"http://127.0.0.1:{served.workers_port}"
    server.shutdown()
    server.server_close()


def test_a_process_that_turns_is_well(url):
    assert requests.get(f"{url}/healthz", timeout=5).status_code == 200


def test_one_that_hangs_longer_than_any_job_is_not(url, felt, monkeypatch):
    begun = pulse.monotonic()
    monkeypatch.setattr(pulse, "monotonic", lambda: begun + pulse.SILENT_SECONDS + 1)

    assert requests.get(f"{url}/healthz", timeout=5).status_code == 503

    felt.beat()

    assert requests.get(f"{url}/healthz", timeout=5).status_code == 200


def test_what_it_has_counted_is_told(url):
    measures.jobs_worked.labels("mail.send_alert", "done").inc()

    assert (
        'ora_jobs_worked_total{job="mail.send_alert"'
        in requests.get(f"{url}/metrics", timeout=5).text
    )


def test_counts_are_for_who_has_the_token(settings):
    port = free_port()
    more = {"workers_port": port, "metrics_token": type(settings.secret_key)(TOKEN)}
    server = pulse.serve(settings.model_copy(update=more), Pulse())
    try:
        statuses = [
            requests.get(f"http://127.0.0.1:{port}/metrics", headers=headers, timeout=5).status_code
            for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {TOKEN}"})
        ]
    finally:
        server.shutdown()
        server.server_close()

    assert statuses == [401, 401, 200]


def test_nothing_listens_where_no_port_is_set(settings):
    assert pulse.serve(settings, Pulse()) is None


def test_a_port_that_is_taken_is_a_setting_that_is_refused(settings, url):
    port = int(url.rpartition(":")[2])

    with pytest.raises(ConfigurationError, match=f"WORKERS_PORT {port}"):
        pulse.serve(settings.model_copy(update={"workers_port": port}), Pulse())


@pytest.mark.parametrize("kept", [Worker, Clock])
def test_it_is_felt_while_redis_is_away(kept, monkeypatch):
    base = kept.__mro__[1]
    monkeypatch.setattr(base, "heartbeat", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(kept, "pulse", Pulse())
    kept.pulse._beat_at -= pulse.SILENT_SECONDS
    one = kept.__new__(kept)
    assert not kept.pulse.is_felt()

    with pytest.raises(ZeroDivisionError):
        one.heartbeat()

    assert kept.pulse.is_felt()


@pytest.mark.parametrize("command", [("workers.run", "mail"), ("workers.clock",)])
def test_the_process_itself_answers(app, command, tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("WORKERS_PORT", str(port))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "numbers"))
    # A start takes seconds of CPU, of which a busy machine has few.
    monkeypatch.setattr("tests.workers.process.PATIENCE_SECONDS", 120)

    with running(*command) as process:
        wait_until(lambda: answers(port), on=process)


def answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False
