"""What an operator watches of the alerts."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.alerts import alerts
from app.core.db import transaction


class AlertCollector(Collector):
    """How many alerts are open: their normal number is zero."""

    def collect(self) -> Iterator[Metric]:
        """Count them now."""
        counts = GaugeMetricFamily(
            "ora_alerts_open", "Alerts that nobody has closed.", labels=["kind"]
        )
        with transaction() as session:
            for kind, count in alerts.open_by_kind(session).items():
                counts.add_metric([kind], count)
        yield counts
