"""What Stripe tells: signed and stored once, read in any order, and never worth a 500."""

import json
import time
from itertools import permutations

import pytest
from sqlalchemy import select

from app.alerts.models import Alert
from app.payments.gateway import _gateways as gateways
from app.payments.gateway import gateway
from app.payments.models import Dispute, PaymentAttempt, Refund, Settlement
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, open_jobs, refunds, sales
from tests.payments.stripe_stub import at_the_door, deliver, open_stub, stripe_purchase

INVALID = {
    "type": "/problems/invalid-webhook-signature",
    "title": "The signature is missing or does not fit the body.",
    "status": 400,
    "code": "invalid_webhook_signature",
}
PREVIOUS = "whsec_of_last_week_and_no_longer"


@pytest.fixture
def stripe(gateway):
    with open_stub(gateway) as stub:
        yield stub


@pytest.fixture
def bought(shop, stripe):
    """An order whose payment is open at Stripe."""
    shop.product("ring", 2)
    return stripe_purchase(shop, stripe, ring=1)


@pytest.fixture
def charge(shop, bought):
    """The charge that paid for the order."""
    charge = bought.pay()
    bought.tell("charge.succeeded", charge)
    shop.work()
    return charge


def told(response):
    return {name: value for name, value in response.json.items() if name != "request_id"}


def open_alerts(session):
    query = select(Alert.kind, Alert.subject, Alert.detail).where(Alert.closed_at.is_(None))
    return values(session.execute(query.order_by(Alert.created_at)))


def test_an_event_is_stored_to_the_byte_once_however_often_it_comes(shop, session, stripe):
    event = stripe.event("customer.created", {"name": "Asha \u20b9"})

    answers = [deliver(shop, event, at=time.time() - age) for age in (200, 100, 0)]
    shop.work()

    assert [(a.status_code, a.json) for a in answers] == [(200, {"status": "stored"})] * 3
    columns = (
        WebhookEvent.event_id, WebhookEvent.gateway, WebhookEvent.event, WebhookEvent.body,
        WebhookEvent.status, WebhookEvent.note,
    )  # fmt: skip
    assert values(session.execute(select(*columns))) == [
        (
            json.loads(event.body)["id"], "stripe", "customer.created", event.body, "ignored",
            "no story for this event",
        )
    ]  # fmt: skip


def forged(event):
    """Headers that Stripe did not send along with an event."""
    right = event.signature()
    moment, _, signature = right.partition(",")
    yield from {
        "missing": None,
        "empty": "",
        "a signature alone": signature,
        "a time alone": moment,
        "zeros": f"{moment},v1={'0' * 64}",
        "in capitals": f"{moment},v1={signature[3:].upper()}",
        "of another scheme": right.replace("v1=", "v0="),
        "of another time": f"t={int(moment[2:]) - 1},{signature}",
        "by another secret": event.signature(secret="whsec_of_somebody_else"),
        "older than five minutes": event.signature(at=time.time() - 301),
        "at no time": f"t=,{signature}",
        "at a time of letters": f"t=now,{signature}",
        "at an endless time": f"t={'9' * 5_000},{signature}",
        "overlong": f"{moment},v1={'0' * 20_000}",
        "Latin-1": f"{moment},v1=\u00e9{signature}",
        "time in other digits": f"t=\u00b2{moment[3:]},{signature}",
        "nothing between commas": ",,,,",
    }.items()


def test_what_stripe_did_not_sign_is_refused_and_not_stored(shop, session, stripe):
    event = stripe.event("customer.created", {})

    answers = {kind: at_the_door(shop, event.body, signature) for kind, signature in forged(event)}

    refused = {kind: (answer.status_code, told(answer)) for kind, answer in answers.items()}
    assert refused == dict.fromkeys(answers, (400, INVALID))
    assert (events(session), open_jobs(session)) == ([], [])


def test_a_body_that_was_changed_on_its_way_is_refused(shop, session, stripe):
    event = stripe.event("customer.created", {"name": "Asha"})

    changed = [event.body + b"\n", event.body.replace(b"Asha", b"Adah"), b""]

    assert [at_the_door(shop, b, event.signature()).status_code for b in changed] == [400] * 3
    assert events(session) == []


def test_one_right_signature_among_several_is_enough(shop, session, stripe):
    event = stripe.event("customer.created", {})
    moment, _, signature = event.signature().partition(",")

    answer = at_the_door(shop, event.body, f"{moment},v1={'0' * 64},v0=abc,{signature}")

    assert (answer.status_code, len(events(session))) == (200, 1)


def test_a_signature_is_good_for_five_minutes(shop, session, stripe):
    event = stripe.event("customer.created", {})

    assert deliver(shop, event, at=time.time() - 290).status_code == 200


