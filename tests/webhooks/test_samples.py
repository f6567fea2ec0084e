"""Razorpay's documented samples, one file of samples/ an event."""

import json
from pathlib import Path

import pytest

from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, open_jobs, purchase, sales

SAMPLES = Path(__file__).parent / "samples"

NOT_OURS = "not an order of this shop"
NO_STORY = "no story for this event"
STRANGE_REFUND = "not a refund that the shop asked for"
METHODS = ("card", "netbanking", "upi", "wallets")

EXPECTED = (
    {
        f"{event}.{method}.json": (event, "ignored", NOT_OURS)
        for event in ("order.paid", "payment.authorized", "payment.captured", "payment.failed")
        for method in METHODS
    }
    | {
        f"payment.dispute.{step}.json": (f"payment.dispute.{step}", "ignored", NO_STORY)
        for step in ("action_required", "closed", "created", "lost", "under_review", "won")
    }
    | {
        f"payment.downtime.started.{kind}.json": ("payment.downtime.started", "ignored", NO_STORY)
        for kind in (
            "card_issuer", "card_network", "netbanking", "turbo_upi", "upi_psp", "upi_vpa_handle",
        )
    }
    | {
        f"refund.{step}.normal.json": (f"refund.{step}", "processed", STRANGE_REFUND)
        for step in ("created", "failed", "processed")
    }
    | {
        "refund.speed_changed.json": ("refund.speed_changed", "ignored", NO_STORY),
        "settlement.processed.json": ("settlement.processed", "ignored", NO_STORY),
    }
)  # fmt: skip


def test_every_sample_is_stored_and_ends_as_one_that_is_not_ours(shop, session):
    names = sorted(path.name for path in SAMPLES.glob("*.json"))
    for name in names:
        body = (SAMPLES / name).read_bytes()
        assert shop.deliver(shop.gateway.deliver_of(body)).status_code == 200, name

    shop.work()

    assert dict(zip(names, events(session), strict=True)) == EXPECTED
    assert open_jobs(session) == []


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
