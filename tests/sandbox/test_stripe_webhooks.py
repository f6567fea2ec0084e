import json
import re
import threading

import pytest
import stripe

from tests.sandbox.test_stripe import WEBHOOK_SECRET, open_account


@pytest.fixture
def account(sandbox, shop):
    with open_account(sandbox, shop) as opened:
        yield opened


def kinds(events):
    return sorted(event.type for event in events)


def last_delivery(account):
    """Let the deliveries that have begun end, and show what became of the last event."""
    account.parts.gateway.agenda.close()
    return account.books()["events"][-1]


def test_the_signature_is_over_the_exact_bytes(account, shop):
    intent = account.intent(description="caf\u00e9 \u20b9")
    account.pay(intent, deliver="normal")

    for received in shop.take(2):
        header = received.headers["Stripe-Signature"]
        assert re.fullmatch(r"t=\d+,v1=[0-9a-f]{64}", header)
        assert stripe.Webhook.construct_event(received.body, header, WEBHOOK_SECRET)
        rewritten = json.dumps(json.loads(received.body))
        for body, secret in ((rewritten, WEBHOOK_SECRET), (received.body, "whsec_other")):
            with pytest.raises(stripe.SignatureVerificationError):
                stripe.Webhook.construct_event(body, header, secret)


def test_an_event_shows_the_object_as_the_api_does(account):
    charge = account.pay(account.intent(metadata={"order": "7"}), deliver="normal")

    events = {event.type: event for event in account.events(2)}

    assert set(events) == {"charge.succeeded", "payment_intent.succeeded"}
    assert events["charge.succeeded"].data.object == charge
    intent = events["payment_intent.succeeded"]
    assert intent.data.object.metadata.to_dict() == {"order": "7"}
    assert (intent.object, intent.livemode) == ("event", False)
    assert intent.id.startswith("evt_")
    assert intent.request.id is None


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("failed", ["charge.failed", "payment_intent.payment_failed"]),
        ("authorized", ["charge.succeeded", "payment_intent.amount_capturable_updated"]),
    ],
)
def test_an_attempt_is_told(account, outcome, told):
    intent = account.intent(capture_method="manual")

    account.pay(intent, outcome, deliver="normal")

    assert kinds(account.events(2)) == told


def test_a_capture_is_told_with_the_request_that_made_it(account):
    intent = account.intent(capture_method="manual")
    account.pay(intent, "authorized")

    captured = account.v1.payment_intents.capture(
        intent.id, options={"idempotency_key": "capture-1"}
    )
    events = account.events(2)

    assert kinds(events) == ["charge.captured", "payment_intent.succeeded"]
    assert {event.request.idempotency_key for event in events} == {"capture-1"}
    assert {event.request.id for event in events} == {captured.last_response.request_id}


def test_a_refund_is_told_and_its_charge_with_it(account):
    charge = account.paid()

    refund = account.v1.refunds.create({"charge": charge.id, "amount": 20000})
    events = {event.type: event for event in account.events(2)}

    assert events["refund.created"].data.object == refund
    refunded = events["charge.refunded"]
    assert refunded.data.object.amount_refunded == 20000
    assert refunded.data.previous_attributes.to_dict() == {"amount_refunded": 0}


def test_the_end_of_a_refund_is_told(account):
    account.drive("faults", route="refunds.create", refund_status="pending")
    charge = account.paid()
    lost, done = (
        account.v1.refunds.create({"charge": charge.id, "amount": amount}) for amount in (1, 2)
    )
    account.events(4)

    account.drive(f"refunds/{done.id}", status="succeeded")
    (updated,) = account.events(1)
    account.drive(f"refunds/{lost.id}", status="failed")
    failed = account.events(2)

    assert (updated.type, updated.data.object.status) == ("refund.updated", "succeeded")
    assert updated.data.previous_attributes["status"] == "pending"
    assert kinds(failed) == ["refund.failed", "refund.updated"]
    assert {event.data.object.failure_reason for event in failed} == {"expired_or_canceled_card"}


