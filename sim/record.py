"""What was asked of the stock and answered, for each SKU, as sim/linear.py reads it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from app.checkout import pay
from app.checkout.errors import ReservationExpired
from app.core.problems import Problem
from app.inventory import keys
from app.inventory.errors import InsufficientStock
from app.payments.terms import AttemptNews
from app.treasury import capture, news
from sim.house import House, Product
from sim.linear import Op
from sim.stage import KilledError, Stage
from workers import expiry
from workers import payments as payments_worker

Units = Mapping[str, int]
_really_complete = news.complete_payments
_really_promise = pay.promise_payment
_really_expire = expiry.expire_order


class Record:
    """The operations of one history, and the wrappers that write them down."""

    def __init__(self, house: House, stage: Stage, products: Sequence[Product]) -> None:
        """Begin to write."""
        self._limited = {product.sku for product in products if product.limit}
        self.ops: dict[str, list[Op]] = defaultdict(list)
        self._house, self._stage = house, stage
        self._stamp = 0
        # The deadline by which an order's units were seen to have run out, by order and SKU.
        self._lapsed: dict[tuple[str, str], int] = {}
        news.complete_payments = capture.complete_payments = self._complete
        pay.promise_payment = payments_worker.promise_payment = self._promise
        expiry.expire_order = self._expire

    def now(self) -> int:
        """Give this moment a number."""
        self._stamp += 1
        return self._stamp

    def write(self, sku: str, kind: str, called: int, **more: Any) -> None:
        """Write an operation down."""
        self.ops[sku].append(Op(kind, called, **more))

    def happened(
        self, kind: str, called: int, order: str, units: Units, *, is_certain: bool = True
    ) -> None:
        """Write what was done to all lines of an order, by now where that is certain."""
        answered = self.now() if is_certain else None
        for sku, count in units.items():
            self.write(sku, kind, called, answered=answered, order=order, units=count)

    def unknown(
        self, kind: str, called: int, order: str, units: Units, *, until: int | None = None
    ) -> None:
        """Write what may have been done to an order's lines, and may have been undone."""
        for sku, count in units.items():
            for one in (kind, "release"):
                self.write(sku, one, called, answered=until, order=order, units=count, may=True)

    def refused(self, called: int, order: str, units: Units, short: Mapping[str, int]) -> None:
        """Write that a checkout was refused, since these lines were short."""
        answered = self.now()
        for sku, count in units.items():
            kind = "refuse" if sku in short else "spare"
            self.write(
                sku, kind, called, answered=answered, order=order, units=count, seen=short.get(sku)
            )

    def adjusted(
        self, called: int, sku: str, delta: int, word: str, is_ours: object, *, is_disturbed: bool
    ) -> None:
        """Write what came of booking a change of the shelf."""
        answered = self.now()
        if word == "insufficient_stock" and not is_disturbed:
            self.write(sku, "refuse_adjust", called, answered=answered, units=delta)
            return
        is_known = word == "ok" and bool(is_ours)
        if is_known:
            self.write(sku, "adjust", called, answered=answered, units=delta)
        else:
            for units in (delta, -delta):
                self.write(sku, "adjust", called, units=units, may=True)
        if delta < 0:
            until = answered if is_known and not is_disturbed else None
            self._count_twice(called, f"leaving {called}", {sku: -delta}, until=until)

    # What is seen from outside: the books themselves, without being at work oneself.

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Look at the servers without taking part."""
        actor, self._stage.current = self._stage.current, None
        try:
            yield
        finally:
            self._stage.current = actor

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask Postgres aside."""
        with self.aside():
            return self._house.sql.execute(query, parameters).fetchall()

    def time_passed(self, skus: Iterable[str]) -> None:
        """Write whose units have run out by now."""
        now_ms = self._house.moment.now_ms
        with self.aside():
            redis = self._house.redis
            split = dict(self._house.sql.execute(_COUNTERS).fetchall())
            in_redis = {
                sku: [
                    held
                    for name in keys.counters(sku, split[sku])
                    for held in redis.zrange(keys.reservations(name), 0, -1, withscores=True)
                ]
                for sku in skus
            }
        held: dict[tuple[str, str], list[int]] = defaultdict(list)
        for sku, members in in_redis.items():
            for member, score in members:
                held[member.partition(":")[0], sku].append(int(score))
        for order_id, sku, deadline_ms in self.rows(_PENDING):
            held[str(order_id), sku].append(int(deadline_ms))
        called = self.now()
        for (order, sku), deadlines in sorted(held.items()):
            if min(deadlines) > now_ms or self._lapsed.get((order, sku)) == max(deadlines):
                continue
            is_over = max(deadlines) <= now_ms
            if is_over:
                self._lapsed[order, sku] = max(deadlines)
            answered = self.now() if is_over else None
            self.write(sku, "expire", called, answered=answered, order=order, may=not is_over)

    # Stories that workers tell.

    def _complete(self, captures: list[AttemptNews]) -> None:
        if self._stage.current is None:
            _really_complete(captures)
            return
        actor, called = self._stage.current, self.now()
        was_disturbed, actor.is_disturbed = actor.is_disturbed, False
        ids = [captured.gateway_payment_id for captured in captures]
        names = [captured.gateway_order_id for captured in captures]
        open_ids = set(ids) - {name for (name,) in self.rows(_DECIDED, ids)}
        lines = self._lines_of_payments(names)
        try:
            _really_complete(captures)
        except (KilledError, Exception):
            for order, units in lines.items():
                self.unknown("commit", called, order, units)
                self._count_twice(called, order, units, until=None)
            raise
        finally:
            is_disturbed = actor.is_disturbed
            actor.is_disturbed = is_disturbed or was_disturbed
        for payment_id, order_id, outcome, reason in self.rows(_OUTCOMES, ids):
            order, until = str(order_id), None if is_disturbed else self.now()
            units, is_told_again = lines[order], payment_id not in open_ids
            if outcome == "kept" and not is_told_again:
                self.happened("commit", called, order, units)
            elif outcome == "refunded" and is_told_again:
                # The units of an order that is not confirmed are taken, and given back.
                self.unknown("commit", called, order, units, until=until)
            elif outcome == "refunded":
                self._sent_back(called, order, units, None if is_disturbed else reason)
            self._count_twice(called, order, units, until=until)

    def _sent_back(self, called: int, order: str, units: Units, reason: str | None) -> None:
        """Write that a capture was sent back: whether units were short, or nobody knows."""
        if reason == "sold_out" and len(units) == 1:
            self._gone(called, order, units)
        else:
            self.unknown("commit", called, order, units)

    def _count_twice(self, called: int, order: str, units: Units, *, until: int | None) -> None:
        """Deducted, and not settled: what another one's settling shows lacks the units twice."""
        for sku, count in units.items():
            for kind in ("hide", "show"):
                self.write(sku, kind, called, answered=until, order=order, units=count, may=True)

    def _gone(self, called: int, order: str, units: Units) -> None:
        answered = self.now()
        for sku, count in units.items():
            self.write(sku, "refuse", called, answered=answered, order=order, units=count)

    def _promise(self, order_id: UUID, payment_id: UUID) -> None:
        if self._stage.current is None:
            _really_promise(order_id, payment_id)
            return
        called, order = self.now(), str(order_id)
        units = self._lines([order_id])[order]
        before = self._is_promised(order_id)
        try:
            _really_promise(order_id, payment_id)
        except ReservationExpired:
            is_told = len(units) == 1 and not self._stage.current.is_disturbed
            # Of a limited product it may have been the limit.
            if is_told and not self._limited.intersection(units):
                self._gone(called, order, units)
            raise
        except (KilledError, Exception):
            self.unknown("commit", called, order, units)
            self._count_twice(called, order, units, until=None)
            raise
        if not before and self._is_promised(order_id):
            self.happened("commit", called, order, units)
        else:
            self.unknown("commit", called, order, units)
        is_disturbed = self._stage.current.is_disturbed
        self._count_twice(called, order, units, until=None if is_disturbed else self.now())

    def _expire(self, order_id: UUID, *, now: Any) -> bool:
        if self._stage.current is None:
            return _really_expire(order_id, now=now)
        called, actor, order = self.now(), self._stage.current, str(order_id)
        units = self._lines([order_id])[order]
        try:
            is_expired = _really_expire(order_id, now=now)
        except (KilledError, Exception):
            for sku in units:
                self.write(sku, "expire", called, order=order, may=True)
            raise
        if is_expired:
            self.happened(
                "expire", called, order, units, is_certain=not actor.is_disturbed
            )  # fmt: skip
        return is_expired

    def _is_promised(self, order_id: UUID) -> bool:
        [(answer,)] = self.rows("SELECT pays_on_delivery FROM orders WHERE id = %s", order_id)
        return bool(answer)

    def _lines(self, order_ids: Iterable[UUID]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for order_id, sku, units in self.rows(_LINES, list(order_ids)):
            found[str(order_id)][sku] = units
        return found

    def _lines_of_payments(self, names: list[str]) -> dict[str, dict[str, int]]:
        query = "SELECT DISTINCT order_id FROM payments WHERE gateway_order_id = ANY(%s)"
        return self._lines([order_id for (order_id,) in self.rows(query, names)])


def short_lines(problem: InsufficientStock) -> dict[str, int]:
    """Read which lines were short, and what was available of them."""
    lines: Any = problem.members["lines"]
    return {line["sku"]: line["available"] for line in lines}


def outcome_of(call: Callable[[], Any]) -> tuple[str, Any]:
    """Make a call as a client would; returns how it ended, in a word, and its answer or problem."""
    try:
        return "ok", call()
    except KilledError:
        return "killed", None
    except Problem as problem:
        return problem.code(), problem


_COUNTERS = "SELECT sku, coalesce(cardinality(on_hand_by_counter), 1) FROM products"
_PENDING = """
    SELECT order_id, sku, round(extract(epoch FROM deadline_at) * 1000)
    FROM reservations JOIN products ON products.id = product_id WHERE state = 'pending'
    ORDER BY order_id, sku
"""
_DECIDED = """
    SELECT gateway_payment_id FROM payment_attempts
    WHERE gateway_payment_id = ANY(%s) AND outcome IS NOT NULL
"""
_OUTCOMES = """
    SELECT gateway_payment_id, order_id, outcome, (
        SELECT reason FROM refunds WHERE refunds.gateway_payment_id = tries.gateway_payment_id
        ORDER BY id LIMIT 1)
    FROM payment_attempts AS tries WHERE gateway_payment_id = ANY(%s) ORDER BY 1
"""
_LINES = """
    SELECT order_id, sku, quantity FROM order_lines WHERE order_id = ANY(%s) ORDER BY 1, position
"""
