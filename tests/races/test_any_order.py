"""Whatever happens in whatever order, Redis' numbers are those of a model in plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, ReservationCommitted, UnknownToRedisError
from app.inventory.terms import Claim, Known, Levels, OnHand, Pending
from tests.inventory.shelf import MEERA, QUARTER_HOUR, claim, now_ms, set_deadline

ORDERS = {
    UUID(int=1): {"RING": 1},
    UUID(int=2): {"RING": 2},
    UUID(int=3): {"CHAIN": 1, "RING": 1},
    UUID(int=4): {"CHAIN": 2, "RING": 2},
}
FIRST_UNITS = {"CHAIN": 4, "RING": 3}
orders = st.sampled_from(list(ORDERS))
skus = st.sampled_from(list(FIRST_UNITS))


@dataclass
class Shelf:
    """What the model knows of one product."""

    postgres: OnHand
    on_hand: int
    version: int
    server: str
    # The load that told Redis; Postgres has it too.
    epoch: int
    is_known: bool = True
    # Orders that hold units, and whether their time is over though nobody looked since.
    reserved: dict[UUID, bool] = field(default_factory=dict)
    paid: set[UUID] = field(default_factory=set)

    @property
    def sku(self) -> str:
        return self.postgres.sku

    def units(self, held_by: Iterable[UUID]) -> int:
        return sum(ORDERS[order][self.sku] for order in held_by)

    def available(self, but: UUID | None = None) -> int:
        """Tell what nobody holds, an order's own reservation set aside."""
        others = self.reserved.keys() - {but}
        return max(self.on_hand - self.units(others) - self.units(self.paid), 0)

    def tidy(self, but: UUID | None = None) -> None:
        """Give back what has run out; an order's own is given up or renewed, as it succeeds."""
        self.reserved = {
            order: is_over
            for order, is_over in self.reserved.items()
            if order == but or not is_over
        }

    def keys(self) -> tuple[Any, ...]:
        """Write the product as its keys have it."""
        paid = {str(order): str(ORDERS[order][self.sku]) for order in self.paid}
        if not self.is_known:
            return {}, [], paid
        numbers = {
            "on_hand": str(self.on_hand),
            "version": str(self.version),
            "server": self.server,
            "epoch": str(self.epoch),
            "limit": "0",
            "reserved": str(self.units(self.reserved)),
            "committed": str(self.units(self.paid)),
        }
        return (
            numbers,
            sorted(f"{order}:{ORDERS[order][self.sku]}:{MEERA}" for order in self.reserved),
            paid,
        )

    def show(self, number: OnHand) -> None:
        if self.is_known and number.version > self.version:
            self.on_hand, self.version = number.on_hand, number.version


