"""Money goes back once, whatever the gateway and the network do about it."""

import pytest
import stamina
from sqlalchemy import func, select, update

from app.core.db import transaction
from app.core.jobs import Job
from app.payments import attempts, calls, keys
from app.payments import refunds as written
from app.payments.errors import GatewayRefused, GatewayUnavailable, RefundExceedsCapture
from app.payments.models import Refund
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    events,
    given_back,
    jobs_staged,
    open_jobs,
    purchase,
    refunds,
)
from tests.treasury.money import alerts, at_gateway, poll, tell_refund


@pytest.fixture(autouse=True)
def _at_once():
    """Ask again without a pause."""
    with stamina.set_testing(True, attempts=calls.TRIES):
        yield


@pytest.fixture
def bought(shop):
    """An order that was paid with another amount than its price."""
    shop.product("ring", 1)
    return purchase(shop, ring=1)


@pytest.fixture
def paid(shop, session, bought):
    """The try that has to go back; its refund is written down."""
    payment_id = bought.pay(amount=bought.total + 100)
    bought.tell("payment.captured", payment_id)
    shop.work("webhooks")
    assert alerts(session) == [("amount_mismatch", payment_id, True)]
    return payment_id


def the_refund(session):
    """How the one refund stands, and whether Razorpay's id for it is known."""
    row = session.execute(select(Refund.status, Refund.gateway_refund_id.is_not(None))).one()
    return tuple(row)


def the_error(session):
    """How often the one refund was asked about in vain, and why it has not got on."""
    return tuple(session.execute(select(Refund.polls, Refund.last_error)).one())


def of_refunds(session):
    """The alerts about refunds, and whether each is open."""
    return [(kind, is_open) for kind, _, is_open in alerts(session) if kind.startswith("refund")]


def lose_every_answer(shop):
    """Let the gateway refund, and the shop hear nothing of it."""
    shop.gateway.fault(route="refunds.create", reset_after=True)
    shop.work("payments")
    shop.gateway.clear()


@pytest.mark.parametrize(
    "fault", ["json_500", "html_502", "too_many_requests"], ids=["500", "502 in HTML", "429"]
)
def test_a_gateway_that_is_down_is_asked_again_later(shop, session, bought, paid, fault):
    shop.gateway.fault(route="refunds.create", **{fault: True})

    shop.work("payments")
    shop.work("payments")

    assert the_error(session) == (0, str(GatewayUnavailable()))
    assert the_refund(session) == ("pending", False)
    assert (bought.status, of_refunds(session)) == (("pending", "captured"), [])
    shop.gateway.clear()
    poll(session)
    assert the_error(session) == (1, None)
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_the_job_of_a_refund_is_done_whatever_the_gateway_says(shop, session, bought, paid):
    shop.gateway.fault(route="refunds.create", json_500=True)

    shop.work()

    assert open_jobs(session) == []
    assert session.scalar(select(Refund.next_poll_at)) is not None


@pytest.mark.parametrize(
    ("fault", "words"),
    [("no_balance", "does not have enough balance"), ("opaque_refusal", "invalid request sent")],
)
def test_a_refund_that_the_balance_does_not_cover_stays_to_be_asked_for(
    shop, session, bought, paid, fault, words
):
    shop.gateway.fault(route="refunds.create", **{fault: True})

    for _ in range(3):
        shop.work("payments")
        poll(session)

    polls, error = the_error(session)
    assert (polls, error.startswith(GatewayRefused.title()), words in error) == (3, True, True)
    assert (the_refund(session), given_back(shop, paid)) == (("pending", False), [])
    assert bought.status == ("pending", "captured")
    assert (of_refunds(session), jobs_staged(session, "mail.send_alert")) == (
        [("refund_stuck", True)],
        2,
    )
    shop.gateway.clear()
    poll(session)
    assert (the_refund(session), the_error(session)) == (("processed", True), (4, None))
    assert bought.status == ("pending", "refunded")
    assert of_refunds(session) == [("refund_stuck", False)]
    assert_balanced(session)


def test_a_gateway_that_is_away_for_long_is_told_of_once(shop, session, redis, bought, paid):
    shop.gateway.fault(too_many_requests=True)
    shop.work("payments")

    told = []
    for _ in range(6):
        poll(session)
        told.append(of_refunds(session))

    assert told == [[]] * 3 + [[("refund_stuck", True)]] * 3
    shop.gateway.clear()
    redis.delete(keys.breaker("razorpay"))
    poll(session)
    assert the_refund(session) == ("processed", True)
    assert of_refunds(session) == [("refund_stuck", False)]


