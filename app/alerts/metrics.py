"""What an operator watches of the alerts."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from app.alerts import alerts
from app.core.db import transaction
from app.core.metrics import Source, gauge


class AlertSource(Source):
    """How many alerts are open: their normal number is zero."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        counts = gauge("ora_alerts_open", "Alerts that nobody has closed.", "kind")
        with transaction() as session:
            for kind, count in alerts.open_by_kind(session).items():
                counts.add_metric([kind], count)
        yield counts
