"""What an operator watches of the gateways."""

from collections.abc import Iterator

from prometheus_client.core import Metric, StateSetMetricFamily
from prometheus_client.registry import Collector

from app.payments import breaker
from app.payments.gateway import all_gateways

STATES = ("closed", "trial", "open")


class BreakerCollector(Collector):
    """Whether calls to each gateway are made, are on trial, or are spared."""

    def collect(self) -> Iterator[Metric]:
        """Look now."""
        states = StateSetMetricFamily(
            "ora_gateway_breaker", "The breaker of each gateway.", labels=["gateway"]
        )
        for gateway in all_gateways():
            if not gateway.pays_on_delivery:
                now = breaker.state(gateway.name)
                states.add_metric([gateway.name], {state: state == now for state in STATES})
        yield states
