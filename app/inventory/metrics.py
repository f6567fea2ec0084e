"""What an operator watches of the stock."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.db import transaction
from app.inventory import reconciler


class DriftCollector(Collector):
    """How many differences between Redis and Postgres were found: its normal value is zero."""

    def collect(self) -> Iterator[Metric]:
        """Count them now."""
        drifts = CounterMetricFamily(
            "ora_stock_drifts", "Differences that the reconciler found.", labels=["kind"]
        )
        with transaction() as session:
            for kind, count in reconciler.drifts_by_kind(session).items():
                drifts.add_metric([kind], count)
        yield drifts
