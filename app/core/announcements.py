"""
Announcements: what happened, told after the commit to whoever has to hear of it.

A story says that something happened and knows nothing of who listens. The worker spreads it:
customers get their messages, the shop's other systems their webhooks.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app.core import jobs

SPREAD = "announcements.spread"


def announce(session: Session, event: str, subject: UUID) -> None:
    """
    Have an event (``order.shipped``) and the id of what it happened to spread after the commit.

    It is spread once or more often, so whoever listens keeps it by event and subject.
    """
    jobs.stage(session, SPREAD, event=event, subject=str(subject))
