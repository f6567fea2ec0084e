import json
import re
import threading

import pytest

from sandbox import webhooks
from sandbox.events import serialize, sign

SUCCESSES = ["payment.authorized", "payment.captured", "order.paid"]


def event_of(received):
    return json.loads(received.body)["event"]


def id_of(received):
    return received.headers["X-Razorpay-Event-Id"]


def test_a_captured_payment_is_told_in_three_events(sandbox, shop):
    payment = sandbox.paid(method="netbanking")

    received = shop.take(3)

    assert sorted(event_of(one) for one in received) == sorted(SUCCESSES)
    bodies = {event_of(one): json.loads(one.body) for one in received}
    assert bodies["order.paid"]["contains"] == ["payment", "order"]
    assert bodies["order.paid"]["payload"]["order"]["entity"]["status"] == "paid"
    told = bodies["payment.captured"]["payload"]["payment"]["entity"]
    assert told == payment | {"base_amount": 50000, "amount_transferred": 0, "reward": None}


def test_an_event_shows_the_payment_as_it_was_then(sandbox, shop):
    sandbox.paid()

    bodies = {event_of(one): json.loads(one.body) for one in shop.take(3)}

    then = bodies["payment.authorized"]["payload"]["payment"]["entity"]
    assert (then["status"], then["captured"], then["fee"]) == ("authorized", False, None)


def test_an_event_carries_the_card_and_nothing_of_the_sandbox_itself(sandbox, shop):
    sandbox.paid(method="card", outcome="failed")

    told = json.loads(shop.next().body)["payload"]["payment"]["entity"]

    assert told["card"]["id"] == told["card_id"]
    assert told["error_reason"] == "payment_failed"
    assert not [name for name in told if name.startswith("_")]


def test_the_signature_is_over_the_exact_bytes(sandbox, shop, webhook_secret):
    sandbox.paid()

    for received in shop.take(3):
        signature = received.headers["X-Razorpay-Signature"]
        assert re.fullmatch("[0-9a-f]{64}", signature)
        assert sandbox.client.utility.verify_webhook_signature(
            received.body.decode(), signature, webhook_secret
        )


