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
from sqlalchemy import bindparam, text, update
from sqlalchemy.exc import IntegrityError

from app.catalog.models import Product
from app.core import db, redis_client
from app.core.db import transaction
from app.inventory import keys, scripts, stock
from app.inventory.errors import InsufficientStock, ReservationCommitted

PROCESSES = 4
PATIENCE_SECONDS = 60
QUARTER_HOUR = 15 * 60 * 1000

_gate: Barrier | None = None


def enter(gate: Barrier, urls: Mapping[str, str]) -> None:
    """Connect this process; called once in each."""
    global _gate  # noqa: PLW0603 - given to each process once
    _gate = gate
    redis_client.connect(urls["STOCK_REDIS_URL"])
    db.connect(urls["DATABASE_URL"])


def all_together() -> None:
    """Go on once every process has come this far."""
    _gate.wait(PATIENCE_SECONDS)


class Unguarded:
    """What the scripts do, as a program that looks first and writes then: the negative control."""

    def __init__(self) -> None:
        self.has_paused = False

    def reserve(
        self, redis: Redis, order: UUID, quantities: Mapping[str, int], *, lifetime_ms: int
    ) -> None:
        known = self._look(redis, quantities)
        for sku, units in quantities.items():
            if known[sku]["on_hand"] - known[sku]["reserved"] - known[sku]["committed"] < units:
                raise InsufficientStock
        for sku, units in quantities.items():
            redis.zadd(keys.reservations(sku), {f"{order}:{units}": lifetime_ms})
            redis.hset(keys.stock(sku), "reserved", known[sku]["reserved"] + units)

    def release(self, redis: Redis, order: UUID, quantities: Mapping[str, int]) -> None:
        known = self._look(redis, quantities)
        for sku, units in quantities.items():
            redis.zrem(keys.reservations(sku), f"{order}:{units}")
            redis.hset(keys.stock(sku), "reserved", known[sku]["reserved"] - units)

    def commit(self, redis: Redis, order: UUID, quantities: Mapping[str, int]) -> None:
        known = self._look(redis, quantities)
        self.release(redis, order, quantities)
        for sku, units in quantities.items():
            redis.hset(keys.committed(sku), str(order), units)
            redis.hset(keys.stock(sku), "committed", known[sku]["committed"] + units)

    def _look(self, redis: Redis, quantities: Mapping[str, int]) -> dict[str, dict[str, int]]:
        known = {
            sku: {name: int(n) for name, n in redis.hgetall(keys.stock(sku)).items()}
            for sku in quantities
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
            till.reserve(redis_client.redis(), uuid4(), {sku: 1}, lifetime_ms=QUARTER_HOUR)
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
    held: dict[UUID, dict[str, int]] = {}
    paid: dict[UUID, dict[str, int]] = {}
    all_together()
    for _ in range(tries):
        deed = dice.choice(
            ["reserve", "release", "commit", "release paid"] if held else ["reserve"]
        )
        if deed == "reserve":
            quantities = {sku: dice.randint(1, 2) for sku in skus if dice.random() < 0.7}
            order = UUID(int=dice.getrandbits(128))
            try:
                till.reserve(redis, order, quantities or {skus[0]: 1}, lifetime_ms=QUARTER_HOUR)
            except InsufficientStock:
                continue
            held[order] = quantities or {skus[0]: 1}
        elif deed == "release paid" and paid:
            order = dice.choice(list(paid))
            try:
                till.release(redis, order, paid[order])
            except ReservationCommitted:
                continue
        else:
            order = dice.choice(list(held))
            if deed == "commit":
                till.commit(redis, order, held[order])
                paid[order] = held.pop(order)
            else:
                till.release(redis, order, held.pop(order))
    return {"held": held, "paid": paid}


# The statement of app.inventory.stock without its condition.
_UNCONDITIONAL = (
    update(Product.__table__)
    .where(Product.sku == bindparam("of_sku"))
    .values(
        stock_quantity=Product.stock_quantity - bindparam("units"),
        stock_version=Product.stock_version + 1,
    )
    .returning(Product.id)
)


def sell(sku: str, orders: list[UUID], *, is_conditional: bool, schema: str) -> int:
    """Deduct one unit for one order after the other; tells how often it went well."""
    sold = 0
    all_together()
    with _deducting(is_conditional=is_conditional):
        for order in orders:
            try:
                with transaction() as session:
                    session.execute(text(f"SET LOCAL search_path TO {schema}"))
                    stock.deduct(session, order, {sku: 1}, actor="test")
            except (InsufficientStock, IntegrityError):
                continue
            sold += 1
    return sold


@contextmanager
def _deducting(*, is_conditional: bool):
    statement = stock._DEDUCT if is_conditional else _UNCONDITIONAL
    with mock.patch.object(stock, "_DEDUCT", statement):
        yield