def test_a_refund_whose_answer_was_lost_is_asked_for_at_once_and_goes_back_once(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", reset_after=True, next_n=1)

    shop.work("payments")

    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert (the_refund(session), the_error(session)) == (("processed", True), (0, None))
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_whose_every_answer_was_lost_is_found_and_goes_back_once(
    shop, session, bought, paid
):
    lose_every_answer(shop)
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert (the_refund(session), bought.status) == (("pending", False), ("pending", "captured"))

    shop.gateway.fault(route="refunds.create", json_500=True)
    poll(session)

    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert (the_refund(session), the_error(session)) == (("processed", True), (1, None))
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_told_before_its_answer_is_not_asked_for_again(shop, session, bought, paid):
    lose_every_answer(shop)

    tell_refund(shop, "refund.processed", *at_gateway(shop, paid))
    shop.work("webhooks")
    assert (the_refund(session), the_error(session)) == (("processed", True), (0, None))
    assert bought.status == ("pending", "refunded")

    shop.gateway.fault(json_500=True)
    session.execute(update(Job).values(done_at=None, due_at=Job.created_at))
    poll(session)
    shop.work()
    assert (the_refund(session), the_error(session)) == (("processed", True), (0, None))
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert_balanced(session)


def pending_at_gateway(shop, session):
    """Have the refund asked for, and not ended."""
    shop.gateway.fault(route="refunds.create", refund_status="pending", next_n=1)
    shop.work("payments")
    assert the_refund(session) == ("pending", True)


def test_a_pending_refund_is_ended_by_its_webhook(shop, session, bought, paid):
    pending_at_gateway(shop, session)
    assert bought.status == ("pending", "captured")

    tell_refund(shop, "refund.processed", at_gateway(shop, paid)[0] | {"status": "processed"})
    shop.work("webhooks")

    assert the_refund(session) == ("processed", True)
    assert bought.status == ("pending", "refunded")
    assert session.scalar(select(Refund.next_poll_at)) is None
    assert_balanced(session)


def test_a_refund_that_the_gateway_has_is_not_asked_for_again(shop, session, bought, paid):
    pending_at_gateway(shop, session)

    shop.gateway.fault(route="refunds.create", json_500=True)
    session.execute(update(Job).values(done_at=None, due_at=Job.created_at))
    shop.work("payments")
    poll(session)

    assert (the_refund(session), the_error(session)) == (("pending", True), (1, None))


def test_a_pending_refund_is_found_by_razorpays_id_though_its_receipt_is_missing(
    shop, session, bought, paid
):
    pending_at_gateway(shop, session)

    told = at_gateway(shop, paid)[0] | {"status": "processed", "receipt": None}
    tell_refund(shop, "refund.processed", told)
    shop.work("webhooks")

    assert the_refund(session) == ("processed", True)


def test_a_refund_that_fails_is_no_money_back_and_told_to_a_person(shop, session, bought, paid):
    pending_at_gateway(shop, session)

    tell_refund(shop, "refund.failed", at_gateway(shop, paid)[0] | {"status": "failed"})
    shop.work("webhooks")

    assert the_refund(session) == ("failed", True)
    assert bought.status == ("pending", "captured")
    [refund_id] = session.scalars(select(Refund.id))
    assert alerts(session)[1:] == [("refund_failed", str(refund_id), True)]


@pytest.mark.parametrize("late", ["refund.created", "refund.failed"])
def test_a_processed_refund_stays_so_whatever_is_told_later(shop, session, bought, paid, late):
    shop.work("payments")
    assert the_refund(session) == ("processed", True)

    status = {"refund.created": "pending", "refund.failed": "failed"}[late]
    tell_refund(shop, late, at_gateway(shop, paid)[0] | {"status": status})
    shop.work("webhooks")

    assert (the_refund(session), of_refunds(session)) == (("processed", True), [])
    assert bought.status == ("pending", "refunded")
    assert_balanced(session)


def test_a_refund_in_a_state_that_nobody_knows_is_recorded_as_failed_to_read(
    shop, session, bought, paid
):
    pending_at_gateway(shop, session)

    tell_refund(shop, "refund.processed", at_gateway(shop, paid)[0] | {"status": "on its way"})
    shop.work()

    assert events(session)[-1] == (
        "refund.processed",
        "failed",
        "status is 'on its way', which nobody knows",
    )
    assert (the_refund(session), open_jobs(session)) == (("pending", True), [])


def test_a_refund_is_asked_about_at_growing_pauses_for_as_long_as_it_takes(
    shop, session, bought, paid
):
    shop.gateway.fault(route="refunds.create", no_balance=True)
    shop.work("payments")

    pauses = []
    for _ in range(11):
        poll(session)
        pause = session.scalar(select(Refund.next_poll_at - func.now()))
        pauses.append(round(pause.total_seconds() / 60))

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (the_refund(session), bought.status) == (("pending", False), ("pending", "captured"))
    assert of_refunds(session) == [("refund_stuck", True)]
    assert refunds(session) == [(paid, bought.total + 100, "pending", "amount_mismatch")]


def test_of_money_that_was_only_authorised_nothing_can_go_back(shop, bought):
    tried = bought.pay()
    bought.tell("payment.authorized", tried)
    shop.work()

    with transaction() as session:
        attempt = attempts.lock(session, tried)
        with pytest.raises(RefundExceedsCapture) as refused:
            written.request(
                session, attempt, amount=1, reason="a reason", reference="a", actor="test"
            )

    assert refused.value.members["left"] == 0
