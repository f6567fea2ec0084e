"""What Razorpay told, worked one event at a time."""

from app.webhooks import events


def process(event_id: str) -> None:
    """Do what a stored event asks for."""
    events.process(event_id)
