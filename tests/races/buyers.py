"""
What the processes of a race do, each with connections of its own.

With ``is_guarded`` or ``is_conditional`` false they do it without what keeps the shop right: a race
that such buyers do not win shows nothing.
"""

import random
from collections.abc import Mapping
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import db, jobs, redis_client
from app.core.db import transaction
from app.inventory import keys, ledger, scripts
from app.inventory.errors import InsufficientStock, ReservationCommitted
from app.inventory.terms import Booking, Claim
from dev.servers import Urls
from tests import owners

PROCESSES = 4
PATIENCE_SECONDS = 180
QUARTER_HOUR = 15 * 60 * 1000

_gate: Barrier | None = None


def enter(gate: Barrier, urls: Urls) -> None:
    """Connect this process; called once in each."""
    global _gate  # noqa: PLW0603 - given to each process once
    _gate = gate
    redis_client.connect(urls["STOCK_REDIS_URL"])
    db.connect(urls["DATABASE_URL"])
    jobs.connect(urls["QUEUE_REDIS_URL"])
    owners.connect(urls)


def all_together() -> None:
    """Go on once every process has come this far."""
    _gate.wait(PATIENCE_SECONDS)


class Unguarded:
    """What the scripts do, as a program that looks first and writes then: the negative control."""

    def __init__(self) -> None:
        self.has_paused = False

    def reserve(self, redis: Redis, claim: Claim, *, lifetime_ms: int) -> None:
        known = self._look(redis, claim)
        for sku, units in claim.units.items():
            if known[sku]["on_hand"] - known[sku]["reserved"] - known[sku]["committed"] < units:
                raise InsufficientStock
        for sku, units in claim.units.items():
            redis.zadd(keys.reservations(sku), {keys.member(claim.id, units, ""): lifetime_ms})
            redis.hset(keys.stock(sku), "reserved", known[sku]["reserved"] + units)

    def release(self, redis: Redis, claim: Claim) -> None:
        known = self._look(redis, claim)
        for sku, units in claim.units.items():
            redis.zrem(keys.reservations(sku), keys.member(claim.id, units, ""))
            redis.hset(keys.stock(sku), "reserved", known[sku]["reserved"] - units)

    def commit(self, redis: Redis, claim: Claim) -> None:
        known = self._look(redis, claim)
        self.release(redis, claim)
        for sku, units in claim.units.items():
            redis.hset(keys.committed(sku), str(claim.id), units)
            redis.hset(keys.stock(sku), "committed", known[sku]["committed"] + units)

    def _look(self, redis: Redis, claim: Claim) -> dict[str, dict[str, int]]:
        known = {
            sku: {
                name: int(redis.hget(keys.stock(sku), name))
                for name in ("on_hand", "reserved", "committed")
            }
            for sku in claim.units
        }
        if not self.has_paused:
            self.has_paused = True
            all_together()
        return known


def buy(sku: str, tries: int, *, is_guarded: bool) -> int:
    """Try to reserve one unit for one order after the other; tells how often it went well."""
    till = scripts if is_guarded else Unguarded()
    reserved = 0
    all_together()
    for _ in range(tries):
        try:
            claim = Claim(uuid4(), "", {sku: 1})
            till.reserve(redis_client.redis(), claim, lifetime_ms=QUARTER_HOUR)
        except InsufficientStock:
            continue
        reserved += 1
    return reserved


def trade(skus: list[str], tries: int, seed: int, *, is_guarded: bool) -> dict[str, Any]:
    """Reserve, give up and pay at random; tells what this process holds and has paid in the end."""
    till, redis, dice = (
        scripts if is_guarded else Unguarded(),
        redis_client.redis(),
        random.Random(seed),
    )
    held: dict[UUID, Claim] = {}
    paid: dict[UUID, Claim] = {}
    all_together()
    for _ in range(tries):
        deed = dice.choice(
            ["reserve", "release", "commit", "release paid"] if held else ["reserve"]
        )
        if deed == "reserve":
            units = {sku: dice.randint(1, 2) for sku in skus if dice.random() < 0.7}
            claim = Claim(UUID(int=dice.getrandbits(128)), "", units or {skus[0]: 1})
            try:
                till.reserve(redis, claim, lifetime_ms=QUARTER_HOUR)
            except InsufficientStock:
                continue
            held[claim.id] = claim
        elif deed == "release paid" and paid:
            claim = dice.choice(list(paid.values()))
            try:
                till.release(redis, claim)
            except ReservationCommitted:
                continue
        else:
            claim = held.pop(dice.choice(list(held)))
            if deed == "commit":
                till.commit(redis, claim)
                paid[claim.id] = claim
            else:
                till.release(redis, claim)
    return {"held": _units(held), "paid": _units(paid)}


def _units(claims: Mapping[UUID, Claim]) -> dict[UUID, dict[str, int]]:
    return {order_id: dict(claim.units) for order_id, claim in claims.items()}


# The statement of app.inventory.ledger without its condition.
_CONDITION = """ AND stock_epoch = leaving.epoch
        AND stock_quantity >= leaving.units"""
UNCONDITIONAL = text(ledger._DEDUCT.text.replace(_CONDITION, ""))
assert ledger._DEDUCT.text != UNCONDITIONAL.text


def sell(sku: str, orders: list[UUID], *, is_conditional: bool, schema: str) -> int:
    """Deduct one unit for one order after the other; tells how often it went well."""
    sold = 0
    all_together()
    with deducting(is_conditional=is_conditional):
        for order in orders:
            try:
                with transaction() as session:
                    session.execute(text(f"SET LOCAL search_path TO {schema}"))
                    deduct(session, sku, order)
            except (InsufficientStock, IntegrityError):
                continue
            sold += 1
    return sold


def deduct(session: Session, sku: str, order: UUID) -> None:
    """Deduct a unit of a product that no load has told Redis of."""
    booking = Booking(f"sale:{order}", "test", order_id=order)
    claim = Claim(order, "", {sku: 1})
    ledger.deduct(session, redis_client.redis(), claim, {sku: 0}, booking)


@contextmanager
def deducting(*, is_conditional: bool):
    statement = ledger._DEDUCT if is_conditional else UNCONDITIONAL
    with mock.patch.object(ledger, "_DEDUCT", statement):
        yield
