"""What an operator watches of the inbox."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from sqlalchemy import func, select

from app.core.db import transaction
from app.core.metrics import Source, gauge
from app.webhooks.models import WebhookEvent

# The others have ended as they should, and are as many as there were events.
UNENDED = ("received", "failed")


class InboxSource(Source):
    """How many events wait to be worked, since when, and how many nobody could do."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        stored = gauge("ora_webhooks", "Stored events that are not done.", "status")
        age = gauge("ora_webhooks_oldest_age_seconds", "How long the first of those waits.")
        first = func.min(WebhookEvent.received_at)
        query = (
            select(WebhookEvent.status, func.count(), func.extract("epoch", func.now() - first))
            .where(WebhookEvent.status.in_(UNENDED))
            .group_by(WebhookEvent.status)
        )
        with transaction() as session:
            found = {status: (count, age) for status, count, age in session.execute(query)}
        for status in UNENDED:
            stored.add_metric([status], found.get(status, (0, 0))[0])
        age.add_metric([], float(found.get("received", (0, 0))[1]))
        yield from (stored, age)