class Stock(RuleBasedStateMachine):
    """The scripts and the model, told the same."""

    numbers = Bundle("numbers")
    deductions = Bundle("deductions")

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self.redis = redis
        redis.flushall()
        server = redis.info("server")["run_id"]
        self.loads = 0
        self.shelves = {}
        self.deducted: set[UUID] = set()
        for sku, units in FIRST_UNITS.items():
            number = OnHand(sku, units, 1)
            self.shelves[sku] = Shelf(number, units, 1, server, epoch=0, is_known=False)
        self.load(is_forced=False)

    def lines(self, order: UUID) -> list[Shelf]:
        return [self.shelves[sku] for sku in ORDERS[order]]

    def told(self, call, what: Claim | list[str], **kwargs):
        """Call a script; what it returns, or what it refuses with."""
        try:
            return call(self.redis, what, **kwargs)
        except InsufficientStock as refusal:
            return {line["sku"]: line["available"] for line in refusal.members["lines"]}
        except UnknownToRedisError as unknown:
            return unknown.skus
        except ReservationCommitted:
            return "committed"

    def unknown(self, order: UUID) -> tuple[str, ...]:
        return tuple(line.sku for line in self.lines(order) if not line.is_known)

    def epochs(self, order: UUID) -> dict[str, int]:
        return {line.sku: line.epoch for line in self.lines(order)}

    def take(self, order: UUID, needs: dict[str, int]) -> dict[str, int]:
        """Return what has run out, and what each line falls short of what it needs."""
        for line in self.lines(order):
            line.tidy(but=order)
        return {
            line.sku: line.available(but=order)
            for line in self.lines(order)
            if line.available(but=order) < needs.get(line.sku, 0)
        }

    def live(self, line: Shelf, order: UUID) -> bool:
        return line.reserved.get(order) is False

    @initialize(first=st.lists(orders, min_size=2, unique=True))
    def some_have_reserved(self, first: list[UUID]) -> None:
        for order in first:
            self.reserve(order)

    @rule(order=orders)
    def reserve(self, order: UUID) -> None:
        told = self.told(scripts.reserve, claim(order, ORDERS[order]), lifetime_ms=QUARTER_HOUR)
        if self.unknown(order):
            assert told == self.unknown(order)
        elif any(order in line.paid for line in self.lines(order)):
            assert told is None
        else:
            needs = {
                line.sku: ORDERS[order][line.sku]
                for line in self.lines(order)
                if not self.live(line, order)
            }
            short = self.take(order, needs)
            if short:
                assert told == short
            else:
                assert (told.taken, told.epochs) == (needs.keys(), self.epochs(order))
                for line in self.lines(order):
                    line.reserved[order] = False

    @rule(order=orders)
    def extend(self, order: UUID) -> None:
        is_held = all(line.is_known and self.live(line, order) for line in self.lines(order))
        is_paid = any(order in line.paid for line in self.lines(order))

        told = self.told(scripts.extend, claim(order, ORDERS[order]), lifetime_ms=2 * QUARTER_HOUR)

        if self.unknown(order):
            assert told == self.unknown(order)
            return
        assert (told is not None) == (is_held and not is_paid)
        if told is not None:
            assert told.epochs == self.epochs(order)

    @rule(order=orders)
    def commit(self, order: UUID) -> None:
        # Looked up in Postgres, before Redis is asked.
        if order in self.deducted:
            return
        told = self.told(scripts.commit, claim(order, ORDERS[order]))
        if self.unknown(order):
            assert told == self.unknown(order)
            return
        needs = {
            line.sku: ORDERS[order][line.sku]
            for line in self.lines(order)
            if order not in line.paid and not self.live(line, order)
        }
        short = self.take(order, needs)
        assert told == (short or self.epochs(order))
        if not short:
            for line in self.lines(order):
                line.reserved.pop(order, None)
                line.paid.add(order)

    @rule(order=orders)
    def release(self, order: UUID) -> None:
        told = self.told(scripts.release, claim(order, ORDERS[order]))
        if any(order in line.paid for line in self.lines(order)):
            assert told == "committed"
            return
        # What it tells is of products that Redis does not know.
        assert told == list(self.unknown(order))
        for line in self.lines(order):
            line.reserved.pop(order, None)

    @rule(order=orders, held=st.sets(skus, min_size=1))
    def run_out(self, order: UUID, held: set[str]) -> None:
        past_ms = now_ms(self.redis) - 1
        for line in self.lines(order):
            if line.sku in held and line.is_known and order in line.reserved:
                set_deadline(self.redis, order, past_ms, **{line.sku: ORDERS[order][line.sku]})
                line.reserved[order] = True

    @rule(order=orders, target=deductions)
    def deduct_in_postgres(self, order: UUID):
        lines = self.lines(order)
        if order in self.deducted or not all(order in line.paid for line in lines):
            return multiple()
        for line in lines:
            left = line.postgres.on_hand - ORDERS[order][line.sku]
            assert left >= 0
            line.postgres = OnHand(line.sku, left, line.postgres.version + 1)
        self.deducted.add(order)
        return order, [line.postgres for line in lines]

    @rule(deduction=deductions)
    def settle(self, deduction) -> None:
        order, numbers = deduction
        scripts.settle(self.redis, claim(order, ORDERS[order]), numbers)
        for number in numbers:
            self.shelves[number.sku].paid.discard(order)
            self.shelves[number.sku].reserved.pop(order, None)
            self.shelves[number.sku].show(number)

    @rule(sku=skus, units=st.integers(1, 2), target=numbers)
    def receive_in_postgres(self, sku: str, units: int) -> OnHand:
        line = self.shelves[sku]
        line.postgres = OnHand(sku, line.postgres.on_hand + units, line.postgres.version + 1)
        return line.postgres

    @rule(number=numbers)
    def sync(self, number: OnHand) -> None:
        scripts.sync(self.redis, [number])
        self.shelves[number.sku].show(number)

    @rule(sku=skus)
    def forget(self, sku: str) -> None:
        self.redis.delete(keys.stock(sku), keys.reservations(sku))
        self.shelves[sku].is_known = False

    @rule(is_forced=st.booleans())
    def load(self, *, is_forced: bool) -> None:
        self.loads += 1
        for line in self.shelves.values():
            self.load_one(line, is_forced=is_forced)

    def load_one(self, line: Shelf, *, is_forced: bool) -> None:
        now = now_ms(self.redis)
        pending = tuple(
            Pending(
                order, ORDERS[order][line.sku], MEERA, now - 1 if is_over else now + QUARTER_HOUR
            )
            for order, is_over in line.reserved.items()
        )
        undeducted = {str(o): (MEERA, ORDERS[o][line.sku]) for o in line.paid - self.deducted}
        known = Known(line.postgres, 0, pending, undeducted)
        present = None if is_forced else line.epoch

        told = scripts.load(self.redis, known, present=present, epoch=self.loads)

        assert told == (is_forced or not line.is_known)
        if told:
            assert scripts.publish(self.redis, line.sku, epoch=self.loads)
            line.is_known, line.epoch = True, self.loads
            line.on_hand, line.version = line.postgres.on_hand, line.postgres.version
            line.paid -= self.deducted

    @rule(sku=skus)
    def look(self, sku: str) -> None:
        told = self.told(scripts.levels, [sku])
        line = self.shelves[sku]
        if not line.is_known:
            assert told == (sku,)
            return
        line.tidy()
        numbers = Levels(line.on_hand, line.units(line.reserved), line.units(line.paid))
        assert told == {sku: numbers}

    @invariant()
    def redis_and_the_model_agree(self) -> None:
        assert self.read() == {sku: line.keys() for sku, line in self.shelves.items()}

    @invariant()
    def nothing_is_promised_that_postgres_does_not_have(self) -> None:
        for line in self.shelves.values():
            live = {order for order in line.reserved if self.live(line, order)}
            free = line.postgres.on_hand - line.units(line.paid - self.deducted) - line.units(live)
            assert free >= 0
            if line.is_known:
                assert line.available() <= free

    def read(self) -> dict[str, tuple[Any, ...]]:
        """Read the keys of every product as they are, in one go."""
        pipeline = self.redis.pipeline(transaction=False)
        for sku in self.shelves:
            pipeline.hgetall(keys.stock(sku))
            pipeline.zrange(keys.reservations(sku), 0, -1)
            pipeline.hgetall(keys.committed(sku))
        answers = pipeline.execute()
        return {
            sku: (answers[3 * n], sorted(answers[3 * n + 1]), answers[3 * n + 2])
            for n, sku in enumerate(self.shelves)
        }


def test_redis_and_a_model_agree_whatever_happens_in_whatever_order(redis):
    run_state_machine_as_test(
        partial(Stock, redis),
        settings=settings(
            max_examples=80,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
