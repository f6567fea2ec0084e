"""admin_subscribers: 12 operations."""

from .add_subscriber import add_subscriber
from .change_subscriber import change_subscriber
from .disable_subscriber import disable_subscriber
from .enable_subscriber import enable_subscriber
from .list_deliveries import list_deliveries
from .list_subscribers import list_subscribers
from .ping_subscriber import ping_subscriber
from .remove_subscriber import remove_subscriber
from .replay_deliveries import replay_deliveries
from .rotate_secret import rotate_secret
from .show_delivery import show_delivery
from .show_subscriber import show_subscriber

__all__ = [
    "add_subscriber",
    "change_subscriber",
    "disable_subscriber",
    "enable_subscriber",
    "list_deliveries",
    "list_subscribers",
    "ping_subscriber",
    "remove_subscriber",
    "replay_deliveries",
    "rotate_secret",
    "show_delivery",
    "show_subscriber",
]
