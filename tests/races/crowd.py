"""
What each process of a crowd does: buy, pay, give up, take back and count, all at once.

``without`` names a guard that they do without: a crowd that does no harm then shows nothing.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from uuid import uuid4

from psycopg.errors import DeadlockDetected
from sqlalchemy.orm import configure_mappers

from app.checkout import placement
from app.core import redis_client
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import adjustments, ledger, stock
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock
from tests import owners
from tests.races import deals
from tests.races.buyers import UNCONDITIONAL, all_together
from tests.races.deals import Deal

CROWD = 8
SKUS = ("CHAIN", "RING", "STUD")
FIRST_UNITS = CROWD // 2

PLACE_WITHOUT_EPOCH = placement._PLACE.replace(" AND products.stock_epoch = wanted.epoch", "")
assert placement._PLACE != PLACE_WITHOUT_EPOCH
_WITHOUT = {
    None: (),
    "epoch": [(placement, "_PLACE", PLACE_WITHOUT_EPOCH)],
    "condition": [(ledger, "_DEDUCT", UNCONDITIONAL)],
}

# Once, before the crowd is forked.
configure_mappers()


@dataclass
class Member:
    """One process of the crowd, and the orders that it has made."""

    number: int
    buyer: str
    deals: list[Deal] = field(default_factory=list)
    deadlocks: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.number)
        self.redis = redis_client.redis()

    def deal(self, **units: int) -> Deal:
        deal = deals.of(uuid4(), self.buyer, units)
        self.deals.append(deal)
        return deal

    # In step: what was taken before Redis is lost is written after others were promised the same.

    def act_in_step(self) -> None:
        ring, chain = self.deal(RING=1), self.deal(CHAIN=1)
        is_early = self.number < CROWD // 2
        if is_early:
            assert ring.reserve(self.redis)
            assert chain.reserve(self.redis)
            assert chain.remember(crashes=False)
            chain.lapse(self.redis)
            assert chain.commit(self.redis)
        all_together()
        if self.number == CROWD - 1:
            owners.flush_stock()
        all_together()
        if not is_early:
            assert ring.reserve(self.redis)
            assert ring.remember(crashes=False)
            assert chain.reserve(self.redis)
            assert chain.remember(crashes=False)
            self.pay(chain)
        all_together()
        if is_early:
            ring.remember(crashes=False)
            chain.deduct(self.redis, crashes=False)
            self.pay(chain)

    # By chance.

    def act(self) -> None:
        deeds: list[Callable[[], Any]] = [self.check_out] * 4 + [self.go_on] * 8
        deeds += [self.adjust, self.receive, self.load]
        if self.number == 0:
            deeds += [owners.flush_stock]
        deed = self.dice.choice(deeds)
        try:
            deed()
        except ServiceUnavailable as problem:
            cause = getattr(problem.__cause__, "orig", None)
            self.deadlocks += isinstance(cause, DeadlockDetected)

    def check_out(self) -> None:
        units = {sku: self.dice.randint(1, 2) for sku in SKUS if self.dice.random() < 0.5}
        deal = self.deal(**(units or {"RING": 1}))
        if deal.reserve(self.redis) and not deal.remember(crashes=False):
            deal.give_back(self.redis)

    def go_on(self) -> None:
        open_deals = [deal for deal in self.deals if deal.is_open]
        if open_deals and self.dice.random() < 0.8:
            deal = self.dice.choice(open_deals)
            self.dice.choice([self.pay, self.pay, self.cancel, self.expire, self.extend])(deal)
        else:
            self.dice.choice([self.restock, self.pay_late])()

    def pay(self, deal: Deal) -> None:
        """Pay as the job does, which runs again until the order is confirmed or paid back."""
        while deal.is_payable and deal.commit(self.redis):
            if self.dice.random() < 0.1:
                # The worker dies here; the job runs again some time.
                return
            if deal.deduct(self.redis, crashes=False):
                deal.settle(self.redis)

    def cancel(self, deal: Deal) -> None:
        deal.end("cancelled")
        deal.release(self.redis)

    def expire(self, deal: Deal) -> None:
        deal.lapse(self.redis)
        deal.end("expired")
        deal.release(self.redis)

    def extend(self, deal: Deal) -> None:
        deal.extend(crashes=False)

    def pay_late(self) -> None:
        late = [deal for deal in self.deals if deal.is_payable and not deal.is_open]
        if late:
            self.pay(self.dice.choice(late))

    def restock(self) -> None:
        sold = [deal for deal in self.deals if deal.status == "confirmed"]
        if sold:
            deal = self.dice.choice(sold)
            reason = self.dice.choice([None, "worn"])
            back = deal.restock(self.dice.choice(list(deal.claim.units)), 1, reason)
            if back is not None:
                with transaction() as session:
                    numbers = ledger.numbers(session, list(back.units), buyer=back.buyer)
                ledger.settle(self.redis, back, numbers)

    def adjust(self) -> None:
        up, down = self.dice.sample(SKUS, 2)
        changes = [Change(up, "adjustment", 1, "counted"), Change(down, "write_off", -1, "worn")]
        with suppress(InsufficientStock):
            adjustments.adjust(self.redis, changes, reference=uuid4().hex, actor="staff")

    def receive(self) -> None:
        changes = [Change(self.dice.choice(SKUS), "receipt", 1, "delivered")]
        adjustments.adjust(self.redis, changes, reference=uuid4().hex, actor="staff")

    def load(self) -> None:
        with transaction() as session:
            is_forced = self.dice.random() < 0.5
            stock.load(session, self.redis, self.dice.sample(SKUS, 2), is_forced=is_forced)

    def finish(self) -> None:
        for deal in self.deals:
            while deal.is_paid and deal.is_payable:
                with suppress(ServiceUnavailable):
                    self.pay(deal)
            if deal.is_to_settle:
                deal.settle(self.redis)


def mingle(
    number: int, buyer: str, *, deeds: int, seconds: float, without: str | None
) -> dict[str, Any]:
    """Act in step, then by chance; tells the orders that were confirmed, and of deadlocks."""
    member = Member(number, buyer)
    all_together()
    with _doing_without(without):
        member.act_in_step()
        stop_at = time.monotonic() + seconds
        while deeds > 0 or time.monotonic() < stop_at:
            member.act()
            deeds -= 1
        all_together()
        member.finish()
    confirmed = [deal.claim for deal in member.deals if deal.status == "confirmed"]
    return {"confirmed": confirmed, "deadlocks": member.deadlocks}


@contextmanager
def _doing_without(guard: str | None) -> Iterator[None]:
    with ExitStack() as patches:
        for module, name, instead in _WITHOUT[guard]:
            patches.enter_context(mock.patch.object(module, name, instead))
        yield
