from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from app.checkout.extend import extend_reservation
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.core.redis_client import make_client
from app.inventory import keys, reservations, scripts
from app.inventory.errors import InsufficientStock, ReservationCommitted, UnknownSku
from app.inventory.models import Reservation
from app.inventory.terms import Claim, Held, Levels, Reserved
from dev.ports import free_port
from tests.builders import values
from tests.inventory.shelf import QUARTER_HOUR, everything, now_ms

REMEMBERED = select(Reservation.units, Reservation.state)


@pytest.fixture
def dead_redis():
    """A client of a Redis that is out of reach."""
    with make_client(f"redis://127.0.0.1:{free_port()}/0") as client:
        yield client


@pytest.fixture
def order(shop):
    """The claim of an order that waits to be paid: two rings of three."""
    shop.product("ring", 3)
    return shop.claim(shop.customer().check_out(ring=2).json["id"])


def test_a_lifetime_in_seconds_becomes_a_deadline_by_redis_clock(shop, redis):
    shop.product("ring", 3)

    before = now_ms(redis)
    reserved = reservations.reserve(redis, Claim(uuid4(), "", {"RING": 2}), lifetime_seconds=900)
    after = now_ms(redis)

    assert reserved.taken == {"RING"}
    assert before + QUARTER_HOUR <= reserved.deadline_ms <= after + QUARTER_HOUR


def test_a_reservation_of_an_unknown_product_names_it_and_takes_nothing(shop, redis):
    shop.product("ring", 3)

    with pytest.raises(UnknownSku) as unknown:
        reservations.reserve(
            redis, Claim(uuid4(), "", {"RING": 1, "NOSUCH": 1}), lifetime_seconds=900
        )

    assert unknown.value.members == {"skus": ["NOSUCH"]}
    assert shop.levels("ring") == Levels(3, 0, 0)


def test_nothing_is_promised_while_redis_is_out_of_reach(shop, dead_redis):
    shop.product("ring", 3)

    with pytest.raises(ServiceUnavailable):
        reservations.reserve(dead_redis, Claim(uuid4(), "", {"RING": 1}), lifetime_seconds=900)


def test_a_reservation_is_remembered_with_its_deadline(shop, session, redis, order):
    deadline_ms = int(
        redis.zscore(keys.reservations("RING"), keys.member(order.id, 2, order.buyer))
    )

    remembered = session.scalars(select(Reservation)).one()

    assert (remembered.order_id, remembered.units, remembered.state) == (order.id, 2, "pending")
    assert remembered.deadline_at == reservations.instant(deadline_ms)


def test_an_extension_is_written_to_redis_and_remembered(shop, session, redis, order):
    deadline = extend_reservation(order, lifetime_seconds=3_600)

    deadline_ms = int(
        redis.zscore(keys.reservations("RING"), keys.member(order.id, 2, order.buyer))
    )
    assert deadline == reservations.instant(deadline_ms)
    assert session.scalars(select(Reservation.deadline_at)).one() == deadline


def test_what_is_not_held_any_more_is_not_extended(shop, session, redis, order):
    before = session.scalars(select(Reservation.deadline_at)).one()
    reservations.release(redis, order)

    assert extend_reservation(order, lifetime_seconds=3_600) is None

    assert session.scalars(select(Reservation.deadline_at)).one() == before


def test_a_payment_loads_a_product_that_redis_forgot_and_commits_it(shop, redis, order):
    redis.flushall()

    reservations.commit(redis, order)

    assert shop.levels("ring") == Levels(3, 0, 2)


def test_a_payment_that_finds_the_units_sold_is_refused(shop, redis, order):
    reservations.release(redis, order)
    shop.customer().check_out(ring=2)

    with pytest.raises(InsufficientStock) as refused:
        reservations.commit(redis, order)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 2, "available": 1}]}


def test_giving_up_nothing_asks_nobody(dead_redis):
    reservations.release(dead_redis, Claim(uuid4(), "", {}))


def test_only_the_reservation_with_that_deadline_is_given_up(shop, redis, order):
    deadline_ms = int(
        redis.zscore(keys.reservations("RING"), keys.member(order.id, 2, order.buyer))
    )

    def held(ms):
        return Reserved({"RING": Held(ms, shop.epoch("ring"), is_new=True)})

    reservations.release(redis, order, fence=held(deadline_ms - 1))
    assert shop.levels("ring") == Levels(3, 2, 0)

    reservations.release(redis, order, fence=held(deadline_ms))
    assert shop.levels("ring") == Levels(3, 0, 0)


