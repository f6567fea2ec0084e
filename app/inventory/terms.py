"""The words of the room, as values that its parts hand to each other."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """
    What one order wants: its id, whose it is, and ``units`` by SKU.

    ``buyer`` is whom a purchase limit counts for; empty for nobody.
    """

    id: UUID
    buyer: str
    units: Mapping[str, int]

    def only(self, skus: Container[str]) -> "Claim":
        """Take the part of it that is of some products."""
        return Claim(self.id, self.buyer, {s: n for s, n in self.units.items() if s in skus})


@dataclass(frozen=True, slots=True)
class Held:
    """
    One line of a reservation.

    ``epoch`` names the load by which Redis knew the product; ``is_new`` tells whether this call
    took the units or found them taken.
    """

    deadline_ms: int
    epoch: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Reserved:
    """Units held for an order, by SKU."""

    lines: Mapping[str, Held]

    @property
    def deadline_ms(self) -> int:
        """The time until which all lines are held; each server of a cluster has its own clock."""
        return min(held.deadline_ms for held in self.lines.values())

    def deadline_of(self, skus: Sequence[str]) -> int | str:
        """Tell the deadline of one slot's lines; the order's own key, elsewhere, ends by itself."""
        return self.lines[skus[0]].deadline_ms if skus else "none"

    @property
    def taken(self) -> frozenset[str]:
        """The lines that this call took; the others were held before."""
        return frozenset(sku for sku, held in self.lines.items() if held.is_new)

    @property
    def epochs(self) -> dict[str, int]:
        """The epoch of each line, on which what is written to Postgres has to stand."""
        return {sku: held.epoch for sku, held in self.lines.items()}


@dataclass(frozen=True, slots=True)
class Extended:
    """A reservation's new deadline, and the epoch of each line."""

    deadline_ms: int
    epochs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OnHand:
    """
    What Postgres has on hand of a product, and the version that tells which number is newer.

    ``bought`` is what a buyer has paid for and kept, where somebody's settling asked for it;
    ``shares`` is on hand of each counter, of a product that is split over several.
    """

    sku: str
    on_hand: int
    version: int
    bought: int = 0
    shares: tuple[int, ...] = ()

    @property
    def counters(self) -> int:
        """Over how many counters it is split."""
        return len(self.shares) or 1


@dataclass(frozen=True, slots=True)
class Booking:
    """
    What a movement says besides its units: its one name, who did it, why, and for which order.

    A booking of several products names each movement by ``reference`` and SKU.
    """

    reference: str
    actor: str
    reason: str | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Deduction:
    """Units of a committed claim that leave, the epochs on which they stand, and their booking."""

    claim: Claim
    epochs: Mapping[str, int]
    booking: Booking
    kind: str = "sale"


@dataclass(frozen=True, slots=True)
class Levels:
    """Units of one product; ``available`` is what may still be promised."""

    on_hand: int
    reserved: int
    committed: int

    @property
    def available(self) -> int:
        """Units that nobody holds; never below zero, whatever is being repaired."""
        return max(self.on_hand - self.reserved - self.committed, 0)

    @classmethod
    def total(cls, parts: Sequence["Levels"]) -> "Levels":
        """Add up what a product's counters have."""
        return cls(
            sum(part.on_hand for part in parts),
            sum(part.reserved for part in parts),
            sum(part.committed for part in parts),
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """A reservation as Postgres remembers it, for a Redis that has to be told."""

    order_id: UUID
    units: int
    buyer: str
    deadline_ms: int


@dataclass(frozen=True, slots=True)
class Known:
    """All that Postgres knows of a product, for a Redis that has to be told."""

    number: OnHand
    limit: int
    pending: tuple[Pending, ...] = ()
    # Order id to buyer and units: paid, and not yet deducted.
    committed: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    # What buyers of a limited product have paid for and kept.
    bought: Mapping[str, int] = field(default_factory=dict)
    # Whether it is sold from a waiting room.
    has_waiting_room: bool = False

    @property
    def free(self) -> int:
        """Units that nobody holds, whether or not the time of those who do is over."""
        pending = sum(one.units for one in self.pending)
        return self.number.on_hand - pending - sum(units for _, units in self.committed.values())


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that Redis knows of a product, at one moment by its clock; deadlines by member."""

    now_ms: int
    stock: Mapping[str, str]
    reservations: Mapping[str, int]
    committed: Mapping[str, int]
    buyers: Mapping[str, str]
