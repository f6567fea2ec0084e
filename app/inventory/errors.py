"""Problems of stock."""

from collections.abc import Iterable

from app.core.problems import Problem


class InsufficientStock(Problem):
    """Fewer units are available than were asked for."""

    status = 409


class UnknownSku(Problem):
    """The shop has no product with this SKU."""

    status = 422


class ReservationCommitted(Problem):
    """The order is being paid for, so its reservation cannot be given up."""

    status = 409


class UnknownToRedisError(Exception):
    """Redis does not know these products, which is not the same as having none of them."""

    def __init__(self, skus: Iterable[str]) -> None:
        """Name the ``skus`` to load."""
        self.skus = tuple(skus)
        super().__init__(", ".join(self.skus))


def insufficient(short: dict[str, int], quantities: dict[str, int]) -> InsufficientStock:
    """Make the refusal that names every short line: ``short`` is SKU to units available."""
    return InsufficientStock(
        lines=[
            {"sku": sku, "requested": quantities[sku], "available": available}
            for sku, available in short.items()
        ]
    )
