"""A subscriber goes, and with it what was delivered to it."""

from uuid import UUID

from app.core.db import transaction
from app.subscribers import deliveries, subscribers

# So many deliveries in one transaction; there may be a month of them.
STEP = 1_000


def remove_subscriber(subscriber_id: UUID) -> None:
    """
    Remove a subscriber; nothing is sent to it from the first step on.

    Raises:
        SubscriberNotFound: there is none.
    """
    with transaction() as session:
        subscribers.disable(session, subscribers.lock(session, subscriber_id))
    step = STEP
    while step == STEP:
        with transaction() as session:
            step = deliveries.forget_of(session, subscriber_id, limit=STEP)
    with transaction() as session:
        subscribers.remove(session, subscribers.lock(session, subscriber_id))
