"""Money goes back once, whatever the gateway and the network do about it."""

import pytest
from sqlalchemy import func, select, update

from app.core import jobs
from app.core.jobs import Job
from app.payments.errors import GatewayUnavailable
from app.payments.models import Refund
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    events,
    given_back,
    make_due,
    open_jobs,
    purchase,
    refunds,
)


@pytest.fixture
def bought(shop):
    """An order that was paid with another amount than its price."""
    shop.product("ring", 1)
    return purchase(shop, ring=1)


@pytest.fixture
def paid(shop, bought):
    """The try that has to go back; its refund is written down."""
    payment_id = bought.pay(amount=bought.total + 100)
    bought.tell("payment.captured", payment_id)
    shop.work("webhooks")
    return payment_id


def the_refund(session):
    """How the one refund stands, and whether Razorpay's id for it is known."""
    row = session.execute(select(Refund.status, Refund.razorpay_refund_id.is_not(None))).one()
    return tuple(row)


def the_job(session):
    columns = Job.attempts, Job.done_at.is_not(None), Job.failed_at.is_not(None), Job.last_error
    return tuple(session.execute(select(*columns).where(Job.name == "payments.refund")).one())


def tell_refund(shop, paid, name, **changes):
    """Bring the event about the one refund that the gateway has of a payment."""
    [refund] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == paid]
    event = shop.gateway.event(name, shop.gateway.payment(paid), refund=refund | changes)
    assert shop.deliver(event).status_code == 200


@pytest.mark.parametrize(
    "fault", ["json_500", "html_502", "too_many_requests"], ids=["500", "502 in HTML", "429"]
)
def test_a_gateway_that_is_down_is_asked_again_later(
    shop, session, monkeypatch, bought, paid, fault
):
    monkeypatch.setattr(jobs, "FIRST_DELAY", jobs.LONGEST_DELAY)
    shop.gateway.fault(route="refunds.create", **{fault: True})

    shop.work("payments")
    shop.work("payments")

    assert the_job(session) == (1, False, False, repr(GatewayUnavailable()))
    assert the_refund(session) == ("pending", False)
    assert bought.status == ("pending", "captured")
    shop.gateway.clear()
    make_due(session)
    shop.work("payments")
    assert the_job(session) == (2, True, False, None)
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_that_the_balance_does_not_cover_stays_to_be_asked_for(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", no_balance=True)

    shop.work("payments")

    assert the_refund(session) == ("pending", False)
    attempts, is_done, is_given_up, error = the_job(session)
    assert (attempts, is_done, is_given_up) == (1, False, False)
    assert error.startswith("GatewayRefused('Your account does not have enough balance")
    assert bought.status == ("pending", "captured")
    shop.gateway.clear()
    make_due(session)
    shop.work("payments")
    assert the_refund(session) == ("processed", True)
    assert_balanced(session)


def test_a_refund_whose_answer_was_lost_is_asked_for_again_and_goes_back_once(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", reset_after=True, next_n=1)

    shop.work("payments")
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert the_refund(session) == ("pending", False)
    make_due(session)
    shop.work("payments")

    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert the_refund(session) == ("processed", True)
    assert the_job(session) == (2, True, False, None)
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_told_before_its_answer_is_not_asked_for_again(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", reset_after=True, next_n=1)
    shop.work("payments")

    tell_refund(shop, paid, "refund.processed")
    shop.work("webhooks")
    assert the_refund(session) == ("processed", True)
    assert bought.status == ("pending", "refunded")

    shop.gateway.fault(route="refunds.create", json_500=True)
    make_due(session)
    shop.work("payments")
    assert the_job(session) == (2, True, False, None)
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert_balanced(session)


def test_a_pending_refund_is_ended_by_its_webhook(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")
    assert the_refund(session) == ("pending", True)
    assert bought.status == ("pending", "captured")

    tell_refund(shop, paid, "refund.processed", status="processed")
    shop.work("webhooks")

    assert the_refund(session) == ("processed", True)
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_that_the_gateway_has_is_not_asked_for_again(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")
    assert the_refund(session) == ("pending", True)

    shop.gateway.fault(route="refunds.create", json_500=True)
    session.execute(update(Job).values(done_at=None, due_at=Job.created_at))
    shop.work("payments")

    assert the_job(session) == (2, True, False, None)
    assert the_refund(session) == ("pending", True)


def test_a_pending_refund_is_found_by_razorpays_id_though_its_receipt_is_missing(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")

    tell_refund(shop, paid, "refund.processed", status="processed", receipt=None)
    shop.work("webhooks")

    assert the_refund(session) == ("processed", True)


def test_a_refund_that_fails_is_no_money_back(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")

    tell_refund(shop, paid, "refund.failed", status="failed")
    shop.work("webhooks")

    assert the_refund(session) == ("failed", True)
    assert bought.status == ("pending", "captured")


@pytest.mark.parametrize("late", ["refund.created", "refund.failed"])
def test_a_processed_refund_stays_so_whatever_is_told_later(shop, session, bought, paid, late):
    shop.work("payments")
    assert the_refund(session) == ("processed", True)

    status = {"refund.created": "pending", "refund.failed": "failed"}[late]
    tell_refund(shop, paid, late, status=status)
    shop.work("webhooks")

    assert the_refund(session) == ("processed", True)
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_in_a_state_that_nobody_knows_is_recorded_as_failed_to_read(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")

    tell_refund(shop, paid, "refund.processed", status="on its way")
    shop.work("webhooks")

    assert events(session)[-1] == (
        "refund.processed",
        "failed",
        "status is not one of a refund",
    )
    assert (the_refund(session), open_jobs(session)) == (("pending", True), [])


def test_a_refund_made_on_the_dashboard_is_recorded_as_not_ours(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    refund = {
        "id": "rfnd_FS8TWyPrCsa0OB", "entity": "refund", "amount": 5_000, "currency": "INR",
        "payment_id": paid, "notes": [], "receipt": None, "status": "processed",
    }  # fmt: skip
    event = shop.gateway.event("refund.processed", shop.gateway.payment(paid), refund=refund)
    shop.deliver(event)
    shop.work()

    assert events(session)[-1] == (
        "refund.processed",
        "processed",
        "not a refund that the shop asked for",
    )
    assert (refunds(session), bought.status) == ([], ("confirmed", "captured"))
    assert_balanced(session)


def test_a_refund_that_never_succeeds_is_left_to_a_person(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", no_balance=True)

    for _ in range(jobs.MOST_ATTEMPTS + 2):
        shop.work("payments")
        make_due(session)

    attempts, is_done, is_given_up, _ = the_job(session)
    assert (attempts, is_done, is_given_up) == (jobs.MOST_ATTEMPTS, False, True)
    assert the_refund(session) == ("pending", False)
    assert bought.status == ("pending", "captured")
    asked = select(func.count()).select_from(Job).where(Job.name == "payments.refund")
    assert values(session.execute(asked)) == [(1,)]
