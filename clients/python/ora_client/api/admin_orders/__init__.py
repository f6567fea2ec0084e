"""admin_orders: 5 operations."""

from .cancel_any_order import cancel_any_order
from .cancel_units_of_any_order import cancel_units_of_any_order
from .list_all_orders import list_all_orders
from .set_order_status import set_order_status
from .show_whole_order import show_whole_order

__all__ = [
    "cancel_any_order",
    "cancel_units_of_any_order",
    "list_all_orders",
    "set_order_status",
    "show_whole_order",
]
