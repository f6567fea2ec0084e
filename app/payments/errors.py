"""Problems of money."""

from collections.abc import Mapping

from app.core.problems import NotFound, Problem


class PaymentNotFound(NotFound):
    """There is no such payment among yours."""


class AttemptNotFound(NotFound):
    """There is no such try to pay among the shop's."""


class RefundNotFound(NotFound):
    """There is no such refund."""


class InvalidSignature(Problem):
    """The gateway does not vouch for what was handed in."""

    status = 400


class GatewayNotOffered(Problem):
    """The shop does not take payments in this way."""

    status = 422


class GatewayUnavailable(Problem):
    """The payment gateway cannot be reached now; your units stay reserved, so ask again."""

    status = 503

    def __init__(self, *, retry_after: int = 5, is_passing: bool = False) -> None:
        """Say when to ask again; what ``is_passing`` may be gone at the very next call."""
        super().__init__(retry_after=retry_after)
        self.is_passing = is_passing


class GatewayRefused(Problem):
    """The payment gateway refused what we asked of it."""

    status = 502

    def __init__(self, error: Mapping[str, object] | None = None) -> None:
        """Keep the gateway's own words for those who look after the shop, not for its callers."""
        super().__init__()
        self.error = dict(error or {})

    def __str__(self) -> str:
        """Tell code, description, reason and field, as far as the gateway gave them."""
        told = (f"{name}: {value}" for name, value in self.error.items() if value)
        return f"{self.title()} ({'; '.join(told)})"


class NothingToCapture(Problem):
    """There is no authorised money to take."""

    status = 409


class RefundExceedsCapture(Problem):
    """More would go back than was captured and is left."""

    status = 409


class RefundNotPaidByHand(Problem):
    """The gateway itself pays this refund, or it has ended."""

    status = 409


class DisputeOpen(Problem):
    """The payer's bank disputes this payment: a refund now could pay twice."""

    status = 409


class MalformedEventError(Exception):
    """A signed event has not the form that its gateway documents."""


class IgnoredEventError(Exception):
    """A signed event is no concern of the shop's."""
