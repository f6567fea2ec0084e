"""admin_coupons: 4 operations."""

from .change_coupon import change_coupon
from .list_coupons import list_coupons
from .make_coupon import make_coupon
from .show_coupon import show_coupon

__all__ = [
    "change_coupon",
    "list_coupons",
    "make_coupon",
    "show_coupon",
]
