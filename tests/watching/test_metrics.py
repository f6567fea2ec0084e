import os
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, text, update

from app.core import db, jobs, measures
from app.core.jobs import Job
from app.core.problems import ServiceUnavailable
from app.inventory.models import Reservation
from app.payments import calls
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.models import PaymentAttempt, Refund
from tests.payments.purchase import purchase
from tests.watching.promtool import PROMTOOL, needs_promtool

ROOM = {"gateway": "razorpay"}


def told(client):
    """All samples, as Prometheus reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(client, name, **labels):
    return told(client).get((name, *sorted(labels.items())), 0.0)


@pytest.fixture
def fresh(app, monkeypatch):
    """Sources that keep nothing, so that every look is a new one."""
    registry, _ = app.extensions["ora_metrics"]
    for guarded in registry._collector_to_names:
        for source in guarded._sources:
            monkeypatch.setattr(source, "kept_seconds", 0)
            monkeypatch.setattr(source, "_until", 0.0)


@needs_promtool
def test_prometheus_itself_finds_nothing_to_say_about_the_metrics(shop, client):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay())
    shop.work()

    checked = subprocess.run(
        [PROMTOOL, "check", "metrics"],
        input=client.get("/metrics").data, capture_output=True, check=False,
    )  # fmt: skip

    assert (checked.returncode, checked.stderr.decode(), checked.stdout.decode()) == (0, "", "")


def test_requests_are_counted_by_route_and_status_and_timed(client):
    known = {"method": "GET", "route": "/api/v1/products/<slug:slug>"}
    before = of(client, "ora_http_requests_total", **known, status="404")
    timed = of(client, "ora_http_request_duration_seconds_count", **known)

    client.get("/api/v1/products/one")
    client.get("/api/v1/products/another")

    assert of(client, "ora_http_requests_total", **known, status="404") == before + 2
    assert of(client, "ora_http_request_duration_seconds_count", **known) == timed + 2


def test_paths_and_methods_that_somebody_makes_up_are_one_each(client):
    for number in range(3):
        client.get(f"/made/up/{number}")
        client.open("/healthz", method=f"MADE{number}")

    names = {key for key in told(client) if key[0] == "ora_http_requests_total"}
    assert not [key for key in names if "made" in str(key).lower()]
    assert ("ora_http_requests_total", ("method", "GET"), ("route", "none"), ("status", "404")) in (
        names
    )


def test_checkouts_are_counted_by_what_came_of_them(shop, client):
    shop.product("ring", 1)
    outcomes = ("placed", "repeated", "insufficient_stock")
    before = [of(client, "ora_checkouts_total", outcome=outcome) for outcome in outcomes]
    buyer = shop.customer()

    buyer.check_out(key="one", ring=1)
    buyer.check_out(key="one", ring=1)
    buyer.check_out(key="two", ring=1)

    after = [of(client, "ora_checkouts_total", outcome=outcome) for outcome in outcomes]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]


def test_reservations_are_counted_and_those_that_are_overdue(shop, client, session):
    shop.product("ring", 5)
    buyer = shop.customer()
    order = buyer.check_out(ring=3).json["id"]
    buyer.check_out(ring=1)
    over = update(Reservation).where(Reservation.order_id == order)
    session.execute(over.values(deadline_at=func.now() - text("interval '1 minute'")))

    now = told(client)
    assert now["ora_reservations_pending",] == 2
    assert now["ora_reservations_pending_units",] == 4
    assert now["ora_reservations_overdue",] == 1


def test_jobs_are_counted_by_queue_with_the_age_of_the_oldest(client, session):
    ago = func.now() - text("interval '90 seconds'")
    later = func.now() + text("interval '1 hour'")
    for name, more in {
        "old": {"due_at": ago}, "new": {}, "retried": {"due_at": later, "last_error": "no"},
        "lost": {"due_at": ago, "failed_at": ago, "last_error": "no"},
    }.items():  # fmt: skip
        session.add(Job(queue="mail", name=name, arguments={}, **more))
    session.flush()

    now = told(client)
    mail = ("queue", "mail")
    assert now["ora_jobs_waiting", mail] == 3
    assert now["ora_jobs_retried", mail] == 1
    assert now["ora_jobs_failed", mail] == 1
    assert 89 < now["ora_jobs_oldest_age_seconds", mail] < 120
    assert now["ora_jobs_oldest_age_seconds", ("queue", "stock")] == 0


def test_webhooks_are_counted_at_the_door_and_in_the_inbox(shop, client, session):
    outcomes = ("stored", "repeated", "invalid_signature")
    name = "ora_webhook_deliveries_total"
    before = [of(client, name, **ROOM, outcome=outcome) for outcome in outcomes]
    event = shop.gateway.deliver_of({"event": "order.paid"})
    shop.deliver(event)
    shop.deliver(event)
    shop.deliver(event, X_Razorpay_Signature="of somebody else")
    session.execute(text("UPDATE webhook_events SET received_at = now() - interval '1 hour'"))

    now = told(client)
    after = [of(client, name, **ROOM, outcome=outcome) for outcome in outcomes]
    assert [one - other for one, other in zip(after, before, strict=True)] == [1, 1, 1]
    assert now["ora_webhooks", ("status", "received")] == 1
    assert 3600 <= now["ora_webhooks_oldest_age_seconds",] < 3700

    shop.work("webhooks")

    now = told(client)
    assert now["ora_webhooks", ("status", "failed")] == 1
    assert now["ora_webhooks_oldest_age_seconds",] == 0


def test_money_that_belongs_to_nothing_is_told_to_the_paisa(shop, client, session, fresh):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay())
    shop.work()

    now = told(client)
    assert now["ora_unmatched_paise",] == 0
    assert now["ora_captured_paise",] == order.total
    assert now["ora_payments", ("status", "captured")] == 1

    session.execute(update(PaymentAttempt).values(outcome=None))

    assert of(client, "ora_unmatched_paise") == order.total


def test_refunds_on_their_way_have_an_age(shop, client, session):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay(amount=order.total + 100))
    shop.work("webhooks")
    session.execute(update(Refund).values(created_at=func.now() - text("interval '2 days'")))

    now = told(client)
    assert now["ora_refunds_pending",] == 1
    assert 172_800 <= now["ora_refunds_oldest_age_seconds",] < 172_900
    assert now["ora_refunds_failed",] == 0


def test_calls_to_gateways_are_counted_by_outcome_and_timed(app, client):
    def answers(error):
        def call():
            if error is not None:
                raise error

        return call

    spared = "spared"
    outcomes = {"answered": None, "refused": GatewayRefused(), "unavailable": GatewayUnavailable()}
    name = "ora_gateway_calls_total"
    before = told(client)
    for error in outcomes.values():
        try:
            calls.once("razorpay", answers(error))
        except (GatewayRefused, GatewayUnavailable):
            continue
    for _ in range(5):
        with pytest.raises(GatewayUnavailable):
            calls.once("razorpay", answers(GatewayUnavailable()))
    now = told(client)

    def risen(outcome):
        key = (name, ("gateway", "razorpay"), ("outcome", outcome))
        return now.get(key, 0) - before.get(key, 0)

    assert (risen("answered"), risen("refused")) == (1, 1)
    # Five in a row open the breaker; from then on calls are spared.
    assert (risen("unavailable"), risen(spared)) == (5, 1)
    count = ("ora_gateway_call_duration_seconds_count", ("gateway", "razorpay"))
    assert now[count] - before.get(count, 0) == 7


def test_jobs_that_were_worked_are_counted_and_timed(shop, client):
    known = {"job": "announcements.spread", "outcome": "done"}
    before = of(client, "ora_jobs_worked_total", **known)
    shop.product("ring", 1)
    shop.customer().check_out(ring=1)
    shop.work("announcements", "mail")

    assert of(client, "ora_jobs_worked_total", **known) == before + 1
    assert of(client, "ora_job_duration_seconds_count", job="announcements.spread") > 0


def test_connections_that_are_taken_are_counted_and_given_back(client):
    def taken():
        return measures.connections._value.get()

    before = taken()
    with db.engine().connect(), db.engine().connect() as broken:
        assert taken() == before + 2
        broken.invalidate()
        assert taken() == before + 1
    assert taken() == before


def test_a_dependency_that_is_down_takes_nothing_else_with_it(client, monkeypatch):
    def down(*_args, **_more):
        raise db.OperationalError("SELECT 1", {}, Exception("down"))

    monkeypatch.setattr(db, "engine", down)

    now = told(client)
    assert now["ora_dependency_up", ("dependency", "postgres")] == 0
    assert now["ora_dependency_up", ("dependency", "stock_redis")] == 1
    assert not [key for key in now if key[0] == "ora_jobs_waiting"]
    breaker = ("ora_gateway_breaker", ("gateway", "razorpay"), ("ora_gateway_breaker", "closed"))
    assert now[breaker] == 1
    assert [key for key in now if key[0] == "ora_http_requests_total"]


def test_what_cannot_be_asked_in_time_is_left_out(client, monkeypatch):
    def late(_session):
        raise ServiceUnavailable

    monkeypatch.setattr(jobs, "unfinished", late)

    now = told(client)
    assert not [key for key in now if key[0] == "ora_jobs_waiting"]
    assert ("ora_reservations_pending",) in now


def test_with_a_token_only_who_has_it_is_answered(app, client, monkeypatch):
    registry, _ = app.extensions["ora_metrics"]
    monkeypatch.setitem(app.extensions, "ora_metrics", (registry, "a-token-of-metrics"))

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
    mine = {"Authorization": "Bearer a-token-of-metrics"}
    assert client.get("/metrics", headers=mine).status_code == 200


PROCESS = """
import sys
from app.core import measures
measures.checkouts.labels("placed").inc(int(sys.argv[1]))
measures.connections.inc(int(sys.argv[1]))
print(measures.REGISTRY is not None, flush=True)
if sys.argv[2] == "stays":
    sys.stdin.read()
"""
ASKED = """
from prometheus_client import generate_latest
from app.core import measures
print(generate_latest(measures.of_all_processes()).decode())
"""


def test_any_process_tells_what_all_have_counted_and_what_the_living_have_in_use(tmp_path):
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "numbers")}

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-c", *arguments],
            env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    dead = start(PROCESS, "2", "ends")
    dead.communicate()
    living = start(PROCESS, "3", "stays")
    assert living.stdout.readline() == "True\n"
    out, _ = start(ASKED).communicate()
    living.communicate("")

    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(out)
        for sample in family.samples
    }
    assert samples["ora_checkouts_total"] == 5
    assert samples["ora_postgres_connections_in_use"] == 3
