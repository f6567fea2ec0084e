"""Razorpay's documented samples, one file of samples/ an event; what is none is in others/."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.payments.models import Dispute, Downtime, PaymentAttempt, Refund, Settlement
from app.treasury import audit
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    events,
    given_back,
    open_jobs,
    purchase,
    refunds,
    sales,
)

SAMPLES = Path(__file__).parent / "samples"
OTHERS = SAMPLES / "others"

NOT_OURS = "not an order of this shop"
NO_STORY = "no story for this event"
METHODS = ("card", "netbanking", "upi", "wallets")
INSTRUMENTS = (
    "card_issuer", "card_network", "netbanking", "turbo_upi", "upi_psp", "upi_vpa_handle",
)  # fmt: skip
DISPUTE_STEPS = ("action_required", "closed", "created", "lost", "under_review", "won")
# An event of the SDK's own tests.
SDK_EVENT = "sdk_python.fake_payment_authorized_webhook.json"

EXPECTED = (
    {
        f"{event}.{method}.json": (event, "ignored", NOT_OURS)
        for event in ("order.paid", "payment.authorized", "payment.captured", "payment.failed")
        for method in METHODS
    }
    | {
        f"payment.dispute.{step}.json": (f"payment.dispute.{step}", "ignored", NOT_OURS)
        for step in DISPUTE_STEPS
    }
    | {
        f"payment.downtime.started.{kind}.json": ("payment.downtime.started", "processed", None)
        for kind in INSTRUMENTS
    }
    | {
        f"refund.{step}.normal.json": (f"refund.{step}", "ignored", NOT_OURS)
        for step in ("created", "failed", "processed")
    }
    | {
        "refund.speed_changed.json": ("refund.speed_changed", "ignored", NOT_OURS),
        "settlement.processed.json": ("settlement.processed", "processed", None),
    }
)


def deliver_all(shop, folder):
    """Bring every file of a folder to the door as it is; returns their names in that order."""
    names = sorted(path.name for path in folder.glob("*.json"))
    for name in names:
        delivery = shop.gateway.deliver_of((folder / name).read_bytes())
        assert shop.deliver(delivery).status_code == 200, name
    shop.work()
    return names


def tell_sample(shop, name, paid, **changes):
    """Bring a sample to the door that is about a payment of ours, as it is now at the gateway."""
    event = json.loads((SAMPLES / name).read_bytes())
    theirs = shop.gateway.payment(paid)
    ours = {key: theirs[key] for key in ("id", "order_id", "amount", "status", "captured")}
    event["payload"]["payment"]["entity"] |= ours
    for kind, changed in changes.items():
        event["payload"][kind]["entity"] |= {"payment_id": paid} | changed
    assert shop.deliver(shop.gateway.deliver_of(event)).status_code == 200
    shop.work()


@pytest.fixture
def bought(shop):
    """An order of one of two rings."""
    shop.product("ring", 2)
    return purchase(shop, ring=1)


@pytest.fixture
def paid(shop, bought):
    """The capture that pays for it."""
    payment_id = bought.pay()
    bought.tell("payment.captured", payment_id)
    shop.work()
    return payment_id


def test_every_sample_is_stored_and_ends_as_one_that_is_not_ours(shop, session):
    names = deliver_all(shop, SAMPLES)

    assert dict(zip(names, events(session), strict=True)) == EXPECTED
    assert open_jobs(session) == []


def test_what_is_no_event_of_ours_is_stored_and_ignored(shop, session):
    names = deliver_all(shop, OTHERS)

    assert (len(names), len(EXPECTED) + len(names)) == (84, 117)
    assert dict(zip(names, events(session), strict=True)) == (
        dict.fromkeys(names, ("", "ignored", NO_STORY))
        | {SDK_EVENT: ("payment.authorized", "ignored", NOT_OURS)}
    )
    assert open_jobs(session) == []


def test_the_samples_leave_behind_a_settlement_and_downtimes_and_no_money(shop, session):
    deliver_all(shop, SAMPLES)

    settled = Settlement.gateway_settlement_id, Settlement.amount, Settlement.utr
    assert values(session.execute(select(*settled))) == [
        ("setl_Rf8uva1MU98B4l", 1524, "AXISCN1153863727")
    ]
    down = Downtime.method, Downtime.severity, Downtime.ended_at
    # They share two ids.
    assert sorted(values(session.execute(select(*down)))) == [
        ("card", "high", None),
        ("upi", "high", None),
    ]
    for table in (PaymentAttempt, Refund, Dispute):
        assert session.scalars(select(table)).all() == []


@pytest.mark.parametrize("method", METHODS)
def test_the_samples_of_each_method_pay_an_order_of_ours(shop, session, method):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    steps = ("payment.failed", "payment.authorized", "payment.captured", "order.paid")

    for step in steps:
        event = json.loads((SAMPLES / f"{step}.{method}.json").read_bytes())
        event["payload"]["payment"]["entity"] |= {
            "id": "pay_29QQoUBi66xm2f",
            "order_id": bought.opened["razorpay_order_id"],
            "amount": bought.total,
        }
        assert shop.deliver(shop.gateway.deliver_of(event)).status_code == 200
    shop.work()

    assert [status for _, status, _ in events(session)] == ["processed"] * len(steps)
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


@pytest.mark.parametrize("first", ["refund.created.normal.json", "refund.processed.normal.json"])
def test_the_samples_of_a_refund_are_one_refund_that_was_made_at_the_gateway(
    shop, session, bought, paid, first
):
    tell_sample(shop, first, paid, refund={})
    assert bought.status == ("confirmed", "partially_refunded")
    for name in ("refund.created.normal.json", "refund.processed.normal.json"):
        tell_sample(shop, name, paid, refund={})

    assert refunds(session) == [(paid, 50_000, "processed", "made at the gateway")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert audit.findings(session) == []
    assert_balanced(session, **{paid: [50_000]})


def test_the_samples_of_a_refund_of_all_make_the_order_a_refunded_one(shop, session, bought, paid):
    whole = {"amount": bought.total}
    tell_sample(shop, "refund.processed.normal.json", paid, refund=whole)

    assert refunds(session) == [(paid, bought.total, "processed", "made at the gateway")]
    assert bought.status == ("confirmed", "refunded")
    assert audit.findings(session) == []
    assert_balanced(session, **{paid: [bought.total]})


def test_the_sample_of_a_refund_that_failed_leaves_the_money_with_the_shop(
    shop, session, bought, paid
):
    tell_sample(shop, "refund.failed.normal.json", paid, refund={})

    assert refunds(session) == [(paid, 50_000, "failed", "made at the gateway")]
    assert bought.status == ("confirmed", "captured")
    assert audit.totals(session) == audit.Totals(bought.total, 0, 0, bought.total)
    assert audit.findings(session) == []
    assert_balanced(session)


def test_the_sample_of_an_instant_refund_that_went_the_normal_way_is_that_refund(
    shop, session, bought, paid
):
    tell_sample(shop, "refund.speed_changed.json", paid, refund={})
    tell_sample(
        shop, "refund.processed.normal.json", paid,
        refund={"id": "rfnd_EcPN8eJuzH5Yaz", "amount": 200},
    )  # fmt: skip

    assert refunds(session) == [(paid, 200, "processed", "made at the gateway")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert audit.findings(session) == []
    assert_balanced(session, **{paid: [200]})


DISPUTE = {"id": "disp_EsIAlDcoUr8CaQ", "amount": 39_000}


def disputes(session):
    columns = Dispute.gateway_payment_id, Dispute.status, Dispute.amount, Dispute.amount_deducted
    return values(session.execute(select(*columns)))


@pytest.mark.parametrize(
    ("step", "status", "lost"),
    [
        ("created", "open", 0),
        ("action_required", "open", 0),
        ("under_review", "under_review", 0),
        ("won", "won", 0),
        ("lost", "lost", 39_000),
        ("closed", "closed", 0),
    ],
)
def test_the_sample_of_each_step_of_a_dispute_is_written_down(
    shop, session, bought, paid, step, status, lost
):
    tell_sample(shop, f"payment.dispute.{step}.json", paid, dispute=DISPUTE)

    assert disputes(session) == [(paid, status, 39_000, lost)]
    kept = bought.total - lost
    assert audit.totals(session) == audit.Totals(bought.total, 0, lost, kept)
    assert bought.status == ("confirmed", "captured")
    assert audit.findings(session) == []
    assert_balanced(session)


def test_a_dispute_that_was_lost_is_lost_once_whatever_is_told_afterwards(
    shop, session, bought, paid
):
    for step in ("created", "lost", "lost", "under_review", "created", "action_required"):
        tell_sample(shop, f"payment.dispute.{step}.json", paid, dispute=DISPUTE)

    assert disputes(session) == [(paid, "lost", 39_000, 39_000)]
    assert audit.totals(session).lost == 39_000
    assert audit.findings(session) == []
    assert_balanced(session)


def test_a_dispute_is_an_alert_for_as_long_as_it_is_open(shop, paid):
    boss = shop.customer(role="admin")
    alerts = "/api/v1/admin/alerts?open=1"

    tell_sample(shop, "payment.dispute.created.json", paid, dispute=DISPUTE)
    [alert] = boss.get(alerts).json["items"]
    assert (alert["kind"], alert["subject"]) == ("dispute", "disp_EsIAlDcoUr8CaQ")
    tell_sample(shop, "payment.dispute.under_review.json", paid, dispute=DISPUTE)
    assert [alert["id"]] == [open_one["id"] for open_one in boss.get(alerts).json["items"]]

    tell_sample(shop, "payment.dispute.won.json", paid, dispute=DISPUTE)
    assert boss.get(alerts).json["items"] == []


def test_nothing_is_refunded_while_a_dispute_is_open(shop, session, bought, paid):
    boss = shop.customer(role="admin")
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"
    wanted = {"reason": "too small", "reference": "r-1"}

    tell_sample(shop, "payment.dispute.created.json", paid, dispute=DISPUTE)
    refused = boss.post(path, wanted)
    tell_sample(shop, "payment.dispute.won.json", paid, dispute=DISPUTE)
    granted = boss.post(path, wanted)
    shop.work()

    assert (refused.status_code, refused.json["code"]) == (409, "dispute_open")
    assert granted.status_code == 202
    assert refunds(session) == [(paid, bought.total, "processed", "too small")]
    assert bought.status == ("confirmed", "refunded")
    assert_balanced(session, **{paid: [bought.total]})


def test_a_refund_that_is_on_its_way_is_held_until_a_dispute_is_won(shop, session, bought, paid):
    boss = shop.customer(role="admin")
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"
    wanted = {"amount": 40_000, "reason": "too small", "reference": "r-1"}
    refund_id = boss.post(path, wanted).json["id"]

    tell_sample(shop, "payment.dispute.created.json", paid, dispute=DISPUTE)
    assert refunds(session) == [(paid, 40_000, "pending", "too small")]
    assert given_back(shop, paid) == []
    tell_sample(shop, "payment.dispute.won.json", paid, dispute=DISPUTE)
    boss.post(f"/api/v1/admin/refunds/{refund_id}/retry")
    shop.work()

    assert refunds(session) == [(paid, 40_000, "processed", "too small")]
    assert given_back(shop, paid) == [(40_000, "processed")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_balanced(session, **{paid: [40_000]})
