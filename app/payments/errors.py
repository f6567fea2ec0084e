"""Problems of money."""

from app.core.problems import NotFound, Problem


class PaymentNotFound(NotFound):
    """There is no such payment among yours."""


class InvalidSignature(Problem):
    """The signature does not fit what it is to sign."""

    status = 400


class GatewayUnavailable(Problem):
    """The payment gateway cannot be reached now; your units stay reserved, so ask again."""

    status = 503


class GatewayRefused(Problem):
    """The payment gateway refused what we asked of it."""

    status = 502
