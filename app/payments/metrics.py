"""What an operator watches of payments, refunds and gateways."""

from collections.abc import Iterator

from prometheus_client.core import Metric, StateSetMetricFamily
from sqlalchemy import func, select

from app.core.db import transaction
from app.core.metrics import Source, gauge
from app.payments import breaker
from app.payments.gateway import all_gateways
from app.payments.models import Payment, Refund

STATES = ("closed", "trial", "open")
PAYMENT_STATUSES = (
    "created", "authorized", "captured", "failed", "partially_refunded", "refunded",
)  # fmt: skip


class BreakerSource(Source):
    """Whether calls to each gateway are made, are on trial, or are spared."""

    needs = "stock_redis"

    def ask(self) -> Iterator[Metric]:
        """Look now."""
        states = StateSetMetricFamily(
            "ora_gateway_breaker", "The breaker of each gateway.", labels=["gateway"]
        )
        for gateway in all_gateways():
            if not gateway.pays_on_delivery:
                now = breaker.state(gateway.name)
                states.add_metric([gateway.name], {state: state == now for state in STATES})
        yield states


class PaymentSource(Source):
    """How many payments there are, by how they stand."""

    kept_seconds = 60

    def ask(self) -> Iterator[Metric]:
        """Count them all."""
        payments = gauge("ora_payments", "Payments, by how they stand.", "status")
        query = select(Payment.status, func.count()).group_by(Payment.status)
        with transaction() as session:
            found = {status: count for status, count in session.execute(query)}  # noqa: C416
        for status in PAYMENT_STATUSES:
            payments.add_metric([status], found.get(status, 0))
        yield payments


class RefundSource(Source):
    """How many refunds are on their way, since when, and how many failed."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        pending = gauge("ora_refunds_pending", "Refunds on their way.")
        age = gauge("ora_refunds_oldest_age_seconds", "How long the first of them is on its way.")
        failed = gauge("ora_refunds_failed", "Refunds that failed.")
        since = func.extract("epoch", func.now() - func.min(Refund.created_at))
        query = select(func.count(), func.coalesce(since, 0)).where(Refund.status == "pending")
        with transaction() as session:
            count, seconds = session.execute(query).one()
            lost = session.scalar(select(func.count()).where(Refund.status == "failed"))
        for told, value in ((pending, count), (age, seconds), (failed, lost)):
            told.add_metric([], float(value or 0))
            yield told