@pytest.mark.parametrize("end", ["committed", "released", "expired"])
def test_a_pending_reservation_ends_as_it_is_told(session, order, end):
    with transaction() as opened:
        reservations.resolve(opened, order.id, end)

    assert values(session.execute(REMEMBERED)) == [(2, end)]


@pytest.mark.parametrize(
    ("first", "then", "ends"),
    [
        ("expired", "committed", "committed"),
        ("released", "committed", "committed"),
        ("committed", "released", "committed"),
        ("committed", "expired", "committed"),
        ("expired", "released", "expired"),
        ("released", "expired", "released"),
    ],
)
def test_an_ended_reservation_lives_again_only_by_a_late_payment(session, order, first, then, ends):
    with transaction() as opened:
        reservations.resolve(opened, order.id, first)
        reservations.resolve(opened, order.id, then)

    assert values(session.execute(REMEMBERED)) == [(2, ends)]


def test_units_are_on_sale_again_only_once_postgres_knows(shop, redis, order):
    with transaction() as session:
        reservations.release_after_commit(session, redis, order)
        session.flush()
        assert shop.levels("ring") == Levels(3, 2, 0)

    assert shop.levels("ring") == Levels(3, 0, 0)


def test_units_stay_held_where_the_change_of_the_order_came_to_nothing(shop, redis, order):
    def cancel_in_vain():
        with transaction() as session:
            reservations.release_after_commit(session, redis, order)
            raise LookupError

    with pytest.raises(LookupError):
        cancel_in_vain()

    assert shop.levels("ring") == Levels(3, 2, 0)


def test_the_deadline_gives_back_what_could_not_be_given_up(shop, dead_redis, order):
    with capture_logs() as events, transaction() as session:
        reservations.release_after_commit(session, dead_redis, order)

    assert [event["event"] for event in events] == [
        "redis.unavailable",
        "reservation.not_released",
    ]
    assert shop.levels("ring") == Levels(3, 2, 0)


def test_what_was_paid_meanwhile_stays_committed(shop, redis, order):
    scripts.commit(redis, order)
    with pytest.raises(ReservationCommitted):
        reservations.release(redis, order)

    with transaction() as session:
        reservations.release_after_commit(session, redis, order)

    assert shop.levels("ring") == Levels(3, 0, 2)


def test_the_time_left_is_that_of_the_orders_key(redis, order):
    long_ago = datetime.now(UTC) - timedelta(days=1)

    first = reservations.time_left(redis, order.id, long_ago)
    then = reservations.time_left(redis, order.id, long_ago)

    assert timedelta() < then <= first <= timedelta(milliseconds=QUARTER_HOUR)


def test_the_time_left_comes_from_postgres_where_redis_forgot(redis, order):
    redis.flushall()
    expires_at = reservations.now(redis) + timedelta(hours=1)

    left = reservations.time_left(redis, order.id, expires_at)

    assert timedelta() < left <= timedelta(hours=1)
    assert everything(redis) == {}


def test_the_time_left_comes_from_this_machines_clock_without_redis(dead_redis, order):
    expires_at = datetime.now(UTC) + timedelta(hours=1)

    assert (
        timedelta() < reservations.time_left(dead_redis, order.id, expires_at) < timedelta(hours=1)
    )


@pytest.mark.parametrize("source", ["redis", "dead_redis"])
def test_no_time_is_left_once_it_is_over(request, redis, order, source):
    redis.delete(keys.reservation(order.id))
    past = datetime.now(UTC) - timedelta(days=1)

    left = reservations.time_left(request.getfixturevalue(source), order.id, past)

    assert left == timedelta()


def test_now_is_redis_time(redis):
    before = now_ms(redis)
    now = reservations.now(redis)
    after = now_ms(redis)

    assert reservations.instant(before) <= now <= reservations.instant(after)


def test_the_time_cannot_be_told_without_redis(dead_redis):
    with pytest.raises(ServiceUnavailable):
        reservations.now(dead_redis)


def test_a_millisecond_of_redis_is_a_millisecond_of_postgres():
    moment = reservations.instant(1_795_539_764_979)

    assert moment == datetime(2026, 11, 24, 17, 2, 44, 979_000, tzinfo=UTC)
    assert round(moment.timestamp() * 1000) == 1_795_539_764_979
