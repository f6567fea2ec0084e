"""Problems of checkout."""

from app.core.problems import Problem


class IdempotencyKeyMissing(Problem):
    """A checkout needs the header Idempotency-Key, so that it can be repeated safely."""

    status = 400


class RequestInFlight(Problem):
    """A request with this Idempotency-Key is being answered at this moment."""

    status = 409


class IdempotencyKeyReused(Problem):
    """This Idempotency-Key was used with another body."""

    status = 422


class IdempotencyKeyForgotten(Problem):
    """This Idempotency-Key made an order long ago; choose another one for a new order."""

    status = 422


class PriceChanged(Problem):
    """The total is not the expected one; nothing was ordered."""

    status = 409


class ProductUnavailable(Problem):
    """A product is no longer on sale; nothing was ordered."""

    status = 409


class ReservationExpired(Problem):
    """The time to pay is over and the units are on sale again."""

    status = 409


class OrderNotPayable(Problem):
    """The order is not waiting for a payment."""

    status = 409


class ClaimedBeforeError(Exception):
    """Another request of the same key had its turn: it has answered, or it died."""
