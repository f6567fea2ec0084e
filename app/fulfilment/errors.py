"""Problems of fulfilment."""

from app.core.problems import Problem


class OrderNotCancellable(Problem):
    """The order's status does not allow to cancel it."""

    status = 409


class OrdersUnderWay(Problem):
    """Something of your orders is still to be paid, sent or returned."""

    status = 409


class StaffCannotLeave(Problem):
    """Who works in the shop is made a customer first, by an admin."""

    status = 409


class UnitsNotCancellable(Problem):
    """The order has fewer units left to cancel; see lines."""

    status = 409
