"""admin_alerts: 2 operations."""

from .close_alert import close_alert
from .list_alerts import list_alerts

__all__ = [
    "close_alert",
    "list_alerts",
]
