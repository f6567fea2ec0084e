"""A payer is at work: the door extends the reservation once, before any worker gets to it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.redis_client import redis
from app.inventory import keys, scripts
from app.inventory.models import Reservation
from app.inventory.terms import Levels
from app.orders.models import Order
from tests.payments.balance import assert_balanced
from tests.payments.purchase import expire, purchase, run_out

# As far as Redis' clock and the answer of a request may be apart on a busy machine.
SLACK = timedelta(seconds=30)


def deadlines(session, bought):
    """When the order's time is up: as Postgres' two copies have it, and as Redis decides."""
    order = session.execute(select(Order.expires_at).where(Order.id == bought.order_id)).scalar()
    copy = session.scalars(select(Reservation.deadline_at)).one()
    [(_, score)] = redis().zrange(keys.reservations("RING"), 0, -1, withscores=True)
    return order, copy, score


def lifetime(session, bought):
    """How long the order may be paid for from now, by Redis' clock."""
    seconds, microseconds = redis().time()
    _, _, score = deadlines(session, bought)
    return timedelta(milliseconds=score - seconds * 1000 - microseconds // 1000)


@pytest.fixture
def bought(shop):
    shop.product("ring", 2)
    return purchase(shop, ring=1)


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        ("authorized", "payment.authorized"),
        ("captured", "payment.captured"),
        ("failed", "payment.failed"),
    ],
)
def test_an_event_about_a_payment_gives_the_payer_half_an_hour(
    shop, session, bought, outcome, name
):
    assert lifetime(session, bought) <= timedelta(minutes=15)

    bought.tell(name, bought.pay(outcome))

    assert timedelta(minutes=30) - SLACK < lifetime(session, bought) <= timedelta(minutes=30)
    order, copy, score = deadlines(session, bought)
    assert order == copy
    assert order.timestamp() * 1000 == pytest.approx(score, abs=1)
    assert shop.levels("ring").reserved == 1


def test_the_reservation_is_extended_once(shop, session, bought):
    bought.tell("payment.failed", bought.pay("failed"))
    extended = deadlines(session, bought)

    paid = bought.pay()
    bought.tell("payment.authorized", paid)
    triple = shop.gateway.pay(bought.opened["razorpay_order_id"], "failed")
    bought.buyer.post(
        "/api/v1/payments/verify",
        {name: triple[name] for name in triple if name.startswith("razorpay_")},
    )

    assert deadlines(session, bought) == extended


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen after Redis has extended and before Postgres knows."""
    really = scripts.extend

    def arrange(happens):
        def extend(*args, **options):
            extended = really(*args, **options)
            monkeypatch.setattr(scripts, "extend", really)
            happens()
            return extended

        monkeypatch.setattr(scripts, "extend", extend)

    return arrange


def test_two_that_extend_at_once_agree(session, bought, meanwhile):
    first, second = bought.pay("failed"), bought.pay("failed")
    meanwhile(lambda: bought.tell("payment.failed", first))

    bought.tell("payment.failed", second)

    order, copy, score = deadlines(session, bought)
    assert order == copy
    assert order.timestamp() * 1000 == pytest.approx(score, abs=1)


def test_what_is_cancelled_meanwhile_is_given_back(shop, session, bought, meanwhile):
    failed = bought.pay("failed")
    meanwhile(lambda: bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel", {}))

    bought.tell("payment.failed", failed)

    assert bought.status[0] == "cancelled"
    assert shop.levels("ring") == Levels(2, 0, 0)
    assert session.scalars(select(Order.extended_at)).all() == [None]


def test_an_order_that_is_paid_at_once_needs_no_extension(session, bought):
    before = deadlines(session, bought)

    bought.tell("order.paid", bought.pay())

    assert deadlines(session, bought) == before


def test_a_backlog_costs_the_payer_nothing(shop, session, bought):
    bought.tell("payment.captured", bought.pay())
    rival = purchase(shop, ring=1)
    assert rival.buyer.check_out(ring=1).status_code == 409

    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_what_has_run_out_is_not_extended(shop, session, bought):
    paid = bought.pay()
    run_out(session, bought.order_id)

    bought.tell("payment.authorized", paid)

    assert shop.levels("ring").available == 2
    assert session.scalars(select(Order.extended_at)).all() == [None]


def test_what_has_expired_stays_expired(shop, session, bought):
    expire(session, bought.order_id)

    bought.tell("payment.authorized", bought.pay("authorized"))

    assert shop.levels("ring").available == 2
    assert bought.status == ("expired", "pending")