@pytest.mark.parametrize(("secrets", "status"), [((PREVIOUS,), 200), ((), 400)])
def test_the_secret_before_the_present_one_is_taken_while_it_is_known(
    shop, session, stripe, monkeypatch, secrets, status
):
    ours = gateway("stripe")
    monkeypatch.setattr(ours, "_webhook_secrets", (*ours._webhook_secrets, *secrets))
    old, new = stripe.event("customer.created", {}), stripe.event("customer.updated", {})

    assert deliver(shop, old, secret=PREVIOUS).status_code == status
    assert deliver(shop, new).status_code == 200


def test_a_shop_without_an_account_at_stripe_has_no_such_door(shop, stripe, monkeypatch):
    monkeypatch.delitem(gateways, "stripe")

    answer = deliver(shop, stripe.event("customer.created", {}))

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


ID = "ch_000000000000000000000000"
CHARGE = {
    "id": ID, "payment_intent": "pi_1", "status": "succeeded", "captured": True, "amount": 100,
    "currency": "inr",
}  # fmt: skip
REFUND = {"id": "re_1", "charge": ID, "status": "succeeded", "amount": 100, "currency": "inr"}
DISPUTE = {"id": "dp_1", "charge": ID, "status": "lost", "amount": 100, "currency": "inr"}


@pytest.mark.parametrize(
    ("name", "entity", "note"),
    [
        ("charge.succeeded", None, "no entity at data.object"),
        ("charge.succeeded", "ch_1", "no entity at data.object"),
        ("charge.succeeded", CHARGE | {"id": None}, "id is not a text"),
        ("charge.succeeded", CHARGE | {"id": "ch_\x00"}, "id is not a text"),
        ("charge.succeeded", CHARGE | {"id": "ch_\ud800"}, "id is not a text"),
        ("charge.succeeded", CHARGE | {"payment_intent": {}}, "payment_intent is not a text"),
        ("charge.succeeded", CHARGE | {"status": "odd"}, "status is 'odd', which nobody knows"),
        ("charge.succeeded", CHARGE | {"amount": 0}, "amount is not a positive whole number"),
        ("charge.succeeded", CHARGE | {"amount": 1.0}, "amount is not a positive whole number"),
        ("charge.succeeded", CHARGE | {"amount": True}, "amount is not a positive whole number"),
        ("charge.succeeded", CHARGE | {"amount": 2**63}, "amount is not a positive whole number"),
        ("charge.succeeded", CHARGE | {"currency": None}, "currency is not a text"),
        ("refund.updated", REFUND | {"charge": None}, "charge is not a text"),
        ("refund.updated", REFUND | {"status": "lost"}, "status is 'lost', which nobody knows"),
        ("refund.updated", REFUND | {"amount": "1"}, "amount is not a positive whole number"),
        ("charge.dispute.closed", DISPUTE | {"status": 7}, "status is not a text"),
        (
            "charge.dispute.closed",
            DISPUTE | {"amount": -1},
            "amount is not a positive whole number",
        ),
        ("payout.paid", {"id": 7, "amount": 1}, "id is not a text"),
    ],
)
def test_a_signed_event_of_another_form_is_kept_for_a_person(
    shop, session, stripe, name, entity, note
):
    event = stripe.event(name, entity)

    assert deliver(shop, event).status_code == 200
    shop.work()

    assert events(session) == [(name, "failed", note)]
    assert open_jobs(session) == []
    event_id = json.loads(event.body)["id"]
    detail = f"event {event_id}: {note}; see those that failed, and replay them"
    assert open_alerts(session) == [("event_failed", name, detail)]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"null", ""),
        (b"not JSON", ""),
        (b"[" * 100_000, ""),
        (b'{"type": 7, "id": {}}', ""),
        (b'{"type": "charge.succeeded\\u0000"}', ""),
        (b'{"type": "\\ud800", "id": "\\ud800"}', ""),
        (b'{"type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}',
         "payment_intent.succeeded"),
        (b'{"type": "charge.dispute.funds_withdrawn"}', "charge.dispute.funds_withdrawn"),
        (b'{"type": "payout.created"}', "payout.created"),
    ],
)  # fmt: skip
def test_a_signed_event_without_a_story_is_ignored(shop, session, stripe, body, name):
    event = type(stripe.event("x", {}))("x", body)

    assert deliver(shop, event).status_code == 200
    shop.work()

    assert events(session) == [(name, "ignored", "no story for this event")]


@pytest.mark.parametrize(
    ("name", "entity", "note"),
    [
        ("charge.succeeded", CHARGE, "not an order of this shop"),
        ("charge.failed", CHARGE | {"status": "failed"}, "not an order of this shop"),
        ("refund.created", REFUND, "not an order of this shop"),
        ("charge.dispute.created", DISPUTE, "not an order of this shop"),
    ],
)
def test_an_event_about_somebody_elses_charge_is_ignored(shop, session, stripe, name, entity, note):
    assert deliver(shop, stripe.event(name, entity)).status_code == 200
    shop.work()

    assert events(session) == [(name, "ignored", note)]
    assert (session.scalars(select(PaymentAttempt)).all(), open_alerts(session)) == ([], [])


