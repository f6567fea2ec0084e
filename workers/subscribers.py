"""What the shop's other systems are told."""

from uuid import UUID

from app.config import load_settings
from app.subscribers.deliver import deliver as take_turn


def deliver(subscriber_id: str) -> None:
    """Give a subscriber its turn."""
    take_turn(load_settings(), UUID(subscriber_id))
