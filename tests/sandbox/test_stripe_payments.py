import pytest
import stripe

from tests.sandbox.test_stripe import open_account


@pytest.fixture
def account(sandbox, shop):
    with open_account(sandbox, shop) as opened:
        yield opened


def test_a_paid_intent_has_its_money(account):
    intent = account.intent(metadata={"order": "7"})

    charge = account.pay(intent)
    paid = account.v1.payment_intents.retrieve(intent.id)

    assert (paid.status, paid.amount_received, paid.latest_charge) == (
        "succeeded",
        50000,
        charge.id,
    )
    assert charge.id.startswith("ch_")
    assert (charge.status, charge.paid, charge.captured, charge.refunded) == (
        "succeeded",
        True,
        True,
        False,
    )
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (50000, 50000, 0)
    assert (charge.payment_intent, charge.currency) == (intent.id, "inr")
    assert charge.payment_method_details.type == "card"
    assert charge.metadata.to_dict() == {"order": "7"}


def test_the_driver_answers_what_the_page_of_the_shop_has(account):
    intent = account.intent()

    told = account.drive("pay", payment_intent=intent.id)

    assert told == {
        "payment_intent": intent.id,
        "client_secret": intent.client_secret,
        "charge": account.v1.payment_intents.retrieve(intent.id).latest_charge,
    }


def test_each_attempt_is_a_charge(account):
    intent = account.intent()
    failed = account.pay(intent, "failed")
    waiting = account.v1.payment_intents.retrieve(intent.id)

    succeeded = account.pay(intent)

    assert (failed.status, failed.paid, failed.failure_code) == ("failed", False, "card_declined")
    assert waiting.status == "requires_payment_method"
    assert waiting.last_payment_error.charge == failed.id
    assert waiting.last_payment_error.code == "card_declined"
    assert account.v1.payment_intents.retrieve(intent.id).last_payment_error is None
    listed = account.v1.charges.list({"payment_intent": intent.id})
    assert [one.id for one in listed.data] == [succeeded.id, failed.id]


def test_charges_are_listed_by_their_intent(account):
    charge = account.paid()
    account.paid()

    listed = account.v1.charges.list({"payment_intent": charge.payment_intent})

    assert ([one.id for one in listed.data], listed.has_more) == ([charge.id], False)
    assert len(account.v1.charges.list().data) == 2


def test_an_intent_is_paid_once(account):
    charge = account.paid()

    error = account.refused("pay", payment_intent=charge.payment_intent)

    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "succeeded"


def test_only_a_manual_intent_waits_to_be_captured(account):
    error = account.refused("pay", payment_intent=account.intent().id, outcome="authorized")

    assert "manual" in error["message"]


@pytest.mark.parametrize(
    "body", [{}, {"payment_intent": 7}, {"payment_intent": "pi_1"}, {"outcome": "won"}, {"a": 1}]
)
def test_a_wish_that_cannot_be_carried_out_is_explained(account, body):
    assert account.refused("pay", **body)["message"]


def test_an_authorized_payment_is_captured(account):
    intent = account.intent(capture_method="manual")
    authorized = account.pay(intent, "authorized")
    waiting = account.v1.payment_intents.retrieve(intent.id)

    captured = account.v1.payment_intents.capture(intent.id)
    charge = account.v1.charges.retrieve(authorized.id)

    assert (authorized.captured, authorized.paid, authorized.amount_captured) == (False, True, 0)
    assert (waiting.status, waiting.amount_capturable) == ("requires_capture", 50000)
    assert (captured.status, captured.amount_received, captured.amount_capturable) == (
        "succeeded",
        50000,
        0,
    )
    assert (charge.captured, charge.amount_captured, charge.amount_refunded) == (True, 50000, 0)


def test_a_manual_intent_may_be_captured_at_once(account):
    charge = account.pay(account.intent(capture_method="manual"))

    assert (charge.captured, charge.amount_captured) == (True, 50000)
    assert account.told() == [
        *("charge.succeeded", "payment_intent.amount_capturable_updated"),
        *("charge.captured", "payment_intent.succeeded"),
    ]


