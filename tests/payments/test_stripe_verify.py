"""The buyer's browser comes back from Stripe's page with the secret of its intent."""

import pytest
from sqlalchemy import select, update

from app.payments.models import Payment
from tests.api.snapshot import everything
from tests.checkout.steps import told
from tests.payments.stripe_stub import open_stub, stripe_purchase

NOT_FOUND = {
    "type": "/problems/payment-not-found",
    "title": "There is no such payment among yours.",
    "status": 404,
    "code": "payment_not_found",
}
INVALID = {
    "type": "/problems/invalid-signature",
    "title": "The gateway does not vouch for what was handed in.",
    "status": 400,
    "code": "invalid_signature",
}


@pytest.fixture
def stripe(gateway):
    with open_stub(gateway) as stub:
        yield stub


@pytest.fixture
def bought(shop, stripe):
    """An order whose payment is open at Stripe."""
    shop.product("ring", 2)
    return stripe_purchase(shop, stripe, ring=1)


def books(session, redis):
    """All that the shop knows, but for when it asked Stripe last."""
    known = everything(session, redis)
    return known | {"keys": {k: v for k, v in known["keys"].items() if "breaker" not in k}}


def verify(buyer, **body):
    return buyer.post("/api/v1/payments/verify", body)


def proof_of(opened):
    return {
        "payment_intent": opened["payment_intent"],
        "payment_intent_client_secret": opened["client_secret"],
    }


def test_the_right_client_secret_marks_the_payment_as_verified_and_confirms_nothing(
    shop, session, bought
):
    before = bought.buyer.order(bought.order_id)["expires_at"]

    response = verify(bought.buyer, **proof_of(bought.opened))

    payment = session.scalars(select(Payment)).one()
    assert (response.status_code, response.json) == (
        200,
        {
            "payment_id": bought.opened["payment_id"],
            "order_id": bought.order_id,
            "gateway": "stripe",
            "status": "created",
            "amount": 103_000,
            "currency": "INR",
            "verified_at": payment.verified_at.isoformat(timespec="milliseconds").replace(
                "+00:00", "Z"
            ),
        },
    )
    assert bought.status == ("pending", "pending")
    assert bought.buyer.order(bought.order_id)["expires_at"] > before
    assert shop.levels("ring").reserved == 1


def test_a_wrong_client_secret_is_refused_and_changes_nothing(session, redis, bought):
    before = books(session, redis)
    secret = bought.opened["client_secret"]

    for wrong in (secret[:-1], secret + "0", f"{bought.opened['payment_intent']}_secret_guess"):
        response = verify(
            bought.buyer,
            payment_intent=bought.opened["payment_intent"],
            payment_intent_client_secret=wrong,
        )
        assert (response.status_code, told(response)) == (400, INVALID)

    assert books(session, redis) == before


def test_the_client_secret_of_another_intent_is_worth_nothing(shop, stripe, bought):
    other = stripe_purchase(shop, stripe, bought.buyer, ring=1)

    response = verify(
        bought.buyer,
        payment_intent=bought.opened["payment_intent"],
        payment_intent_client_secret=other.opened["client_secret"],
    )

    assert (response.status_code, told(response)) == (400, INVALID)


def test_another_customers_intent_is_not_there_whatever_the_secret(shop, session, redis, bought):
    stranger = shop.customer()
    before = books(session, redis)

    right = verify(stranger, **proof_of(bought.opened))
    unknown = verify(stranger, payment_intent="pi_1", payment_intent_client_secret="pi_1_secret_2")

    assert (right.status_code, told(right)) == (404, NOT_FOUND)
    assert (unknown.status_code, told(unknown)) == (404, NOT_FOUND)
    assert books(session, redis) == before


def test_while_stripe_is_down_it_is_a_503_and_nothing_changed(session, redis, stripe, bought):
    before = books(session, redis)
    stripe.fault(route="payment_intents.retrieve", too_many_requests=True)

    response = verify(bought.buyer, **proof_of(bought.opened))

    assert (response.status_code, response.json["code"]) == (503, "gateway_unavailable")
    assert books(session, redis) == before


def test_stripes_proof_is_worth_nothing_for_a_payment_at_another_gateway(session, bought):
    session.execute(update(Payment).values(gateway="razorpay"))

    response = verify(bought.buyer, **proof_of(bought.opened))

    assert (response.status_code, told(response)) == (404, NOT_FOUND)


RAZORPAYS = {
    "razorpay_order_id": "order_9A33XWu170gUtm",
    "razorpay_payment_id": "pay_29QQoUBi66xm2f",
    "razorpay_signature": "0" * 64,
}
NO_INTENT = "does not match pi_[A-Za-z0-9_]+"
STRIPES = {"payment_intent": "pi_1", "payment_intent_client_secret": "pi_1_secret_2"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, dict.fromkeys(RAZORPAYS, "is missing")),
        (
            {"razorpay_order_id": RAZORPAYS["razorpay_order_id"]},
            dict.fromkeys(("razorpay_payment_id", "razorpay_signature"), "is missing"),
        ),
        ({"payment_intent": "pi_1"}, {"payment_intent_client_secret": "is missing"}),
        (
            {"payment_intent_client_secret": "pi_1_secret_2"},
            {"payment_intent": "is missing"},
        ),
        (STRIPES | RAZORPAYS, dict.fromkeys(RAZORPAYS, "belongs to another gateway")),
        (
            {"payment_intent": "pi_1", "razorpay_signature": "0" * 64},
            {
                "payment_intent_client_secret": "is missing",
                "razorpay_signature": "belongs to another gateway",
            },
        ),
        (STRIPES | {"payment_intent": "cod_1"}, {"payment_intent": NO_INTENT}),
        (STRIPES | {"payment_intent": "pi_1/../x"}, {"payment_intent": NO_INTENT}),
        (STRIPES | {"payment_intent": None}, {"payment_intent": "Field may not be null."}),
        (STRIPES | {"payment_intent": 7}, {"payment_intent": "Not a valid string."}),
        (STRIPES | {"amount": 1}, {"amount": "Unknown field."}),
        (
            STRIPES | {"payment_intent_client_secret": "pi_" + "x" * 253},
            {"payment_intent_client_secret": "Length must be between 1 and 255."},
        ),
    ],
    ids=[
        "nothing", "a third of Razorpay's", "no secret", "no intent", "both gateways'", "mixed",
        "no intent's id", "a path", "null", "a number", "unknown", "overlong",
    ],
)  # fmt: skip
def test_what_is_of_no_one_gateway_is_refused_by_name(shop, body, wrong):
    response = verify(shop.customer(), **body)

    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    told = {error["pointer"]: error["detail"] for error in response.json["errors"]}
    assert told == {f"#/{name}": detail for name, detail in wrong.items()}
