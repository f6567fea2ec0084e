"""waitlist: 3 operations."""

from .join_waitlist import join_waitlist
from .leave_waitlist import leave_waitlist
from .list_waitlist import list_waitlist

__all__ = [
    "join_waitlist",
    "leave_waitlist",
    "list_waitlist",
]
