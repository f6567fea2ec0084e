"""What has to be true of the whole stock after every step, whatever the steps are."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant
from redis import Redis
from sqlalchemy.orm import Session

from app.inventory import counters, keys, reconciler, reservations
from app.inventory.terms import Claim
from tests.builders import Shop
from tests.races import books
from tests.races.deals import EXTENSION_SECONDS, Deal, Leaving

LONGEST_MS = EXTENSION_SECONDS * 1000
NUMBERS = count(1)
# Of each product, so few that buyers meet; and how many one buyer may have, or 0.
UNITS = 3
LIMITS = {"chain": 0, "ring": 2}


class Watched(RuleBasedStateMachine):
    """The shop's stock on both servers, and what everybody was told of it."""

    def __init__(
        self, redis: Redis, session: Session, shop: Shop, buyers: list[str], *, most: int = 1
    ) -> None:
        super().__init__()
        self.redis, self.session, self.buyers = redis, session, buyers
        redis.flushall()
        number = next(NUMBERS)
        self.skus = {
            name: shop.product(
                f"{name}_{number}", UNITS * most, purchase_limit=limit, counters=most
            )
            for name, limit in LIMITS.items()
        }
        # Over how many counters each may be split.
        self.most = most
        self.deals: list[Deal] = []
        self.leaving: list[Leaving] = []
        self.unshown: list[Any] = []
        self.unsettled: list[Claim] = []
        # The epoch at which one of a product's keys was lost, and at which its buyers were.
        self.damaged: dict[str, str | None] = {}
        self.unlimited: dict[str, int] = {}
        # Something is held for an order that nobody will give back before its deadline.
        self.is_untidy = False
        self.steps = 0
        self.seen: dict[str, books.Shelf] = {}
        self.saved: dict[str, bytes] = {}

    # What has to be true after every step.

    @invariant()
    def nothing_lies(self) -> None:
        self.steps += 1
        shelves = self.seen = self.look()
        buyer_of = {str(deal.claim.id): deal.claim.buyer for deal in self.deals}
        claims = list(self.claims(shelves))
        for sku, shelf in shelves.items():
            books.check_ledger(shelf)
            books.check_promises(shelf, [(c.id, c.units[sku]) for c in claims if sku in c.units])
            if not self.is_damaged(shelf):
                books.check_holdings(shelf)
                books.check_counts(shelf, buyer_of)

    def claims(self, shelves: dict[str, books.Shelf]) -> Iterator[Claim]:
        """List what may still be written to Postgres on what Redis said."""
        for deal in self.deals:
            is_new = deal.reserved and deal.status == "unwritten" and not deal.is_lapsed
            epochs = deal.reserved.epochs if is_new else deal.epochs
            if epochs and all(shelves[sku].epoch == epoch for sku, epoch in epochs.items()):
                yield deal.claim
        for leaving in self.leaving:
            epochs = leaving.epochs
            if epochs and all(shelves[sku].epoch == epoch for sku, epoch in epochs.items()):
                yield leaving.claim

    def check_told(self, claim: Claim) -> None:
        """Only a server that was told of a product promises any of it."""
        servers = {
            self.redis.hget(
                keys.stock(counters.of_claim(claim, sku, counters.count_of(sku))), "server"
            )
            for sku in claim.units
        }
        assert servers == {books.run_id(self.redis)}

    def check_limits(self, deal: Deal, skus: Iterable[str]) -> None:
        """A buyer who was just given units has no more of them than one may have."""
        shelves = self.look()
        for shelf in map(shelves.get, skus):
            if shelf.limited_to and self.unlimited.get(shelf.sku) != shelf.epoch:
                assert shelf.bought_by(deal.claim.buyer) <= shelf.limited_to, f"{deal}: {shelf}"

    def check_rest(self) -> None:
        unwritten = {deal.claim.id for deal in self.deals if deal.status == "unwritten"}
        for shelf in self.look().values():
            if shelf.is_known:
                assert int(shelf.stock["on_hand"]) == shelf.on_hand
                assert shelf.committed == {}
                pending = {row.member for row in shelf.rows if row.state == "pending"}
                for member in shelf.live().keys() - pending:
                    assert UUID(member.partition(":")[0]) in unwritten

    def check_none_is_stranded(self) -> None:
        """Whoever wants all that is available has it, whatever counters it is of."""
        for shelf in self.look().values():
            if left := shelf.available():
                everything = Claim(self.new_id(0), "", {shelf.sku: left})
                assert reservations.reserve(self.redis, everything, lifetime_seconds=900)
                reservations.release(self.redis, everything)

    def new_id(self, pick: int) -> UUID:
        """Make an id whose units are of that counter, where they are nobody's."""
        ids = (UUID(int=number) for number in NUMBERS)
        return next(
            one for one in ids if counters.number_of(one, "", self.most) == pick % self.most
        )

    def look(self) -> dict[str, books.Shelf]:
        return books.look(self.session, self.redis, list(self.skus.values()))

    def is_damaged(self, shelf: books.Shelf) -> bool:
        """Tell whether one of its keys was lost since it was loaded."""
        return shelf.sku in self.damaged and self.damaged[shelf.sku] == shelf.stock.get("epoch")

    def suspicions(self) -> dict[str, list[str]]:
        skus = list(self.skus.values())
        return reconciler.suspicions(self.session, self.redis, skus, longest_ms=LONGEST_MS)
