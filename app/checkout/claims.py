"""What an order claims of the stock, in the words of the inventory room."""

from app.inventory.terms import Claim
from app.orders import orders
from app.orders.models import Order


def of_order(order: Order) -> Claim:
    """Tell an order's claim; a purchase limit counts for its customer."""
    return Claim(order.id, str(order.user_id), orders.quantities(order))
