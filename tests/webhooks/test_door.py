"""The door: what is signed is stored once and answered; nothing else is stored at all."""

import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.core import jobs, origin
from app.core.jobs import Job
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.failures.account import account
from tests.gateway import SECRET, Delivery
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, open_jobs, purchase
from tests.webhooks.outage import without_postgres, without_queue_redis, without_stock_redis
from workers.drain import sweep

EVENT = {"entity": "event", "event": "payment_link.paid", "payload": {}}


def deliver(client, body, signature, **headers):
    """Bring any bytes to the door under any signature."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if signature is not None:
        named["X-Razorpay-Signature"] = signature
    return client.post("/webhooks/razorpay", data=body, headers=named)


def sign(body, secret=SECRET):
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def inbox(session):
    columns = WebhookEvent.event_id, WebhookEvent.event, WebhookEvent.body, WebhookEvent.status
    return values(session.execute(select(*columns).order_by(WebhookEvent.received_at)))


def staged(session):
    """Jobs with their own arguments, whichever requests they come from."""
    rows = session.execute(select(Job.queue, Job.name, Job.arguments).order_by(Job.id))
    return [(queue, name, origin.arguments(kept)) for queue, name, kept in rows]


def test_a_signed_event_is_stored_to_the_byte_and_has_a_job(shop, session):
    body = b'{ "event":"payment.downtime.started", "note":"\\u20b9 \\/ caf\xc3\xa9" }\n'
    delivery = Delivery("TUoumpUn1znA6u", body)

    response = shop.deliver(delivery)

    assert (response.status_code, response.json) == (200, {"status": "stored"})
    assert inbox(session) == [("TUoumpUn1znA6u", "payment.downtime.started", body, "received")]
    assert staged(session) == [("webhooks", "webhooks.process", {"event_id": "TUoumpUn1znA6u"})]


def test_an_event_that_is_delivered_again_is_answered_and_changes_nothing(shop, session):
    delivery = shop.gateway.deliver_of(EVENT)
    first = shop.deliver(delivery)
    shop.work()
    before = (inbox(session), staged(session))

    again = shop.deliver(delivery)
    shop.work()

    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert (inbox(session), staged(session)) == before
    assert [row[-1] for row in before[0]] == ["ignored"]


BODY = json.dumps(EVENT).encode()
LAST_WEEKS = "the secret of last week"
BAD_SIGNATURES = {
    "no header": None,
    "empty": "",
    "wrong": "0" * 64,
    "in capitals": sign(BODY).upper(),
    "cut off": sign(BODY)[:-1],
    "too long": sign(BODY) + "0",
    "overlong": "a" * 20_000,
    "not ASCII": "\u00e9" * 64,
    "named": f"sha256={sign(BODY)}",
    "spaced": f"{sign(BODY)[:32]} {sign(BODY)[32:]}",
    "twice": f"{sign(BODY)},{sign(BODY)}",
    "in base64": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
    "of another body": sign(BODY + b" "),
    "of nothing": sign(b""),
    "by another secret": sign(BODY, "another webhook's secret"),
    "by the key secret": sign(BODY, "ora_development_key_secret"),
    "by no secret": sign(BODY, ""),
    "by one that is not valid any more": sign(BODY, LAST_WEEKS),
}


@pytest.mark.parametrize("signature", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES)
def test_what_razorpay_did_not_sign_is_refused_and_not_stored(client, session, signature):
    response = deliver(client, BODY, signature, X_Razorpay_Event_Id="TUoumpUn1znA6u")

    told = {name: value for name, value in response.json.items() if name != "request_id"}
    assert told == {
        "type": "/problems/invalid-webhook-signature",
        "title": "The signature is missing or does not fit the body.",
        "status": 400,
        "code": "invalid_webhook_signature",
    }
    assert (inbox(session), staged(session)) == ([], [])


def test_a_body_that_was_written_again_on_its_way_is_refused(client, session):
    body = b'{"event":"payment.captured","url":"https:\\/\\/shop.example"}'
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()

    assert deliver(client, again, sign(body)).status_code == 400
    assert deliver(client, body, sign(body)).status_code == 200
    assert [row[2] for row in inbox(session)] == [body]


def test_the_secret_before_the_present_one_is_still_taken(client, session):
    with account(razorpay_webhook_secret_previous=SecretStr(LAST_WEEKS)):
        old = deliver(client, BODY, sign(BODY, LAST_WEEKS), X_Razorpay_Event_Id="old")
        new = deliver(client, BODY, sign(BODY), X_Razorpay_Event_Id="new")

    assert (old.status_code, new.status_code) == (200, 200)
    assert [row[0] for row in inbox(session)] == ["old", "new"]


def test_a_secret_is_changed_without_losing_an_event(client, session):
    """What was signed before the change is repeated for a day under the old secret."""
    to_come = {"razorpay_webhook_secret": SecretStr("the secret of next week")}

    before = deliver(client, BODY, sign(BODY), X_Razorpay_Event_Id="before")
    with account(**to_come, razorpay_webhook_secret_previous=SecretStr(SECRET)):
        repeated = deliver(client, BODY, sign(BODY), X_Razorpay_Event_Id="repeated")
        after = deliver(client, BODY, sign(BODY, "the secret of next week"))
    with account(**to_come):
        too_late = deliver(client, BODY, sign(BODY), X_Razorpay_Event_Id="too late")

    answers = [answer.status_code for answer in (before, repeated, after, too_late)]
    assert answers == [200, 200, 200, 400]
    by_its_body = "sha256:" + hashlib.sha256(BODY).hexdigest()
    assert [row[0] for row in inbox(session)] == ["before", "repeated", by_its_body]


@pytest.mark.parametrize("signature", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES)
def test_two_secrets_let_no_more_in_than_what_either_signed(client, session, signature):
    with account(razorpay_webhook_secret_previous=SecretStr("the secret of next week")):
        assert deliver(client, BODY, signature).status_code == 400

    assert inbox(session) == []


def test_an_event_of_another_account_is_stored_and_left_alone(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    told = bought.event("payment.captured", bought.pay())

    with account(razorpay_account_id="acc_SomebodyElse0"):
        assert shop.deliver(told).status_code == 200
        shop.work()

    assert events(session) == [("payment.captured", "ignored", "another account's")]
    assert bought.status == ("pending", "pending")


def test_an_event_of_the_shops_own_account_is_worked(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    told = bought.event("payment.captured", bought.pay())
    own = json.loads(told.body)["account_id"]

    with account(razorpay_account_id=own):
        assert shop.deliver(told).status_code == 200
        shop.work()

    assert events(session) == [("payment.captured", "processed", None)]
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


@pytest.mark.parametrize("account_id", [None, 7, ["acc_BFQ7uQEaa7j2z7"], "ACC_BFQ7UQEAA7J2Z7", ""])
def test_an_event_that_does_not_say_that_it_is_ours_is_not(shop, session, account_id):
    event = {"event": "payment.captured", "account_id": account_id, "payload": {}}

    with account(razorpay_account_id="acc_BFQ7uQEaa7j2z7"):
        assert shop.deliver(shop.gateway.deliver_of(event)).status_code == 200
        shop.work()

    assert events(session) == [("payment.captured", "ignored", "another account's")]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({}, id="no id"),
        pytest.param({"X_Razorpay_Event_Id": ""}, id="empty id"),
        pytest.param({"X_Razorpay_Event_Id": "x" * 101}, id="overlong id"),
        pytest.param({"X_Razorpay_Event_Id": "two words"}, id="spaced id"),
        pytest.param({"X_Razorpay_Event_Id": "\u00e9"}, id="id not ASCII"),
    ],
)
def test_an_event_without_a_usable_id_is_known_by_its_body(client, session, header):
    answers = [deliver(client, BODY, sign(BODY), **header).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert [row[0] for row in inbox(session)] == ["sha256:" + hashlib.sha256(BODY).hexdigest()]


def test_a_body_over_a_mebibyte_is_refused_and_not_stored(client, session):
    largest = b'{"event":"' + b"a" * (1024 * 1024 - 12) + b'"}'

    too_large = deliver(client, largest + b" ", sign(largest + b" "))
    just_right = deliver(client, largest, sign(largest))

    assert (too_large.status_code, just_right.status_code) == (413, 200)
    assert [len(row[2]) for row in inbox(session)] == [1024 * 1024]


def test_without_postgres_razorpay_is_asked_to_come_again(shop, session):
    delivery = shop.gateway.deliver_of(EVENT)

    with without_postgres():
        refused = shop.deliver(delivery)
    assert (refused.status_code, refused.json["code"]) == (503, "service_unavailable")
    assert refused.headers["Retry-After"] == "2"
    assert inbox(session) == []

    assert shop.deliver(delivery).status_code == 200
    assert len(inbox(session)) == 1


def test_without_the_queue_an_event_is_stored_and_worked_after_the_next_sweep(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    delivery = bought.event("payment.captured", bought.pay())

    with without_queue_redis():
        assert shop.deliver(delivery).status_code == 200
    assert jobs.rq_queue("webhooks").count == 0
    sweep()
    assert [job.args for job in jobs.rq_queue("webhooks").jobs] == [["webhooks"]]
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_without_the_stock_redis_an_event_is_stored_and_worked_later(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    delivery = bought.event("payment.captured", bought.pay())

    with without_stock_redis():
        assert shop.deliver(delivery).status_code == 200
        shop.work("webhooks")
    assert open_jobs(session) == ["webhooks.process"]
    session.execute(Job.__table__.update().values(due_at=Job.created_at))
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)
