"""
Announcements: what happened, told after the commit to whoever has to hear of it.

A story says that something happened and knows nothing of who listens. The worker spreads it:
customers get their messages, the shop's other systems their webhooks.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app.core import jobs
from app.core.ids import new_id

SPREAD = "announcements.spread"


def announce(session: Session, event: str, subject: UUID) -> None:
    """
    Have an event (``order.shipped``) and the id of what it happened to spread after the commit.

    It is spread once or more often, always under the same id, by which whoever listens keeps it:
    an order can be cancelled twice, and a product's stock changes every day.
    """
    jobs.stage(session, SPREAD, event=event, subject=str(subject), announcement_id=str(new_id()))
