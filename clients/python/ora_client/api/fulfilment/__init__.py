"""fulfilment: 4 operations."""

from .cancel_order import cancel_order
from .cancel_units import cancel_units
from .show_timeline import show_timeline
from .track_order import track_order

__all__ = [
    "cancel_order",
    "cancel_units",
    "show_timeline",
    "track_order",
]
