"""One order's way through the shop, as the model has it: each step of it by itself."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock
from uuid import UUID

from psycopg.errors import UniqueViolation
from redis import Redis
from sqlalchemy import text, update

from app.checkout.extend import extend_reservation
from app.core.db import transaction
from app.inventory import counters, keys, ledger, reservations, scripts
from app.inventory.errors import (
    InsufficientStock,
    NotReturnable,
    PurchaseLimitExceeded,
    ReservationCommitted,
    StaleEpoch,
)
from app.inventory.models import Reservation
from app.inventory.terms import Booking, Claim, OnHand, Reserved
from app.orders import orders
from app.orders.models import Order
from tests.races.placing import place

# Over how many counters products are split, as Postgres has it.
_COUNTERS = text("""
    SELECT sku, coalesce(cardinality(on_hand_by_counter), 1) FROM products WHERE sku = ANY(:skus)
""")
TTL_SECONDS = 900
EXTENSION_SECONDS = 1800


class CrashError(Exception):
    """The process is gone: what Postgres had not committed is undone, and nothing comes after."""


@dataclass
class Deal:
    """What is known of one order, in Postgres and by those who were told of it."""

    claim: Claim
    status: str = "unwritten"
    # What Redis said and nobody has written down yet; what those who failed have to give back.
    reserved: Reserved | None = None
    fences: list[Reserved] = field(default_factory=list)
    is_lapsed: bool = False
    is_to_release: bool = False
    # What Redis has committed and Postgres has not deducted; and the epochs at which a late payment
    # took it anew, since a limit that is set later, by a load, is none of its business.
    epochs: dict[str, int] | None = None
    is_paid: bool = False
    retaken_at: dict[str, int] = field(default_factory=dict)
    is_to_settle: bool = False
    numbers: list[OnHand] | None = None
    returned: Counter[str] = field(default_factory=Counter)

    @property
    def is_payable(self) -> bool:
        return "confirmed" in orders.TRANSITIONS.get(self.status, ())

    @property
    def is_open(self) -> bool:
        return self.status == "pending"

    def reserve(self, redis: Redis) -> bool:
        """Tell whether this took or renewed a reservation that nobody stands on yet."""
        try:
            reserved = reservations.reserve(redis, self.claim, lifetime_seconds=TTL_SECONDS)
        except (InsufficientStock, PurchaseLimitExceeded):
            return False
        if reserved is None:
            return False
        if self.reserved is not None:
            # A request that was overtaken by another one of the same key.
            self.fences.append(self.reserved)
        self.reserved = reserved
        self.is_lapsed = self.is_lapsed and self.status != "unwritten"
        return True

    def remember(self, *, crashes: bool) -> bool:
        """Tell whether the order is written now."""
        reserved, self.reserved = self.reserved, None
        try:
            crash_if(crashes)
            place(self.claim, reserved)
        except (StaleEpoch, UniqueViolation):
            self.fences.append(reserved)
            return False
        except CrashError:
            return False
        self.status = "pending"
        return True

    def give_back(self, redis: Redis) -> None:
        with suppress(ReservationCommitted):
            reservations.release(redis, self.claim, fence=self.fences.pop(0))

    def extend(self, *, crashes: bool, meanwhile: Callable[[], Any] | None = None) -> None:
        """``meanwhile`` happens after Redis has extended it and before Postgres does."""
        really = scripts.extend

        def instead(*args: Any, **options: Any) -> Any:
            extended = really(*args, **options)
            if meanwhile is not None:
                meanwhile()
            crash_if(crashes)
            return extended

        try:
            with mock.patch.object(scripts, "extend", instead):
                deadline = extend_reservation(self.claim, lifetime_seconds=EXTENSION_SECONDS)
        except (StaleEpoch, CrashError):
            return
        self.is_lapsed = self.is_lapsed and deadline is None

    def end(self, status: str) -> None:
        """Cancel or expire in Postgres; the release in Redis comes after."""
        state = {"cancelled": "released", "expired": "expired"}[status]
        with transaction() as session:
            order = orders.lock(session, self.claim.id)
            orders.move(session, order, status, actor="test")
            reservations.resolve(session, order.id, state)
        self.status = status
        self.is_to_release = True

    def release(self, redis: Redis) -> None:
        self.is_to_release = False
        with suppress(ReservationCommitted):
            reservations.release(redis, self.claim)

    def lapse(self, redis: Redis) -> None:
        """Let its time be over, by Redis' clock and by Postgres' copy."""
        seconds, _ = redis.time()
        past_ms = seconds * 1000 - 1
        with transaction() as session:
            self._move_deadline(session, reservations.instant(past_ms))
            split = dict(session.execute(_COUNTERS, {"skus": list(self.claim.units)}).all())
        for sku, units in self.claim.units.items():
            member = keys.member(self.claim.id, units, self.claim.buyer)
            counter = counters.of_claim(self.claim, sku, split[sku])
            redis.zadd(keys.reservations(counter), {member: past_ms}, xx=True)
        redis.delete(keys.reservation(self.claim.id))
        if self.reserved is not None:
            lines = self.reserved.lines.items()
            self.reserved = Reserved({s: replace(h, deadline_ms=past_ms) for s, h in lines})
        self.is_lapsed = True

    def _move_deadline(self, session, deadline) -> None:
        session.execute(update(Order).where(Order.id == self.claim.id).values(expires_at=deadline))
        session.execute(
            update(Reservation)
            .where(Reservation.order_id == self.claim.id, Reservation.state == "pending")
            .values(deadline_at=deadline)
        )

    def commit(self, redis: Redis) -> bool:
        """Tell whether the units are the payer's; otherwise the money goes back."""
        try:
            self.epochs = reservations.commit(redis, self.claim)
        except (InsufficientStock, PurchaseLimitExceeded):
            self.epochs = None
        self.is_paid = self.epochs is not None
        return self.is_paid

    def deduct(self, redis: Redis, *, crashes: bool) -> bool:
        """Tell whether the order is confirmed now; where Redis was told anew the job runs again."""
        epochs, self.epochs = self.epochs, None
        try:
            with transaction() as session:
                order = orders.lock(session, self.claim.id)
                order.payment_status = "captured"
                orders.move(session, order, "confirmed", actor="test")
                booking = Booking(f"sale:{order.id}", "test", order_id=order.id)
                ledger.deduct(session, redis, self.claim, epochs, booking)
                reservations.resolve(session, order.id, "committed")
                crash_if(crashes)
        except (StaleEpoch, CrashError):
            return False
        self.status = "confirmed"
        self.is_to_settle = True
        return True

    def read(self) -> None:
        """Read the numbers that a settle will show, maybe much later."""
        with transaction() as session:
            self.numbers = ledger.numbers(session, list(self.claim.units), buyer=self.claim.buyer)

    def settle(self, redis: Redis) -> None:
        if self.numbers is None:
            self.read()
        ledger.settle(redis, self.claim, self.numbers)
        self.numbers = None
        self.is_to_settle = False

    def restock(self, sku: str, units: int, written_off: str | None) -> Claim | None:
        """Take units back; returns what has to be settled then."""
        left = self.claim.units[sku] - self.returned[sku]
        booking = Booking(f"return:{self.claim.id}:{self.returned[sku]}", "staff")
        try:
            with transaction() as session:
                back = ledger.restock(
                    session, self.claim.id, {sku: units}, booking, written_off=written_off
                )
        except NotReturnable:
            assert units > left
            return None
        assert back == Claim(self.claim.id, self.claim.buyer, {sku: units})
        assert units <= left
        self.returned[sku] += units
        return back


@dataclass
class Leaving:
    """Units that staff take off: committed in Redis, not booked yet."""

    claim: Claim
    epochs: dict[str, int] | None

    def book(self, redis: Redis, kind: str, *, crashes: bool) -> None:
        epochs, self.epochs = self.epochs, None
        booking = Booking(f"adjustment:{self.claim.id}", "staff", "counted")
        with suppress(StaleEpoch, CrashError), transaction() as session:
            ledger.deduct(session, redis, self.claim, epochs, booking, kind=kind)
            crash_if(crashes)

    def show(self, redis: Redis) -> None:
        """Drop what was to leave, booked or not."""
        with transaction() as session:
            numbers = ledger.numbers(session, list(self.claim.units))
        ledger.settle(redis, self.claim, numbers)


def of(order_id: UUID, buyer: str, units: dict[str, int]) -> Deal:
    return Deal(Claim(order_id, buyer, units))


def crash_if(crashes: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if crashes:
        raise CrashError
