"""A shop with few units and two gateways, and what has to be true of its money after every step."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant
from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.core.jobs import Job
from app.payments import keys
from app.payments.models import Payment, Refund
from tests import owners
from tests.builders import Customer, Shop
from tests.races import books, money_ledger
from tests.races.money_bank import Ambush, Back, Bank, Told, Try
from tests.races.money_crashes import dying
from tests.races.money_ledger import Ledger
from tests.tables import empty_tables

# So few of each that buyers meet; and how many one buyer may have, or 0.
UNITS = {"ring": 6, "chain": 3}
LIMITS = {"ring": 0, "chain": 2}
PRICE = 100_000
NUMBERS = count(1)
# A death at the so-many-th point; or a fault from the so-many-th call on, and for how many.
Mishap = int | tuple[str, int, int] | None


@dataclass(eq=False)
class Sale:
    """An order that a buyer knows of, with what was opened to pay it, gateway by gateway."""

    buyer: Customer = field(repr=False)
    order_id: str
    opened: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    proofs: list[dict[str, str]] = field(default_factory=list, repr=False)

    def gateway_order_id(self, gateway: str) -> str:
        name = "razorpay_order_id" if gateway == "razorpay" else "payment_intent"
        return self.opened[gateway][name]


class Watched(RuleBasedStateMachine):
    """The shop, its gateways, and the books of both."""

    def __init__(
        self, shop: Shop, bank: Bank, redis: Redis, session: Session, counts: Counter[str]
    ) -> None:
        super().__init__()
        self.shop, self.bank, self.redis, self.session = shop, bank, redis, session
        self.counts = counts
        self.is_broken = self.is_resting = False
        self.steps = 0
        self.trace: list[Any] = []
        self.empty_all()
        bank.begin_anew(counts)
        self.skus = {
            name: shop.product(name, UNITS[name], price=PRICE, purchase_limit=LIMITS[name])
            for name in UNITS
        }
        self.buyers = [shop.customer(), shop.customer()]
        self.admin = shop.customer(role="admin")
        self.sales: list[Sale] = []
        self.told: Counter[str] = Counter()
        self.references: list[tuple[str, dict[str, Any]]] = []
        self.seen = Ledger()
        self.theirs: list[Try] = []
        self.backs: list[Back] = []
        self.events: list[Told] = []
        self.count("examples")

    def empty_all(self) -> None:
        # Rows come in the order in which they are written then, so that each run is alike.
        empty_tables()
        self.shop.categories.clear()
        self.redis.flushall()
        owners.flush_queue()

    # What has to be true after every step.

    @invariant()
    def nobody_loses_a_rupee(self) -> None:
        with self.noticing():
            self.steps += 1
            before, self.seen = self.seen, money_ledger.read(self.session)
            known = {back.id for back in self.backs}
            self.theirs, self.backs = self.bank.tries(), self.bank.backs()
            self.events = self.bank.events()
            failed = {back.id for back in self.backs if back.status == "failed"}
            money_ledger.check(before, self.seen, failed=failed)
            self.check_gateways()
            new = [back for back in self.backs if back.receipt and back.id not in known]
            for back in new if not self.is_resting else ():
                self.check_new(before, back)
            self.check_stock()

    def check_gateways(self) -> None:
        """No refund of ours was made twice, and no more went back than came."""
        went: dict[str, int] = defaultdict(int)
        for back in self.backs:
            went[back.payment_id] += back.amount if back.status != "failed" else 0
        for one in self.theirs:
            assert went[one.id] <= one.amount, f"the gateway sent back too much of {one}"
        receipts = Counter(b.receipt for b in self.backs if b.receipt)
        twice = {receipt for receipt, number in receipts.items() if number > 1}
        assert not twice, f"refunded twice: {[b for b in self.backs if b.receipt in twice]}"

    def check_new(self, before: Ledger, back: Back) -> None:
        """A refund of ours leaves the shop only while there is money for it, and no dispute."""
        for one in before.tries:
            if one.id == back.payment_id:
                assert one.left >= 0, f"{back} of {one}"
                assert not before.is_disputed(one.id), f"{back} while there is a dispute"

    def check_stock(self) -> None:
        shelves = books.look(self.session, self.redis, list(self.skus.values()))
        buyer_of = {sale.order_id: str(sale.buyer.id) for sale in self.sales}
        for shelf in shelves.values():
            books.check_ledger(shelf)
            books.check_promises(shelf)
            books.check_holdings(shelf)
            if set(shelf.committed) <= set(buyer_of):
                books.check_counts(shelf, buyer_of)

    # Short ways.

    def count(self, what: str) -> None:
        self.counts[what] += 1

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """Remember that something was wrong, so that the end has nothing to add."""
        try:
            yield
        except BaseException:
            self.is_broken = True
            raise

    def at_risk(self, place: str, mishap: Mishap, act: Callable[[], Any]) -> Any:
        """Act, and meet with a mishap on the way; None where the process died of it."""
        if isinstance(mishap, int):
            with dying(place, at=mishap) as walk:
                result = act()
            if walk.end is None:
                return result
            note(f"died: {walk.end}")
            self.count(f"death: {place}: {walk.end}")
            return None
        if mishap is not None:
            self.bank.ambush = Ambush(*mishap)
        try:
            return act()
        finally:
            self.bank.ambush = None

    def expect(self, response: TestResponse | None, what: str, *allowed: int) -> bool:
        """Tell whether the shop said yes; None is that of a process that died."""
        if response is None:
            return False
        said = response.status_code
        reason = f" {response.json['type'].rpartition('/')[2]}" if said >= 400 else ""
        note(f"{what}: {said}{reason}")
        self.count(f"answer: {what}: {said}{reason}")
        assert said in allowed, f"{what}: {said} {response.text}"
        return said < 400

    def staff(self, path: str, body: Any = None) -> TestResponse:
        return self.admin.post(f"/api/v1/admin{path}", body)

    def let_breakers_close(self) -> None:
        self.redis.delete(keys.breaker("razorpay"), keys.breaker("stripe"))

    def let_polls_be_due(self) -> None:
        """Let the time come to ask about what is open, the oldest first."""
        for table in (Payment, Refund):
            waits = table.next_poll_at.is_not(None)
            due = update(table).where(waits).values(next_poll_at=table.created_at)
            self.session.execute(due)

    def let_jobs_be_due(self) -> None:
        """Let the time come to try again whatever waits, the oldest first."""
        waits = Job.done_at.is_(None), Job.failed_at.is_(None)
        self.session.execute(update(Job).where(*waits).values(due_at=Job.created_at))

    def of_the_shop(self) -> list[Try]:
        """List the tries that pay for an order of the shop's."""
        ours = {payment.gateway_order_id for payment in self.seen.payments}
        return [one for one in self.theirs if one.order_id in ours]

    def captured(self) -> list[Try]:
        return [one for one in self.of_the_shop() if one.status == "captured"]

    def is_claimed(self, payment_id: str) -> bool:
        """Tell whether a bank has a hand on a capture, heard of or not."""
        return any(c.payment_id == payment_id for c in self.bank.claims() if c.status != "won")

    def went(self, payment_id: str) -> int:
        """Tell how much of a capture its gateway sent back, or its bank took."""
        backs = [b for b in self.backs if b.payment_id == payment_id and b.status != "failed"]
        claims = [claim for claim in self.bank.claims() if claim.payment_id == payment_id]
        return sum(back.amount for back in backs) + sum(claim.lost for claim in claims)

    def untold(self) -> list[Told]:
        return [event for event in self.events if not self.told[event.id]]

    def pending_backs(self) -> list[Back]:
        """List the refunds of captures that the gateways have not ended."""
        captured = {one.id for one in self.captured()}
        return [b for b in self.backs if b.status == "pending" and b.payment_id in captured]
