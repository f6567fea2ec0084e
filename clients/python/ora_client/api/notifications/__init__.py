"""notifications: 3 operations."""

from .list_notifications import list_notifications
from .read_all_notifications import read_all_notifications
from .read_notification import read_notification

__all__ = [
    "list_notifications",
    "read_all_notifications",
    "read_notification",
]
