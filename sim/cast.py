"""The cast: who takes part in a history, and what they do as their seed tells them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import workers.drain
from app.checkout.pay import open_payment
from app.checkout.start import start_checkout
from app.checkout.verify import verify_payment
from app.core.actors import acting
from app.core.ids import keyed_id
from app.core.redis_client import redis
from app.fulfilment.cancel import Wish, cancel_order
from app.inventory import adjustments, stock
from app.inventory.adjustments import Change
from app.treasury.refund import request_refund
from app.webhooks import inbox
from sandbox import orders as bank_orders
from sandbox import payments as bank_payments
from sandbox.driver import triple
from sandbox.entities import Entity
from sandbox.errors import ApiError
from sim.house import House, Product, customer
from sim.record import Record, outcome_of, short_lines
from sim.stage import Actor, Stage
from workers import payments as payments_worker
from workers import stock as stock_worker
from workers.expiry import expire_orders

ADDRESS = {
    "name": "Meera Iyer", "phone": "+919876543210", "line1": "14 Temple Street",
    "line2": None, "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
NOTHING = dict.fromkeys(
    (
        "coupon_code", "contact", "shipping_address_id", "billing_address_id", "billing_address",
        "expected_total", "pan", "notes",
    )
)  # fmt: skip
MOST_TRIES = 3
# None of them adds up to a lifetime: a time to live in Redis is only about as long as it says.
PAUSES_MS = (7_000, 31_000, 31_000, 301_000, 301_000, 977_000, 2_501_000)


@dataclass
class Sale:
    """An order of a buyer, and what they know of it."""

    buyer: UUID
    order_id: UUID
    units: dict[str, int]
    opened: dict[str, Any] | None = None
    is_cancelled: bool = False


@dataclass
class Cast:
    """Everybody who takes part in one history."""

    house: House
    stage: Stage
    record: Record
    products: Sequence[Product]
    random: Random
    sales: list[Sale] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    references: int = 0
    buying: int = 0

    def enter(self, buyers: int) -> None:
        """Let everybody take part."""
        self.buying = buyers
        for number in range(buyers):
            self.stage.add(f"buyer{number}", lambda actor, n=number: self._buy(actor, n))
        self._add("webhooks", lambda: workers.drain.drain("webhooks"), turns=3)
        self._add("webhooks2", lambda: workers.drain.drain("webhooks"), turns=2)
        self._add("payments", lambda: workers.drain.drain("payments"), turns=2)
        self._add("clock", self._clockwork, turns=2)
        self._add("gateway", self._deliver, turns=4)
        self._add("staff", self._adjust, turns=1)
        self._add("reader", self._read, turns=1)
        self.stage.add("time", self._let_time_pass)

    def _add(self, name: str, work: Callable[[], Any], *, turns: int) -> None:
        def body(actor: Actor) -> None:
            left = self.random.randint(1, turns)
            while left:
                # As long as there are buyers there is work; then all go home, one by one.
                left -= not self.buying
                self._wait()
                with self.stage.mortal(actor), acting(f"worker:{name}"):
                    self._tell(actor, "did", outcome_of(work)[0])

        self.stage.add(name, body)

    def _wait(self) -> None:
        """Have nothing to do for a while."""
        for _ in range(self.random.randint(0, 40)):
            self.stage.give_way("idles")

    def _tell(self, actor: Actor, what: str, outcome: object) -> None:
        self.stage.tape.append(f"{actor.name} {what}: {outcome}")

    # Buyers.

    def _buy(self, actor: Actor, number: int) -> None:
        for round_ in range(self.random.randint(1, 2)):
            self._wait()
            sale = self._check_out(actor, customer(number), f"key-{round_}")
            if sale is None:
                continue
            for step in self._plan():
                self._wait()
                step(actor, sale)
        self.buying -= 1

    def _plan(self) -> list[Callable[[Actor, Sale], None]]:
        """Draw what a buyer does with an order: most pay for it."""
        pay, cancel, verify = self._pay, self._cancel, self._verify
        return self.random.choice(
            [
                [self._open, pay], [self._open, pay], [self._open, pay, verify],
                [self._open, pay, pay], [self._open, cancel, pay], [self._open, pay, cancel],
                [self._open, pay, self._refund], [self._promise], [self._promise, cancel],
                [cancel], [], [self._open],
            ]
        )  # fmt: skip

    def _check_out(self, actor: Actor, buyer: UUID, key: str) -> Sale | None:
        lines = min(self.random.choice((1, 1, 2)), len(self.products))
        chosen = self.random.sample(self.products, lines)
        units = {one.sku: self.random.choice((1, 1, 2)) for one in chosen}
        body = NOTHING | {"lines": units, "shipping_address": ADDRESS}
        secret = self.house.settings.secret_key.get_secret_value()
        order_id = keyed_id(secret, "order", str(buyer), key)
        for _ in range(self.random.randint(1, MOST_TRIES)):
            called = self.record.now()
            with self.stage.mortal(actor):
                word, said = outcome_of(
                    lambda: start_checkout(
                        self.house.settings, customer_id=buyer, key=key, body=body
                    )
                )
                is_disturbed = actor.is_disturbed
            self._tell(actor, f"checks out {units}", word)
            if word == "ok":
                if not said.is_replay:
                    self.record.happened("reserve", called, str(order_id), units)
                sale = Sale(buyer, order_id, units)
                self.sales.append(sale)
                return sale
            if word == "insufficient_stock" and not is_disturbed:
                self.record.refused(called, str(order_id), units, short_lines(said))
                return None
            if word == "request_in_flight":
                continue
            self.record.unknown("reserve", called, str(order_id), units)
        return None

    def _open(self, actor: Actor, sale: Sale) -> None:
        for _ in range(self.random.randint(1, MOST_TRIES)):
            with self.stage.mortal(actor):
                word, said = outcome_of(lambda: open_payment(sale.order_id, customer_id=sale.buyer))
            self._tell(actor, "opens", word)
            if word == "ok":
                sale.opened = said
                return

    def _promise(self, actor: Actor, sale: Sale) -> None:
        for _ in range(self.random.randint(1, MOST_TRIES)):
            with self.stage.mortal(actor):
                word, _ = outcome_of(
                    lambda: open_payment(
                        sale.order_id, customer_id=sale.buyer, gateway_name="cash_on_delivery"
                    )
                )
            self._tell(actor, "promises", word)
            if word not in ("killed", "service_unavailable", "stale_epoch"):
                return

    def _pay(self, actor: Actor, sale: Sale) -> None:
        if sale.opened is None:
            return
        outcome = self.random.choice(("captured", "captured", "captured", "authorized", "failed"))
        options = {"amount": 100} if self.random.random() < 0.08 else {}  # noqa: PLR2004
        try:
            with self.house.bank.store.transaction() as books:
                order = bank_orders.find(books, sale.opened["razorpay_order_id"])
                attempt = bank_payments.Attempt(method="upi", **options)
                payment = bank_payments.begin(books, order, attempt)
                events = bank_payments.conclude(books, payment, outcome)
                self.house.bank.webhooks.announce(books, events, "none")
        except ApiError as refused:
            self._tell(actor, "pays", refused.body["error"]["description"][:40])
        else:
            self._tell(actor, "pays", outcome)

    def _verify(self, actor: Actor, sale: Sale) -> None:
        if sale.opened is None:
            return
        with self.house.bank.store.transaction() as books:
            tries = [
                one for one in books.list("payment")
                if one["order_id"] == sale.opened["razorpay_order_id"]
            ]  # fmt: skip
        if tries:
            proof = triple(self.house.bank, tries[0])
            with self.stage.mortal(actor):
                word, _ = outcome_of(
                    lambda: verify_payment(
                        customer_id=sale.buyer, gateway_name="razorpay",
                        gateway_order_id=proof["razorpay_order_id"], proof=proof,
                        lifetime_seconds=self.house.settings.reservation_extension_seconds,
                    )
                )  # fmt: skip
            self._tell(actor, "verifies", word)

    def _cancel(self, actor: Actor, sale: Sale) -> None:
        wish = Wish(f"customer:{sale.buyer}", None, "normal", customer_id=sale.buyer)
        called = self.record.now()
        with self.stage.mortal(actor):
            word, _ = outcome_of(lambda: cancel_order(sale.order_id, wish))
            is_disturbed = actor.is_disturbed
        self._tell(actor, "cancels", word)
        if word == "ok":
            is_certain = not is_disturbed and not sale.is_cancelled
            self.record.happened(
                "release", called, str(sale.order_id), sale.units, is_certain=is_certain
            )
        elif word in ("killed", "service_unavailable", "commit_unknown", "stale_epoch"):
            for sku in sale.units:
                self.record.write(sku, "release", called, order=str(sale.order_id), may=True)
        sale.is_cancelled = True

    def _refund(self, actor: Actor, sale: Sale) -> None:
        if sale.opened is None:
            return
        self.references += 1
        reference = f"r{self.references}"
        with self.stage.mortal(actor):
            word, _ = outcome_of(
                lambda: request_refund(
                    sale.opened["payment_id"],  # type: ignore[index]
                    amount=self.random.choice((None, 100, 5_000)), reason="worn",
                    reference=reference, actor="staff:1", speed="normal",
                )
            )  # fmt: skip
        self._tell(actor, "refunds", word)

    # The gateway, staff, the clock.

    def untold(self) -> list[Entity]:
        """List the events that the gateway has not brought yet."""
        with self.house.bank.store.transaction() as books:
            return [one for one in books.list("event")[::-1] if one["id"] not in self.told]

    def bring(self, event: Entity) -> None:
        """Bring an event to the shop's door."""
        inbox.receive(
            "razorpay", event["body"].encode(),
            headers={
                "X-Razorpay-Event-Id": event["id"], "X-Razorpay-Signature": event["signature"],
            },
            lifetime_seconds=self.house.settings.reservation_extension_seconds,
        )  # fmt: skip
        self.told.add(event["id"])

    def _deliver(self) -> None:
        """Bring some event, whichever it is; some come twice, some are lost."""
        events = self.untold()
        if not events:
            return
        event = self.random.choice(events)
        fate = self.random.random()
        if fate < 0.15:  # noqa: PLR2004
            self.told.add(event["id"])
            return
        self.bring(event)
        if fate > 0.75:  # noqa: PLR2004
            self.bring(event)

    def _clockwork(self) -> None:
        self.random.choice(
            [
                expire_orders, expire_orders, stock_worker.sweep_reservations,
                payments_worker.poll_payments, payments_worker.poll_payments,
                payments_worker.poll_refunds, self._reconcile, lambda: workers.drain.drain("stock"),
            ]
        )()  # fmt: skip

    def _reconcile(self) -> None:
        stock_worker.start_reconciliation()
        workers.drain.drain("stock")

    def _adjust(self) -> None:
        """Book a change of the shelf, asked for again where no answer came."""
        self.references += 1
        product = self.random.choice(self.products)
        delta = self.random.choice((-2, -1, -1, 1, 2))
        changes = [Change(product.sku, "adjustment", delta, "counted")]
        called, actor = self.record.now(), self.stage.current
        reference = f"a{self.references}"
        word, is_ours = outcome_of(
            lambda: adjustments.adjust(redis(), changes, reference=reference, actor="staff:1")
        )
        is_disturbed = actor is None or actor.is_disturbed
        self.record.adjusted(called, product.sku, delta, word, is_ours, is_disturbed=is_disturbed)

    def _read(self) -> None:
        called, actor = self.record.now(), self.stage.current
        skus = [product.sku for product in self.products]
        word, found = outcome_of(lambda: stock.levels(redis(), skus))
        if word == "ok" and actor is not None and not actor.is_disturbed:
            answered = self.record.now()
            for sku, levels in found.items():
                self.record.write(
                    sku, "read", called, answered=answered, seen=levels.available
                )  # fmt: skip

    def _let_time_pass(self, actor: Actor) -> None:
        flushes = self.random.random() < 0.3  # noqa: PLR2004
        for _ in range(self.random.randint(0, 6)):
            self._wait()
            with self.record.aside():
                if flushes and self.random.random() < 0.5:  # noqa: PLR2004
                    self._tell(actor, "flushes", "Redis")
                    self.house.moment.flush()
                else:
                    pause_ms = self.random.choice(PAUSES_MS)
                    self._tell(actor, "passes", pause_ms)
                    self.house.moment.pass_by(pause_ms)
            self.record.time_passed([product.sku for product in self.products])
