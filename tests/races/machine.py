"""Every step that touches stock, in any order, with a crash between any two of them."""

from collections.abc import Callable
from contextlib import suppress
from itertools import chain, product
from typing import Any
from unittest import mock
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.inventory import adjustments, counters, keys, ledger, reconciler, reservations, stock
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock, StaleEpoch
from app.inventory.terms import Booking, Claim
from tests.races.deals import CrashError, Deal, Leaving, crash_if, of
from tests.races.steps import draw, picks, step
from tests.races.watch import LIMITS, LONGEST_MS, NUMBERS, Watched

NAMES = tuple(LIMITS)
MOST_OPEN = 4

few = st.integers(1, 2)
crashes = st.sampled_from([False, False, False, False, True])
baskets = st.dictionaries(st.sampled_from(NAMES), few, min_size=1)


class WholeStock(Watched):
    """The steps."""

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        chosen, arguments = draw(self, data)
        if chosen.rest:
            self.steps = 0
        chosen.act(self, **arguments)

    # What the buyers and the workers do.

    @step(
        4, when=lambda self: self.count_open() < MOST_OPEN, buyer=st.integers(0, 1), basket=baskets
    )
    def check_out(self, buyer: int, basket: dict[str, int]) -> None:
        deal = of(UUID(int=next(NUMBERS)), self.buyers[buyer], self.units(basket))
        if deal.reserve(self.redis):
            self.check_told(deal.claim)
            self.deals.append(deal)

    @step(which=lambda deal: not deal.is_to_settle)
    def check_out_again(self, deal: Deal) -> None:
        is_left = deal.reserved or deal.fences
        if deal.reserve(self.redis):
            self.check_told(deal.claim)
            self.is_untidy |= bool(is_left) and deal.status != "unwritten"

    @step(16, which=lambda deal: deal.reserved, crashes=crashes)
    def remember(self, deal: Deal, *, crashes: bool) -> None:
        before = self.seen
        is_stale = any(held.epoch != before[sku].epoch for sku, held in deal.reserved.lines.items())
        is_there = deal.status != "unwritten"
        is_written = deal.remember(crashes=crashes)
        # Taken again for an order that may be over, by one who can give nothing back any more.
        self.is_untidy |= crashes and is_there
        assert is_written == (not is_stale and not is_there and not crashes)
        if is_written:
            self.check_limits(deal, deal.claim.units)

    @step(2, which=lambda deal: deal.fences)
    def give_back(self, deal: Deal) -> None:
        deal.give_back(self.redis)

    @step(3, which=lambda deal: deal.is_open, crashes=crashes, is_lost=crashes)
    def extend(self, deal: Deal, *, crashes: bool, is_lost: bool) -> None:
        meanwhile = self.lose_all if is_lost else None
        deal.extend(crashes=crashes, meanwhile=meanwhile)

    @step(1, which=lambda deal: deal.is_open)
    def cancel(self, deal: Deal) -> None:
        deal.end("cancelled")

    @step(1, which=lambda deal: deal.is_open or deal.reserved)
    def lapse(self, deal: Deal) -> None:
        deal.lapse(self.redis)

    @step(3, which=lambda deal: deal.is_open and deal.is_lapsed)
    def expire(self, deal: Deal) -> None:
        deal.end("expired")

    @step(2, which=lambda deal: deal.is_to_release)
    def release(self, deal: Deal) -> None:
        deal.release(self.redis)

    @step(10, which=lambda deal: deal.is_payable)
    def commit(self, deal: Deal) -> None:
        shelves = self.seen
        is_promised = all(
            deal.claim.id in {row.order_id for row in shelves[sku].promised()}
            and not self.is_damaged(shelves[sku])
            for sku in deal.claim.units
        )
        is_held = all(
            str(deal.claim.id) in shelves[sku].committed
            or keys.member(deal.claim.id, units, deal.claim.buyer) in shelves[sku].live()
            for sku, units in deal.claim.units.items()
        )
        is_committed = deal.commit(self.redis)
        assert is_committed or not is_promised, f"a promise was broken: {deal}"
        if is_committed:
            self.check_told(deal.claim)
        if is_committed and not (is_held or is_promised):
            deal.retaken_at = deal.retaken_at or dict(deal.epochs)

    @step(12, which=lambda deal: deal.epochs and deal.is_payable, crashes=crashes)
    def deduct(self, deal: Deal, *, crashes: bool) -> None:
        before = self.seen
        is_stale = any(before[sku].epoch != epoch for sku, epoch in deal.epochs.items())
        is_deducted = deal.deduct(self.redis, crashes=crashes)
        assert is_deducted == (not is_stale and not crashes)
        if is_deducted:
            deal.read()
        if is_deducted:
            taken = [s for s, epoch in deal.retaken_at.items() if before[s].epoch == epoch]
            self.check_limits(deal, taken)

    @step(1, which=lambda deal: deal.is_to_settle)
    def read(self, deal: Deal) -> None:
        deal.read()

    @step(2, which=lambda deal: deal.status == "confirmed")
    def settle(self, deal: Deal) -> None:
        deal.settle(self.redis)

    # What staff do.

    @step(2, name=st.sampled_from(NAMES), units=few)
    def receive(self, name: str, units: int) -> None:
        booking = Booking(f"delivery:{next(NUMBERS)}", "staff")
        with transaction() as session:
            self.unshown.append(ledger.receive(session, self.skus[name], units, booking))

    @step(when=lambda self: self.unshown, pick=picks)
    def show(self, pick: int) -> None:
        ledger.show(self.redis, [self.unshown.pop(pick % len(self.unshown))])

    @step(2, basket=baskets, pick=picks)
    def take_off(self, basket: dict[str, int], pick: int) -> None:
        claim = Claim(self.new_id(pick), "", self.units(basket))
        try:
            self.leaving.append(Leaving(claim, reservations.commit(self.redis, claim)))
        except InsufficientStock:
            return

    @step(
        2,
        when=lambda self: any(leaving.epochs for leaving in self.leaving),
        pick=picks,
        kind=st.sampled_from(["write_off", "adjustment"]),
        crashes=crashes,
    )
    def book_off(self, pick: int, kind: str, *, crashes: bool) -> None:
        due = [leaving for leaving in self.leaving if leaving.epochs]
        due[pick % len(due)].book(self.redis, kind, crashes=crashes)

    @step(when=lambda self: any(leaving.epochs is None for leaving in self.leaving), pick=picks)
    def show_off(self, pick: int) -> None:
        due = [leaving for leaving in self.leaving if leaving.epochs is None]
        leaving = due[pick % len(due)]
        leaving.show(self.redis)
        self.leaving.remove(leaving)

    @step(when=lambda self: self.leaving, pick=picks)
    def abandon(self, pick: int) -> None:
        """Whoever takes units off is gone before anything of it is shown."""
        self.leaving.pop(pick % len(self.leaving))
        self.is_untidy = True

    @step(up=st.sampled_from(NAMES), down=st.sampled_from(NAMES), units=few, pick=picks)
    def adjust(self, up: str, down: str, units: int, pick: int) -> None:
        changes = [Change(self.skus[down], "adjustment", -units, "counted")]
        if up != down:
            changes.append(Change(self.skus[up], "adjustment", units, "counted"))
        reference = f"count-{next(NUMBERS)}"
        try:
            with mock.patch.object(adjustments, "uuid4", return_value=self.new_id(pick)):
                assert adjustments.adjust(self.redis, changes, reference=reference, actor="staff")
        except (InsufficientStock, StaleEpoch):
            return
        assert not adjustments.adjust(self.redis, changes, reference=reference, actor="staff")

    @step(
        3,
        which=lambda deal: deal.status == "confirmed",
        units=few,
        reason=st.sampled_from([None, "worn"]),
    )
    def restock(self, deal: Deal, units: int, reason: str | None) -> None:
        back = deal.restock(min(deal.claim.units), units, reason)
        if back is not None:
            self.unsettled.append(back)

    @step(when=lambda self: self.unsettled, pick=picks)
    def settle_return(self, pick: int) -> None:
        back = self.unsettled.pop(pick % len(self.unsettled))
        with transaction() as session:
            numbers = ledger.numbers(session, list(back.units), buyer=back.buyer)
        ledger.settle(self.redis, back, numbers)

    @step(rest=2, name=st.sampled_from(NAMES), limit=st.integers(0, 3), crashes=crashes)
    def limit(self, name: str, limit: int, *, crashes: bool) -> None:
        changed = update(Product).where(Product.sku == self.skus[name])
        self.load_in(
            lambda session: session.execute(changed.values(purchase_limit=limit)),
            [self.skus[name]], is_forced=True, crashes=crashes,
        )  # fmt: skip

    @step(
        2, rest=2, when=lambda self: self.most > 1, name=st.sampled_from(NAMES), crashes=crashes,
        is_split=st.booleans(),
    )  # fmt: skip
    def split(self, name: str, *, is_split: bool, crashes: bool) -> None:
        changed = update(Product).where(Product.sku == self.skus[name])
        most = self.most if is_split else 1
        self.load_in(
            lambda session: session.execute(changed.values(counters=most)),
            [self.skus[name]], is_forced=True, crashes=crashes,
        )  # fmt: skip

    @step(8, when=lambda self: self.most > 1, name=st.sampled_from(NAMES), is_split=st.booleans())
    def go_on_elsewhere(self, name: str, *, is_split: bool) -> None:
        """Go on in another process, which was told of the product at another time."""
        counters.learn(self.skus[name], self.most if is_split else 1)

    # What the servers do.

    @step(
        2,
        rest=2,
        names=st.sets(st.sampled_from(NAMES), min_size=1),
        is_forced=st.booleans(),
        crashes=crashes,
    )
    def load(self, names: set[str], *, is_forced: bool, crashes: bool) -> None:
        skus = sorted(self.skus[name] for name in names)
        self.load_in(lambda _: None, skus, is_forced=is_forced, crashes=crashes)

    @step(2, rest=3)
    def flush(self) -> None:
        self.redis.flushall()

    @step(
        rest=3,
        name=st.sampled_from(NAMES),
        key=st.sampled_from([keys.stock, keys.reservations, keys.committed, keys.buyers]),
        pick=picks,
    )
    def lose_a_key(self, name: str, key: Callable[[str], str], pick: int) -> None:
        sku = self.skus[name]
        names = list(self.seen[sku].counters)
        counter = names[pick % len(names)]
        epoch = self.redis.hget(keys.stock(counter), "epoch")
        if self.redis.delete(key(counter)):
            self.damaged[sku] = epoch
            if key is keys.buyers:
                self.unlimited[sku] = int(epoch or 0)

    @step(rest=3, names=st.sets(st.sampled_from(NAMES), min_size=1))
    def restart_the_server(self, names: set[str]) -> None:
        layouts = product((self.skus[name] for name in names), {1, self.most})
        for counter in chain(*(keys.counters(sku, count) for sku, count in layouts)):
            if self.redis.exists(keys.stock(counter)):
                self.redis.hset(keys.stock(counter), "server", "another")

    @step(
        rest=1,
    )
    def replicate(self) -> None:
        self.saved = {key: self.redis.dump(key) for key in self.redis.scan_iter()}

    @step(rest=3, when=lambda self: self.saved)
    def fail_over(self) -> None:
        """Go on with a replica that was behind: its keys are those of some time ago."""
        self.redis.flushall()
        for key, dump in self.saved.items():
            self.redis.restore(key, 0, dump)
        self.restart_the_server(set(NAMES))

    @step(
        rest=3,
    )
    def reconcile(self) -> None:
        for sku, names in self.suspicions().items():
            assert "ledger" not in names
            repaired = reconciler.repair(self.redis, sku, names, longest_ms=LONGEST_MS)
            assert sorted(repaired) == sorted(names)
        # Whatever was lost was seen, so all numbers have to be right from now on.
        self.damaged.clear()
        self.unlimited.clear()
        assert self.suspicions() == {}

    @step(
        rest=6,
    )
    def come_to_rest(self) -> None:
        """Let everybody finish what they began: then there is nothing to be found."""
        for deal in self.deals:
            self.finish(deal)
        for leaving in self.leaving:
            leaving.epochs = None
        while self.leaving:
            self.show_off(0)
        while self.unsettled:
            self.settle_return(0)
        while self.unshown:
            self.show(0)
        shelves = self.look()
        is_whole = all(s.is_known and not self.is_damaged(s) for s in shelves.values())
        if self.is_untidy or not is_whole:
            self.reconcile()
            self.is_untidy = False
        assert self.suspicions() == {}
        self.check_rest()
        if self.most > 1:
            self.check_none_is_stranded()

    def finish(self, deal: Deal) -> None:
        if deal.reserved and deal.status != "unwritten":
            deal.remember(crashes=False)
        while deal.fences:
            deal.give_back(self.redis)
        while deal.is_paid and deal.is_payable:
            if deal.commit(self.redis):
                deal.deduct(self.redis, crashes=False)
        if deal.is_to_release:
            deal.release(self.redis)
        if deal.is_to_settle:
            deal.settle(self.redis)

    def count_open(self) -> int:
        return sum(bool(deal.reserved or deal.is_open) for deal in self.deals)

    def lose_all(self) -> None:
        """Lose Redis, and have somebody ask it for every product."""
        self.redis.flushall()
        stock.levels(self.redis, list(self.skus.values()))

    def units(self, basket: dict[str, int]) -> dict[str, int]:
        return {self.skus[name]: units for name, units in basket.items()}

    def load_in(
        self, act: Callable[[Session], Any], skus: list[str], *, is_forced: bool, crashes: bool
    ) -> None:
        with suppress(CrashError), transaction() as session:
            act(session)
            stock.load(session, self.redis, skus, is_forced=is_forced)
            crash_if(crashes)
