"""What gateways told, worked together or one event at a time, and forgotten when it is old."""

from collections.abc import Mapping, Sequence

from app.config import load_settings
from app.webhooks import events, history

# The queue's other jobs wait meanwhile, so that a run forgets no more than this.
MOST_PER_RUN = 1_000


def process(event_id: str) -> None:
    """Do what a stored event asks for."""
    events.process(event_id)


def process_together(tasks: Sequence[Mapping[str, str]]) -> list[bool]:
    """Do what can be done of many events at once; tells of each whether it is done."""
    ended = events.process_together([task["event_id"] for task in tasks])
    return [task["event_id"] in ended for task in tasks]


def prune_events() -> None:
    """Forget events that are older than their retention."""
    history.prune(older_than_days=load_settings().webhook_retention_days, limit=MOST_PER_RUN)
