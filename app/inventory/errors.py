"""Problems of stock."""

from collections.abc import Iterable, Mapping

from app.core.problems import Problem, ServiceUnavailable


class InsufficientStock(Problem):
    """Fewer units are available than were asked for."""

    status = 409


class PurchaseLimitExceeded(Problem):
    """A customer may have no more of a product than its purchase limit."""

    status = 409


class AdmissionNeeded(Problem):
    """It is sold from a waiting room, and your turn has not come or is over; ask there for it."""

    status = 409


class UnknownSku(Problem):
    """The shop has no product with this SKU."""

    status = 422


class ReservationCommitted(Problem):
    """The order is being paid for, so its reservation cannot be given up."""

    status = 409


class StaleEpoch(ServiceUnavailable):
    """Redis was told of the stock anew while this was under way; nothing was done, so ask again."""


class TooManyUnits(Problem):
    """More units would be on hand than can be counted."""

    status = 422


class NotReturnable(Problem):
    """More units would come back than were bought and are still out."""

    status = 409


class UnknownToRedisError(Exception):
    """Redis does not know these products, which is not the same as having none of them."""

    def __init__(self, skus: Iterable[str]) -> None:
        """Name the ``skus`` to load."""
        self.skus = tuple(skus)
        super().__init__(", ".join(self.skus))


def insufficient(short: Mapping[str, int], quantities: Mapping[str, int]) -> InsufficientStock:
    """Make the refusal that names every short line: ``short`` is SKU to units available."""
    return InsufficientStock(
        lines=[
            {"sku": sku, "requested": quantities[sku], "available": available}
            for sku, available in short.items()
        ]
    )


def limited(over: Mapping[str, int], quantities: Mapping[str, int]) -> PurchaseLimitExceeded:
    """Make the refusal that names every line above the limit: ``over`` is SKU to units allowed."""
    return PurchaseLimitExceeded(
        lines=[
            {"sku": sku, "requested": quantities[sku], "allowed": allowed}
            for sku, allowed in over.items()
        ]
    )


class GuardLostError(Exception):
    """Somebody else holds the guard under which units were to be taken."""
