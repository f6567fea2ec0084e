"""Problems of fulfilment."""

from app.core.problems import Problem


class OrderNotCancellable(Problem):
    """The order's status does not allow to cancel it."""

    status = 409


class UnitsNotCancellable(Problem):
    """The order has fewer units left to cancel; see lines."""

    status = 409