def test_what_is_not_captured_is_counted_as_refunded(account):
    intent = account.intent(capture_method="manual")
    account.pay(intent, "authorized")

    captured = account.v1.payment_intents.capture(intent.id, {"amount_to_capture": 30000})
    charge = account.v1.charges.retrieve(captured.latest_charge)

    assert captured.amount_received == 30000
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (
        30000,
        20000,
        False,
    )
    released = account.v1.refunds.list({"charge": charge.id}).data
    assert [(one.amount, one.status) for one in released] == [(20000, "succeeded")]
    with pytest.raises(stripe.InvalidRequestError, match="unrefunded"):
        account.v1.refunds.create({"charge": charge.id, "amount": 30001})
    assert account.v1.refunds.create({"charge": charge.id}).amount == 30000


def test_no_more_is_captured_than_is_authorized(account):
    intent = account.intent(capture_method="manual")
    account.pay(intent, "authorized")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.payment_intents.capture(intent.id, {"amount_to_capture": 50001})
    assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "amount_to_capture")
    assert account.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_nothing_is_captured_that_is_not_authorized(account):
    charge = account.paid()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.payment_intents.capture(charge.payment_intent)
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent.id == charge.payment_intent


def test_an_open_intent_is_canceled(account):
    intent = account.intent()

    canceled = account.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    assert canceled.canceled_at
    assert account.refused("pay", payment_intent=intent.id)["code"] == (
        "payment_intent_unexpected_state"
    )


def test_a_canceled_authorization_goes_back(account):
    intent = account.intent(capture_method="manual")
    authorized = account.pay(intent, "authorized")

    canceled = account.v1.payment_intents.cancel(intent.id)
    charge = account.v1.charges.retrieve(authorized.id)

    assert (canceled.status, canceled.amount_capturable) == ("canceled", 0)
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 50000)


def test_a_paid_intent_cannot_be_canceled(account):
    charge = account.paid()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.payment_intents.cancel(charge.payment_intent)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_key_answers_again_what_it_answered(account):
    body, options = {"amount": 500, "currency": "inr"}, {"idempotency_key": "order-1"}

    first = account.v1.payment_intents.create(body, options)
    again = account.v1.payment_intents.create(body, options)

    assert again == first
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Idempotency-Key"] == "order-1"
    assert len(account.books()["payment_intents"]) == 1


def test_a_key_shows_what_was_and_not_what_is(account):
    body, options = {"amount": 500, "currency": "inr"}, {"idempotency_key": "order-1"}
    account.pay(account.v1.payment_intents.create(body, options))

    again = account.v1.payment_intents.create(body, options)

    assert again.status == "requires_payment_method"


def test_a_key_is_of_one_body(account):
    options = {"idempotency_key": "order-1"}
    account.v1.payment_intents.create({"amount": 500, "currency": "inr"}, options)

    with pytest.raises(stripe.IdempotencyError, match="same parameters") as refusal:
        account.v1.payment_intents.create({"amount": 501, "currency": "inr"}, options)
    assert refusal.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        account.v1.refunds.create({"charge": "ch_1"}, options)


def test_a_key_in_use_is_a_conflict(account):
    account.parts.keys_in_progress.claim("order-1")

    with pytest.raises(stripe.APIError, match="in-progress") as refusal:
        account.v1.payment_intents.create(
            {"amount": 500, "currency": "inr"}, {"idempotency_key": "order-1"}
        )
    assert refusal.value.http_status == 409
    assert refusal.value.error.code == "idempotency_key_in_use"


def test_a_key_keeps_a_refusal(account):
    charge = account.paid()
    body, options = {"charge": charge.id, "amount": 50001}, {"idempotency_key": "refund-1"}

    for replayed in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError, match="unrefunded") as refusal:
            account.v1.refunds.create(body, options)
        assert refusal.value.headers.get("Idempotent-Replayed") == replayed


def test_a_key_is_not_used_up_by_a_parameter_of_no_use(account):
    options = {"idempotency_key": "order-1"}
    with pytest.raises(stripe.InvalidRequestError, match="Invalid currency"):
        account.v1.payment_intents.create({"amount": 500, "currency": "xxx"}, options)

    assert account.v1.payment_intents.create({"amount": 500, "currency": "inr"}, options).id


def test_a_key_is_not_endless(account):
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        account.v1.payment_intents.create(
            {"amount": 500, "currency": "inr"}, {"idempotency_key": "k" * 256}
        )
