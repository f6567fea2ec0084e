"""A ring that is split over four counters, and what tests do with it."""

from uuid import uuid4

from sqlalchemy import select, update

from app.catalog.models import Product
from app.core.db import transaction
from app.inventory import (
    counters,
    keys,
    reconciler,
    reservations,
    scripts,
    stock,
)
from app.inventory.terms import Claim
from tests.payments.purchase import purchase

COUNT = 4
UNITS = 40


def shares(session):
    return session.scalars(select(Product.on_hand_by_counter)).one()


def claim_at(number, units=1, count=COUNT):
    """Make a claim of nobody's whose units are of that counter."""
    ids = iter(uuid4, None)
    order_id = next(one for one in ids if counters.number_of(one, "", count) == number)
    return Claim(order_id, "", {"RING": units})


def reserve(redis, claim):
    return reservations.reserve(redis, claim, lifetime_seconds=900)


def free(redis, number, count=COUNT):
    name = keys.counter("RING", number, count)
    return scripts.levels(redis, [name])[name].available


def suspicions(session, redis):
    return reconciler.suspicions(session, redis, ["RING"], longest_ms=1_800_000)


def buyer_at(shop, number):
    """Find a customer whose units are of that counter."""
    buyers = iter(shop.customer, None)
    return next(b for b in buyers if counters.number_of(uuid4(), str(b.id), COUNT) == number)


def order_at(shop, number, units):
    """Have a customer whose units are of that counter buy some."""
    return buyer_at(shop, number).check_out(ring=units)


def paid_at(shop, number, units):
    """Have some bought and paid for by a customer whose units are of that counter."""
    bought = purchase(shop, buyer_at(shop, number), ring=units)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    return bought


def split(redis, count=COUNT):
    with transaction() as session:
        session.execute(update(Product).values(counters=count))
        stock.load(session, redis, ["RING"], is_forced=True)
