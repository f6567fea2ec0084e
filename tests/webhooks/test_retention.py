"""Events that ended are forgotten when they are old; what waits for anybody stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.webhooks.models import WebhookEvent
from tests.payments.purchase import purchase, sales
from workers import webhooks as work


@pytest.fixture(autouse=True)
def _thirty_days(app, monkeypatch):
    monkeypatch.setenv("WEBHOOK_RETENTION_DAYS", "30")


def write(session, event_id, status, age):
    session.add(
        WebhookEvent(
            event_id=event_id, gateway="razorpay", event="x", body=b"{}", status=status,
            received_at=func.now() - age,
        )
    )  # fmt: skip
    session.flush()


def left(session):
    return set(session.scalars(select(WebhookEvent.event_id)))


OLD, YOUNG = timedelta(days=30, minutes=1), timedelta(days=30, minutes=-1)


@pytest.mark.parametrize(
    ("status", "stays"),
    [("processed", False), ("ignored", False), ("received", True), ("failed", True)],
)
def test_what_ended_is_forgotten_after_its_time_and_what_did_not_is_kept(session, status, stays):
    write(session, "old", status, OLD)
    write(session, "young", status, YOUNG)

    work.prune_events()

    assert left(session) == ({"old", "young"} if stays else {"young"})


def test_a_run_forgets_so_many_and_the_next_one_the_rest(session, monkeypatch):
    monkeypatch.setattr(work, "MOST_PER_RUN", 2)
    for number in range(3):
        write(session, f"old-{number}", "processed", OLD)

    work.prune_events()
    assert len(left(session)) == 1
    work.prune_events()

    assert left(session) == set()


def test_an_event_that_is_delivered_again_after_it_was_forgotten_changes_nothing(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    delivery = bought.event("payment.captured", bought.pay())
    shop.deliver(delivery)
    shop.work()
    session.execute(update(WebhookEvent).values(received_at=func.now() - OLD))
    work.prune_events()
    assert left(session) == set()

    assert shop.deliver(delivery).status_code == 200
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]


def test_a_job_whose_event_was_forgotten_has_nothing_to_do(session):
    work.process("long gone")

    assert left(session) == set()
