"""What gateways told, worked one event at a time, and forgotten when it is old."""

from app.config import load_settings
from app.webhooks import events, history

# The queue's other jobs wait meanwhile, so that a run forgets no more than this.
MOST_PER_RUN = 1_000


def process(event_id: str) -> None:
    """Do what a stored event asks for."""
    events.process(event_id)


def prune_events() -> None:
    """Forget events that are older than their retention."""
    history.prune(older_than_days=load_settings().webhook_retention_days, limit=MOST_PER_RUN)
