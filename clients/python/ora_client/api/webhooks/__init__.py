"""webhooks: 2 operations."""

from .receive_from_razorpay import receive_from_razorpay
from .receive_from_stripe import receive_from_stripe

__all__ = [
    "receive_from_razorpay",
    "receive_from_stripe",
]