def test_a_charge_without_an_intent_changes_nothing(shop, session, stripe):
    deliver(shop, stripe.event("charge.succeeded", CHARGE | {"payment_intent": None}))
    shop.work()

    assert events(session) == [("charge.succeeded", "processed", None)]
    assert session.scalars(select(PaymentAttempt)).all() == []


def test_a_payer_at_work_keeps_the_units_longer(shop, session, stripe, bought):
    before = bought.buyer.order(bought.order_id)["expires_at"]
    failed = bought.pay("failed")

    bought.tell("charge.failed", failed)

    assert bought.buyer.order(bought.order_id)["expires_at"] > before


@pytest.mark.parametrize("order", list(permutations(range(4)))[::4])
def test_shuffled_and_repeated_events_have_one_effect(shop, session, stripe, bought, order):
    failed, charge = bought.pay("failed"), bought.pay()
    refund_id = stripe.refund_at_the_dashboard(charge, 3_000)
    mixed = [
        event for event in [*stripe.events(failed), *stripe.events(charge)]
        if event.name in ("charge.failed", "charge.succeeded", "refund.created", "charge.refunded")
    ]  # fmt: skip
    assert len(mixed) == 4

    for place in [*order, *order]:
        assert deliver(shop, mixed[place]).status_code == 200
        shop.work()

    assert bought.status == ("confirmed", "partially_refunded")
    columns = (
        PaymentAttempt.gateway_payment_id, PaymentAttempt.status, PaymentAttempt.outcome,
        PaymentAttempt.amount_refunded,
    )  # fmt: skip
    assert set(values(session.execute(select(*columns)))) == {
        (failed, "failed", None, 0),
        (charge, "captured", "kept", 3_000),
    }
    assert session.scalars(select(Refund.gateway_refund_id)).all() == [refund_id]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert {status for _, status, _ in events(session)} == {"processed"}


def disputes(session):
    columns = (
        Dispute.gateway_dispute_id, Dispute.gateway_payment_id, Dispute.status, Dispute.amount,
        Dispute.amount_deducted, Dispute.currency, Dispute.phase, Dispute.reason,
    )  # fmt: skip
    return values(session.execute(select(*columns)))


@pytest.mark.parametrize(("end", "deducted"), [("won", 0), ("lost", 50_000)])
def test_a_dispute_is_written_told_to_a_person_and_ended(
    shop, session, stripe, bought, charge, end, deducted
):
    dispute = stripe.drive("disputes", charge=charge, amount=50_000, deliver="none")["id"]
    bought.tell("charge.dispute.created", dispute)
    shop.work()
    answer_by = session.scalars(select(Dispute.respond_by)).one()
    row = (dispute, charge, "open", 50_000, 0, "INR", "chargeback", "fraudulent")
    assert disputes(session) == [row]
    detail = f"50000 paise of {charge}: fraudulent, answer by {answer_by:%d %b %Y %H:%M} UTC"
    assert open_alerts(session) == [("dispute", dispute, detail)]

    stripe.drive(f"disputes/{dispute}", status="under_review", deliver="none")
    bought.tell("charge.dispute.updated", dispute)
    shop.work()
    assert (disputes(session)[0][2], len(open_alerts(session))) == ("under_review", 1)

    stripe.drive(f"disputes/{dispute}", status=end, deliver="none")
    bought.tell("charge.dispute.closed", dispute)
    # Old news, told late.
    bought.tell("charge.dispute.created", dispute)
    shop.work()

    assert (disputes(session)[0][2], disputes(session)[0][4]) == (end, deducted)
    assert session.scalars(select(PaymentAttempt.amount_lost)).all() == [deducted]
    assert open_alerts(session) == []
    assert values(session.execute(select(Alert.closed_by))) == [("gateway",)]
    assert (bought.status, refunds(session)) == (("confirmed", "captured"), [])


def test_a_dispute_told_before_its_charge_confirms_the_order_first(shop, session, stripe, bought):
    charge = bought.pay()
    dispute = stripe.drive("disputes", charge=charge, deliver="none")["id"]

    bought.tell("charge.dispute.created", dispute)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert [row[:4] for row in disputes(session)] == [(dispute, charge, "open", 103_000)]
    assert_balanced(session)


def test_a_payout_is_a_settlement_however_often_it_is_told(shop, session, stripe, charge):
    payout = stripe.drive("payouts", amount=40_000, deliver="none")
    [event] = stripe.events(payout["id"])

    for _ in range(2):
        deliver(shop, event)
        deliver(shop, stripe.event("payout.paid", payout | {"trace_id": {"value": "UTR1"}}))
        shop.work()

    columns = (
        Settlement.gateway_settlement_id, Settlement.gateway, Settlement.status,
        Settlement.amount, Settlement.fees, Settlement.tax, Settlement.utr,
    )  # fmt: skip
    assert values(session.execute(select(*columns))) == [
        (payout["id"], "stripe", "processed", 40_000, 0, 0, "UTR1")
    ]
