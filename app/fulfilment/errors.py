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


class PreorderOpen(Problem):
    """The product is on pre-order already."""

    status = 409


class PreorderNotOpen(Problem):
    """The product is not on pre-order."""

    status = 409


class StockOnHand(Problem):
    """Units of the product are on hand, which are sold before promises are."""

    status = 409


class PiecesMissing(Problem):
    """Fewer pieces came than were promised; cancel orders or units first."""

    status = 409


class PreorderNotArrived(Problem):
    """Products of the order are on pre-order still; see skus."""

    status = 409


class UnitsNotCancellable(Problem):
    """The order has fewer units left to cancel; see lines."""

    status = 409