def test_a_canceled_authorization_is_told_as_refunded(account):
    intent = account.intent(capture_method="manual")
    account.pay(intent, "authorized")

    account.v1.payment_intents.cancel(intent.id)

    assert kinds(account.events(3)) == [
        *("charge.refunded", "payment_intent.canceled", "refund.created"),
    ]


def test_a_dispute_is_told_to_its_end(account):
    charge = account.paid()
    dispute = account.drive("disputes", charge=charge.id)
    (created,) = account.events(1)
    account.drive(f"disputes/{dispute['id']}", status="under_review")
    (updated,) = account.events(1)
    account.drive(f"disputes/{dispute['id']}", status="lost")
    (closed,) = account.events(1)

    assert [event.type for event in (created, updated, closed)] == [
        *("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"),
    ]
    statuses = [event.data.object.status for event in (created, updated, closed)]
    assert statuses == ["needs_response", "under_review", "lost"]
    assert closed.data.object.charge == charge.id
    assert closed.data.previous_attributes.to_dict() == {"status": "under_review"}


def test_a_payout_is_told(account):
    account.paid()

    payout = account.drive("payouts")
    (event,) = account.events(1)

    assert (event.type, event.data.object.id) == ("payout.paid", payout["id"])


def test_a_delivery_that_fails_is_tried_again_with_the_same_bytes(account, shop):
    answers = iter((500, 404, 200))
    shop.answer = lambda _: next(answers)

    account.drive("disputes", charge=account.paid().id)
    received = shop.take(3)

    assert len({one.body for one in received}) == 1
    assert {account.event(one).type for one in received} == {"charge.dispute.created"}
    entry = last_delivery(account)
    assert (entry["state"], entry["attempts"], entry["last_status"]) == ("delivered", 3, 200)


def test_a_delivery_is_given_up(account, shop, monkeypatch):
    monkeypatch.setattr("sandbox.stripe.webhooks.RETRY_GAPS_SECONDS", (0.1,))
    shop.answer = lambda _: 500

    account.drive("disputes", charge=account.paid().id)
    shop.take(2)

    entry = last_delivery(account)
    assert (entry["state"], entry["attempts"], entry["last_status"]) == ("abandoned", 2, 500)


def test_duplicates_have_one_id(account, shop):
    account.drive("disputes", charge=account.paid().id, deliver="duplicate")

    first, second = account.events(2)

    assert first.id == second.id


def test_shuffled_events_all_arrive(account):
    account.pay(account.intent(), deliver="shuffle")

    events = account.events(4)

    assert {event.type for event in events} == {"charge.succeeded", "payment_intent.succeeded"}


def test_an_event_can_be_lost(account, shop):
    account.drive("faults", route="webhooks", webhooks_drop=True, next_n=1)

    account.pay(account.intent(), deliver="normal")

    assert kinds(account.events(1)) == ["payment_intent.succeeded"]
    assert account.books()["events"][0]["state"] == "dropped"


def test_a_shop_that_breaks_off_is_noted(account, shop, monkeypatch):
    asked = threading.Event()

    def break_off(_):
        asked.set()
        raise ConnectionAbortedError

    shop.answer = break_off
    # The server of the shop would write down why it has no answer.
    monkeypatch.setattr("socketserver.BaseServer.handle_error", lambda *_: None)

    account.drive("disputes", charge=account.paid().id)

    assert asked.wait(10)
    entry = last_delivery(account)
    assert (entry["state"], entry["last_status"]) == ("pending", None)
    assert entry["last_error"].startswith("RemoteDisconnected")


def test_a_restart_takes_up_what_was_not_delivered(account, shop, start_sandbox, tmp_path):
    database = str(tmp_path / "books")
    shop.answer = lambda _: 500
    start_sandbox(database=database, clock_factor=0.05)
    account.drive("disputes", charge=account.paid().id)
    shop.next()

    shop.answer = lambda _: 200
    start_sandbox(database=database)
    account.books()

    (event,) = account.events(1)
    assert event.type == "charge.dispute.created"
