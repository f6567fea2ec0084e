"""Money of a charge goes back: by staff, by the shop itself, or from Stripe's dashboard."""

import pytest
from sqlalchemy import func, select, update

from app.alerts.models import Alert
from app.payments.gateway import gateway
from app.payments.models import Payment, PaymentAttempt, Refund
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import expire, make_due, refunds
from tests.payments.stripe_stub import deliver, open_stub, stripe_purchase
from workers import payments as work


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
    assert bought.status == ("confirmed", "captured")
    return charge


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


def ask_back(boss, bought, amount=None, reference="return-1"):
    body = {"amount": amount, "reason": "a link is bent", "reference": reference}
    answer = boss.post(f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds", body)
    assert answer.status_code == 202, answer.text
    return answer.json["id"]


def ask_again(session):
    """Let the time come at which refunds that have not ended are asked about."""
    session.execute(
        update(Refund).where(Refund.status == "pending").values(next_poll_at=func.now())
    )
    work.poll_refunds()


def ledger(session):
    """Of every refund: how much, how it stands, whose it is."""
    columns = Refund.amount, Refund.status, Refund.is_ours, Refund.actor
    return values(session.execute(select(*columns).order_by(Refund.created_at)))


def counted(session):
    """Of every charge: what came, what went back, and what became of it."""
    columns = PaymentAttempt.amount, PaymentAttempt.amount_refunded, PaymentAttempt.outcome
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def open_alerts(session):
    query = select(Alert.kind, Alert.subject).where(Alert.closed_at.is_(None))
    return values(session.execute(query.order_by(Alert.created_at)))


def test_a_part_of_a_charge_goes_back_and_then_the_rest(
    shop, session, stripe, boss, bought, charge
):
    ask_back(boss, bought, 3_000)
    shop.work()
    assert bought.status == ("confirmed", "partially_refunded")
    assert stripe.given_back(charge) == [(3_000, "succeeded")]

    ask_back(boss, bought, reference="return-2")
    shop.work()

    assert bought.status == ("confirmed", "refunded")
    assert stripe.given_back(charge) == [(3_000, "succeeded"), (100_000, "succeeded")]
    actor = f"staff:{boss.id}"
    assert ledger(session) == [
        (3_000, "processed", True, actor),
        (100_000, "processed", True, actor),
    ]
    assert counted(session) == [(103_000, 103_000, "kept")]


def test_a_refund_that_stripe_has_yet_to_make_is_ended_by_its_event(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", refund_status="pending")
    refund_id = ask_back(boss, bought)
    shop.work()
    assert (ledger(session)[0][1], bought.status) == ("pending", ("confirmed", "captured"))
    known = session.get(Refund, refund_id).gateway_refund_id

    stripe.drive(f"refunds/{known}", status="succeeded", deliver="none")
    bought.tell("refund.updated", known)
    shop.work()

    assert (ledger(session)[0][1], bought.status) == ("processed", ("confirmed", "refunded"))
    assert stripe.given_back(charge) == [(103_000, "succeeded")]


def test_a_refund_of_which_no_event_told_is_asked_about(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", refund_status="pending")
    refund_id = ask_back(boss, bought, 3_000)
    shop.work()
    known = session.get(Refund, refund_id).gateway_refund_id
    stripe.drive(f"refunds/{known}", status="succeeded", deliver="none")

    ask_again(session)

    assert bought.status == ("confirmed", "partially_refunded")
    assert stripe.given_back(charge) == [(3_000, "succeeded")]


def test_a_refund_that_failed_is_told_to_a_person_and_asked_for_anew(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", refund_status="failed")
    refund_id = ask_back(boss, bought)
    shop.work()
    stripe.clear()
    assert (ledger(session)[0][1], bought.status) == ("failed", ("confirmed", "captured"))
    assert counted(session) == [(103_000, 0, "kept")]
    assert bought.status == ("confirmed", "captured")
    assert open_alerts(session) == [("refund_failed", refund_id)]

    again = boss.post(f"/api/v1/admin/refunds/{refund_id}/retry")
    shop.work()

    assert (again.status_code, again.json["amount"]) == (202, 103_000)
    assert [row[1] for row in ledger(session)] == ["failed", "processed"]
    assert stripe.given_back(charge) == [(103_000, "failed"), (103_000, "succeeded")]
    assert bought.status == ("confirmed", "refunded")


def test_a_refund_whose_answer_was_lost_goes_back_once(shop, session, stripe, boss, bought, charge):
    stripe.fault(route="refunds.create", reset_after=True, next_n=3)
    ask_back(boss, bought)
    shop.work()
    assert ledger(session)[0][1] == "pending"

    ask_again(session)

    assert stripe.given_back(charge) == [(103_000, "succeeded")]
    assert (ledger(session)[0][1], bought.status) == ("processed", ("confirmed", "refunded"))


def test_a_refund_told_before_its_answer_is_not_asked_for_again(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", reset_after=True, next_n=3)
    ask_back(boss, bought)
    shop.work()

    bought.tell("refund.created", charge)
    shop.work()
    stripe.fault(route="refunds.create", json_500=True)
    make_due(session)
    shop.work()

    assert ledger(session) == [(103_000, "processed", True, f"staff:{boss.id}")]
    assert stripe.given_back(charge) == [(103_000, "succeeded")]


@pytest.mark.parametrize("amount", [3_000, None], ids=["a part", "all of it"])
@pytest.mark.parametrize("told_by", ["refund.created", "refund.updated"])
def test_money_sent_back_at_the_dashboard_is_written_as_not_ours(
    shop, session, stripe, bought, charge, amount, told_by
):
    refund_id = stripe.refund_at_the_dashboard(charge, amount)
    told = stripe.event(told_by, stripe.ask("GET", f"refunds/{refund_id}"))

    for _ in range(2):
        deliver(shop, told)
        shop.work()

    went_back = amount or 103_000
    assert ledger(session) == [(went_back, "processed", False, "gateway")]
    assert counted(session) == [(103_000, went_back, "kept")]
    assert bought.status == (
        "confirmed",
        "partially_refunded" if amount else "refunded",
    )


def test_a_refund_told_before_its_charge_confirms_the_order_and_is_written(
    shop, session, stripe, bought
):
    charge = bought.pay()
    stripe.refund_at_the_dashboard(charge, 3_000)

    bought.tell("refund.created", charge)
    shop.work()
    assert bought.status == ("confirmed", "partially_refunded")
    bought.tell("charge.succeeded", charge)
    bought.tell("charge.refunded", charge)
    shop.work()

    assert ledger(session) == [(3_000, "processed", False, "gateway")]
    assert counted(session) == [(103_000, 3_000, "kept")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert shop.on_hand("ring") == 1


def test_a_refund_of_the_shops_gives_way_to_one_at_the_dashboard(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", too_many_requests=True)
    ask_back(boss, bought)
    shop.work()
    stripe.clear()
    stripe.refund_at_the_dashboard(charge)

    bought.tell("refund.created", charge)
    shop.work()
    ask_again(session)

    assert ledger(session) == [
        (103_000, "failed", True, f"staff:{boss.id}"),
        (103_000, "processed", False, "gateway"),
    ]
    assert counted(session) == [(103_000, 103_000, "kept")]
    assert stripe.given_back(charge) == [(103_000, "succeeded")]


def test_a_balance_that_does_not_cover_a_refund_is_told_to_a_person(
    shop, session, stripe, boss, bought, charge
):
    stripe.fault(route="refunds.create", no_balance=True)
    refund_id = ask_back(boss, bought)

    shop.work()

    assert open_alerts(session) == [("refund_stuck", refund_id)]
    [row] = boss.get("/api/v1/admin/refunds?status=pending").json["items"]
    assert "balance_insufficient" in row["last_error"]
    assert bought.status == ("confirmed", "captured")


def test_a_refund_is_made_once_the_balance_covers_it(shop, session, stripe, boss, bought, charge):
    """Under the same key Stripe repeats a refusal for a day."""
    stripe.fault(route="refunds.create", no_balance=True)
    ask_back(boss, bought)
    shop.work()
    ask_again(session)
    stripe.clear()

    for _ in range(2):
        ask_again(session)

    assert stripe.given_back(charge) == [(103_000, "succeeded")]
    assert (open_alerts(session), bought.status) == ([], ("confirmed", "refunded"))


def test_a_refund_that_failed_after_all_is_money_that_the_shop_has_again(
    shop, session, stripe, boss, bought, charge
):
    refund_id = ask_back(boss, bought)
    shop.work()
    known = session.get(Refund, refund_id).gateway_refund_id

    stripe.drive(f"refunds/{known}", status="failed", deliver="none")
    bought.tell("refund.failed", known)
    shop.work()

    assert ledger(session) == [(103_000, "failed", True, f"staff:{boss.id}")]
    assert counted(session) == [(103_000, 0, "kept")]
    assert bought.status == ("confirmed", "captured")
    assert open_alerts(session) == [("refund_failed", refund_id)]


@pytest.fixture
def manual(shop, stripe, monkeypatch):
    """An order whose money Stripe takes only when the shop says so."""
    monkeypatch.setattr(gateway("stripe"), "is_capture_manual", True)
    shop.product("ring", 2)
    return stripe_purchase(shop, stripe, ring=1)


def test_authorised_money_is_taken_once(shop, session, stripe, manual):
    charge = manual.pay("authorized")
    assert stripe.ask("GET", f"charges/{charge}")["captured"] is False

    for _ in range(2):
        manual.tell("charge.succeeded", charge)
        shop.work()
    manual.tell("charge.captured", charge)
    shop.work()

    assert stripe.ask("GET", f"charges/{charge}")["captured"] is True
    assert manual.status == ("confirmed", "captured")
    assert (counted(session), refunds(session)) == ([(103_000, 0, "kept")], [])
    assert_balanced(session)


def test_money_whose_taking_was_not_answered_is_taken_once(shop, session, stripe, manual):
    charge = manual.pay("authorized")
    stripe.fault(route="payment_intents.capture", reset_after=True, next_n=3)

    manual.tell("charge.succeeded", charge)
    shop.work()
    assert manual.status == ("pending", "authorized")
    make_due(session)
    shop.work()

    assert manual.status == ("confirmed", "captured")
    assert_balanced(session)


def test_money_that_was_taken_at_the_dashboard_is_kept_as_well(shop, session, stripe, manual):
    charge = manual.pay("authorized")
    told = [event for event in stripe.events(charge) if event.name == "charge.succeeded"]
    stripe.ask("POST", f"payment_intents/{manual.opened['payment_intent']}/capture")

    deliver(shop, told[0])
    shop.work()

    assert manual.status == ("confirmed", "captured")
    assert counted(session) == [(103_000, 0, "kept")]
    assert_balanced(session)


def test_what_cannot_be_delivered_is_not_taken_and_lapses(shop, session, stripe, manual):
    charge = manual.pay("authorized")
    expire(session, manual.order_id)
    assert shop.customer().check_out(ring=2).status_code == 201

    manual.tell("charge.succeeded", charge)
    shop.work()
    assert manual.status == ("expired", "authorized")
    assert stripe.ask("GET", f"charges/{charge}")["captured"] is False

    stripe.ask("POST", f"payment_intents/{manual.opened['payment_intent']}/cancel")
    for name in ("refund.created", "charge.refunded"):
        manual.tell(name, charge)
        shop.work()

    columns = PaymentAttempt.status, PaymentAttempt.outcome, PaymentAttempt.amount_refunded
    assert values(session.execute(select(*columns))) == [("lapsed", None, 0)]
    assert session.scalars(select(Payment.status)).all() == ["failed"]
    assert (manual.status, refunds(session)) == (("expired", "failed"), [])
    assert_balanced(session)


@pytest.mark.parametrize("changes", [{"amount": 1_000}, {"currency": "usd"}])
def test_another_amount_than_the_price_is_not_taken(shop, session, stripe, manual, changes):
    charge = stripe.ask("GET", f"charges/{manual.pay('authorized')}")

    deliver(shop, stripe.event("charge.succeeded", charge | changes))
    shop.work()

    assert manual.status == ("pending", "authorized")
    assert stripe.ask("GET", f"charges/{charge['id']}")["captured"] is False
    assert_balanced(session)
