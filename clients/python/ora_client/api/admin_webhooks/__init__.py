"""admin_webhooks: 4 operations."""

from .list_events import list_events
from .replay_event import replay_event
from .replay_events import replay_events
from .show_event import show_event

__all__ = [
    "list_events",
    "replay_event",
    "replay_events",
    "show_event",
]