def test_the_headers_are_those_of_the_gateway(sandbox, shop):
    sandbox.paid(outcome="failed")

    headers = shop.next().headers

    assert headers["User-Agent"] == "Razorpay-Webhook/v1"
    assert headers["Content-Type"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    assert re.fullmatch("[A-Za-z0-9]{14}", headers["X-Razorpay-Event-Id"])
    assert headers["Request-Id"] == headers["X-Razorpay-Event-Id"]


def test_the_documented_signatures_come_out():
    body = (
        '{"entity":"event","event":"payment.captured","payload":'
        '{"url":"https:\\/\\/shop.example\\/o\\/1","name":"\\u20b9499 caf\\u00e9"}}'
    )

    assert sign(body, "whsec_sandbox_0001") == (
        "3fcf85e28c657c18e6de8f797ced720c4a047e3d4c141ab540ab2940e89e7ced"
    )
    assert sign("order_9A33XWu170gUtm|pay_29QQoUBi66xm2f", "sandbox_secret") == (
        "93791e5dbcd849bae34bbd4bea59411668154b85db8c80a07da3bb9bc742ec64"
    )


def test_an_escaped_body_is_the_same_json_in_other_bytes():
    event = {"b": "\u20b9 1/2", "a": 1}

    escaped = serialize(event, sort_keys=False, is_escaped=True)
    plain = serialize(event, sort_keys=True, is_escaped=False)

    assert escaped == '{"b":"\\u20b9 1\\/2","a":1}'
    assert plain == '{"a":1,"b":"\u20b9 1/2"}'


def test_both_ways_to_write_a_body_occur(sandbox, shop):
    for _ in range(20):
        sandbox.paid(outcome="failed")

    bodies = [received.body for received in shop.take(20)]

    # The chance that twenty bodies are all of one kind is one in half a million.
    assert {b"\\u20b9" in body for body in bodies} == {True, False}
    assert {b"\\/" in body for body in bodies} == {True, False}


def test_refund_events_have_sorted_keys_and_the_counters_after_it(sandbox, shop):
    payment = sandbox.paid(deliver="none")

    sandbox.client.payment.refund(payment["id"], {"amount": 20000, "speed": "normal"})
    received = sorted(shop.take(2), key=event_of)

    assert [event_of(one) for one in received] == ["refund.created", "refund.processed"]
    for one in received:
        body = json.loads(one.body)
        assert list(body) == sorted(body)
        assert list(body["payload"]) == ["payment", "refund"]
        assert body["contains"] == ["refund", "payment"]
        told = body["payload"]["payment"]["entity"]
        assert list(told) == sorted(told)
        assert (told["amount_refunded"], told["refund_status"]) == (20000, "partial")


def test_an_automatic_refund_is_told_with_a_payment_that_was_not_captured(sandbox, shop):
    order = sandbox.order()
    sandbox.pay(order, deliver="none")

    sandbox.pay(order)
    received = shop.take(3)

    assert sorted(event_of(one) for one in received) == [
        "payment.authorized",
        "refund.created",
        "refund.processed",
    ]
    payments = [json.loads(one.body)["payload"]["payment"]["entity"] for one in received]
    assert {payment["captured"] for payment in payments} == {False}


def test_duplicates_are_the_same_event_again(sandbox, shop):
    sandbox.paid(outcome="failed", deliver="duplicate")

    first, second = shop.take(2)

    assert first.body == second.body
    assert id_of(first) == id_of(second)


def test_a_shuffle_brings_every_event_more_than_once(sandbox, shop):
    sandbox.paid(deliver="shuffle")

    ids = {event: [] for event in SUCCESSES}
    while min(map(len, ids.values())) < 2:
        received = shop.next()
        ids[event_of(received)].append(id_of(received))

    assert [len(set(same)) for same in ids.values()] == [1, 1, 1]


def test_an_undelivered_event_is_lost_until_it_is_sent_again(sandbox, shop):
    sandbox.paid(outcome="failed", deliver="none")
    lost = sandbox.deliveries()["payment.failed"]

    answer = sandbox.call("POST", f"/sandbox/deliveries/{lost['event_id']}/redeliver")
    received = shop.next()

    assert (lost["state"], lost["attempts"], lost["delivered_at"]) == ("dropped", 0, None)
    assert answer.status_code == 202
    assert id_of(received) == lost["event_id"]


def test_the_text_of_an_event_can_be_read(sandbox, shop):
    sandbox.paid(outcome="failed")
    received = shop.next()

    shown = sandbox.call("GET", f"/sandbox/deliveries/{id_of(received)}").json()

    assert shown["body"].encode() == received.body
    assert shown["signature"] == received.headers["X-Razorpay-Signature"]


@pytest.mark.parametrize("status", [500, 503, 400, 404, 302])
def test_any_answer_but_a_success_is_tried_again_byte_for_byte(start_sandbox, shop, status):
    answers = iter([status, status, 204])
    shop.answer = lambda _: next(answers)
    sandbox = start_sandbox(clock_factor=0.0001)

    sandbox.paid(outcome="failed")
    received = shop.take(3)

    assert len({(one.body, id_of(one)) for one in received}) == 1
    assert len({one.headers["X-Razorpay-Signature"] for one in received}) == 1


def planned(sandbox, monkeypatch):
    """Collect the waits that deliveries ask for, and carry them out at once."""
    waits = []
    after = sandbox.app.extensions["sandbox"].agenda.after

    def soon(seconds, job):
        waits.append(round(seconds, 2))
        after(0, job)

    monkeypatch.setattr(sandbox.app.extensions["sandbox"].agenda, "after", soon)
    return waits


@pytest.mark.parametrize(("status", "tries"), [(500, 16), (400, 15)])
def test_retries_follow_the_observed_ladder_for_a_day(
    start_sandbox, shop, monkeypatch, status, tries
):
    sandbox = start_sandbox(clock_factor=1.0)
    shop.answer = lambda _: status
    waits = planned(sandbox, monkeypatch)

    sandbox.paid(outcome="authorized")
    shop.take(tries)

    quick = [0.23] if status == 500 else []
    assert waits[: tries + 1] == [0, *quick, *webhooks.RETRY_GAPS_SECONDS]
    assert waits[-1] == 40962
    assert 22 * 3600 < sum(waits) < 24 * 3600


def test_a_failed_payment_has_no_quick_retry(start_sandbox, shop, monkeypatch):
    sandbox = start_sandbox(clock_factor=1.0)
    shop.answer = lambda _: 500
    waits = planned(sandbox, monkeypatch)

    sandbox.paid(outcome="failed")
    shop.take(15)

    assert waits == [0, *webhooks.RETRY_GAPS_SECONDS]


def is_enabled(sandbox):
    return sandbox.books()["webhook"]["enabled"]


def wait_until_disabled(sandbox, monkeypatch):
    disabled = threading.Event()
    give_up = webhooks.Webhooks._give_up

    def give_up_and_tell(self, entry):
        give_up(self, entry)
        disabled.set()

    monkeypatch.setattr(webhooks.Webhooks, "_give_up", give_up_and_tell)
    return disabled


def test_a_day_of_failures_disables_the_webhook_until_it_is_enabled(
    start_sandbox, shop, monkeypatch
):
    sandbox = start_sandbox(clock_factor=1e-9)
    disabled = wait_until_disabled(sandbox, monkeypatch)
    shop.answer = lambda _: 500
    sandbox.paid(outcome="failed")
    shop.take(15)
    assert disabled.wait(10)
    assert not is_enabled(sandbox)
    given_up = sandbox.deliveries()["payment.failed"]

    shop.answer = lambda _: 200
    sandbox.paid(outcome="authorized")
    unsent = sandbox.deliveries()["payment.authorized"]
    sandbox.drive("webhook", enabled=True)
    sandbox.paid(outcome="failed")

    assert (given_up["state"], given_up["attempts"], given_up["last_status"]) == (
        "abandoned",
        15,
        500,
    )
    assert (unsent["state"], unsent["attempts"]) == ("abandoned", 0)
    assert event_of(shop.next()) == "payment.failed"
    assert is_enabled(sandbox)


def test_one_event_that_never_arrives_does_not_silence_the_others(start_sandbox, shop, monkeypatch):
    sandbox = start_sandbox(clock_factor=1e-9)
    gave_up = wait_until_disabled(sandbox, monkeypatch)
    shop.answer = lambda received: 500 if event_of(received) == "order.paid" else 200

    sandbox.paid()
    shop.take(18)

    assert gave_up.wait(10)
    assert is_enabled(sandbox)


def test_an_answer_that_comes_too_late_is_a_failure(start_sandbox, shop):
    released = threading.Event()
    answers = []

    def answer(received):
        answers.append(id_of(received))
        if len(answers) == 1:
            released.wait(10)
        return 200

    shop.answer = answer
    sandbox = start_sandbox(clock_factor=1e-9, webhook_timeout_seconds=0.2)

    sandbox.paid(outcome="failed")
    shop.next()
    released.set()
    shop.next()

    assert answers == answers[:1] * 2


def test_a_shop_that_is_down_is_noted(start_sandbox):
    sandbox = start_sandbox(clock_factor=1e-9, webhook_url="http://127.0.0.1:1/webhooks")

    gateway = sandbox.app.extensions["sandbox"]
    status, error = webhooks.post(gateway.settings, {"id": "x", "body": "{}", "signature": "s"})

    assert status is None
    assert "refused" in error


def test_dropped_webhooks_are_counted_by_the_fault(sandbox, shop):
    sandbox.fault("webhooks", webhooks_drop=True, next_n=2)

    sandbox.paid()

    assert event_of(shop.next()) == "order.paid"
    states = [entry["state"] for entry in sandbox.books()["deliveries"]]
    assert states[:2] == ["dropped", "dropped"]


def test_a_disabled_webhook_sends_nothing_until_the_next_event_after_it_is_enabled(sandbox, shop):
    switched_off = sandbox.drive("webhook", enabled=False)
    sandbox.paid()
    sandbox.drive("settlements")
    unsent = sandbox.books()["deliveries"]

    switched_on = sandbox.drive("webhook", enabled=True)
    sandbox.paid(outcome="failed")

    assert (switched_off, switched_on) == (
        {"webhook": {"enabled": False}},
        {"webhook": {"enabled": True}},
    )
    assert [(entry["state"], entry["attempts"]) for entry in unsent] == [("abandoned", 0)] * 4
    assert event_of(shop.next()) == "payment.failed"
    assert sandbox.books()["deliveries"][:4] == unsent


def test_what_waits_for_another_try_is_given_up_while_the_webhook_is_disabled(
    start_sandbox, shop, monkeypatch
):
    sandbox = start_sandbox(clock_factor=1e-9)
    given_up = threading.Event()
    change = webhooks.Webhooks._change

    def change_and_tell(self, event_id, **changes):
        change(self, event_id, **changes)
        if changes.get("state") == "abandoned":
            given_up.set()

    def fail_for_the_last_time(_):
        sandbox.app.extensions["sandbox"].webhooks.disable()
        return 400

    monkeypatch.setattr(webhooks.Webhooks, "_change", change_and_tell)
    shop.answer = fail_for_the_last_time
    sandbox.paid(outcome="failed")

    assert given_up.wait(10)
    entry = sandbox.deliveries()["payment.failed"]
    assert (entry["state"], entry["attempts"], entry["last_status"]) == ("abandoned", 1, 400)


@pytest.mark.parametrize("body", [{}, {"enabled": "no"}, {"enabled": None}, {"disabled": True}])
def test_a_switch_that_says_nothing_leaves_the_webhook_alone(sandbox, body):
    response = sandbox.call("POST", "/sandbox/webhook", json=body)

    assert response.status_code == 400
    assert is_enabled(sandbox)


def test_an_event_names_the_account_that_it_is_of(start_sandbox, shop):
    start_sandbox().paid(outcome="failed")
    usual = json.loads(shop.next().body)["account_id"]
    start_sandbox(account_id="acc_Another0000001").paid(outcome="failed")
    chosen = json.loads(shop.next().body)["account_id"]

    assert (usual, chosen) == ("acc_OraSandbox0001", "acc_Another0000001")
