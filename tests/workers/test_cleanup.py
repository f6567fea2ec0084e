"""What has served its time is forgotten in small steps, and nothing else is."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select, text, update

from app.checkout.keys import request
from app.checkout.models import IdempotencyKey
from app.core.ids import new_id
from app.core.jobs import Job
from app.subscribers.models import Delivery, DeliveryTry, Subscriber
from tests.builders import values
from workers import cleanup

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch):
    monkeypatch.setattr(cleanup, "STEP", 2)


def ago(days):
    return func.now() - days * DAY


def keep_job(session, **values):
    row = {"queue": "mail", "name": "mail.send_alert", "arguments": {}, "attempts": 1}
    session.execute(insert(Job).values(row | values))


def keys(session):
    return session.scalar(select(func.count()).select_from(IdempotencyKey))


def test_jobs_that_were_done_a_week_ago_are_forgotten_and_no_others(app, session):
    for _ in range(5):
        keep_job(session, done_at=ago(8))
    keep_job(session, done_at=ago(6), queue="done lately")
    keep_job(session, failed_at=ago(60), queue="failed")
    keep_job(session, due_at=ago(60), queue="due")

    cleanup.forget_jobs()

    left = session.scalars(select(Job.queue).order_by(Job.queue))
    assert left.all() == ["done lately", "due", "failed"]


def test_a_run_ends_when_its_time_is_over_and_the_next_one_goes_on(app, session, monkeypatch):
    for _ in range(5):
        keep_job(session, done_at=ago(8))
    monkeypatch.setattr(cleanup, "BUDGET_SECONDS", 0)

    left = []
    for _ in range(4):
        cleanup.forget_jobs()
        left.append(session.scalar(select(func.count()).select_from(Job)))

    # A run takes one step even then, so that it gets on.
    assert left == [3, 1, 0, 0]


def test_old_deliveries_go_with_their_tries_whatever_became_of_them(app, session):
    subscriber = new_id()
    session.execute(
        insert(Subscriber).values(id=subscriber, name="x", url="http://x", events=["*"])
    )
    for days in (31, 31, 31, 29):
        delivery = new_id()
        row = {"id": delivery, "subscriber_id": subscriber, "event_id": uuid4(), "event": "ping"}
        session.execute(insert(Delivery).values(**row, subject=uuid4(), created_at=ago(days)))
        session.execute(
            insert(DeliveryTry).values(delivery_id=delivery, took_ms=1, http_status=500, answer="")
        )

    cleanup.forget_deliveries()

    assert values(session.execute(select(Delivery.id))) == [(delivery,)]
    assert values(session.execute(select(DeliveryTry.delivery_id))) == [(delivery,)]


def test_a_checkout_that_is_repeated_within_a_month_is_answered_as_before(shop, session):
    shop.product("ring", 3)
    buyer = shop.customer()
    order = buyer.check_out("my key", ring=1).json
    session.execute(update(IdempotencyKey).values(created_at=ago(29)))

    cleanup.forget_answers()

    assert buyer.check_out("my key", ring=1).json == order
    assert keys(session) == 1


@pytest.mark.parametrize("is_reserved_still", [True, False])
def test_a_key_whose_answer_is_forgotten_never_makes_a_second_order(
    shop, session, redis, is_reserved_still
):
    shop.product("ring", 3)
    buyer = shop.customer()
    order = buyer.check_out("my key", ring=1).json
    session.execute(update(IdempotencyKey).values(created_at=ago(31)))
    # Redis has forgotten the key since a month.
    redis.delete(request(UUID(order["id"])))
    if not is_reserved_still:
        redis.flushall()

    cleanup.forget_answers()
    response = buyer.check_out("my key", ring=1)

    assert keys(session) == 0
    assert (response.status_code, response.json["code"]) == (422, "idempotency_key_forgotten")
    assert len(buyer.get("/api/v1/orders").json["items"]) == 1
    assert shop.levels("ring").available == 2


DUE = (
    "SELECT id FROM subscriber_deliveries WHERE subscriber_id = :id AND status = 'pending'"
    " AND due_at <= now() ORDER BY due_at LIMIT 1"
)


@pytest.mark.parametrize(
    "query",
    [
        DUE,
        "SELECT id FROM outbox WHERE done_at < now() - interval '7 days' LIMIT 1000",
        "SELECT order_id FROM idempotency_keys WHERE created_at < now() LIMIT 1000",
        "SELECT id FROM subscriber_deliveries WHERE created_at < now() LIMIT 1000",
        "SELECT id FROM subscriber_delivery_tries WHERE delivery_id = :id",
    ],
)
def test_what_is_old_or_due_is_found_by_an_index(app, session, query):
    session.execute(text("SET enable_seqscan = off"))
    try:
        plan = "\n".join(
            session.scalars(text(f"EXPLAIN {query}"), {"id": uuid4()} if ":id" in query else {})
        )
    finally:
        session.execute(text("RESET enable_seqscan"))

    assert "Index" in plan
    assert "Seq Scan" not in plan
