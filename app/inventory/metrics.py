"""What an operator watches of the stock."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from sqlalchemy import func, select

from app.core.db import transaction
from app.core.metrics import Source, gauge
from app.inventory import reconciler
from app.inventory.models import Reservation


class DriftSource(Source):
    """How many differences between Redis and Postgres were found: its normal value is zero."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        drifts = CounterMetricFamily(
            "ora_stock_drifts", "Differences that the reconciler found.", labels=["kind"]
        )
        with transaction() as session:
            for kind, count in reconciler.drifts_by_kind(session).items():
                drifts.add_metric([kind], count)
        yield drifts


class ReservationSource(Source):
    """How many reservations wait for their payment, and which of them nobody has ended in time."""

    def ask(self) -> Iterator[Metric]:
        """Count them now."""
        pending = gauge("ora_reservations_pending", "Reservations that wait for a payment.")
        units = gauge("ora_reservations_pending_units", "Units that they hold.")
        overdue = gauge(
            "ora_reservations_overdue", "Of those, reservations whose deadline is over."
        )
        is_over = Reservation.deadline_at < func.now()
        query = select(
            func.count(),
            func.coalesce(func.sum(Reservation.units), 0),
            func.count().filter(is_over),
        ).where(Reservation.state == "pending")
        with transaction() as session:
            counts = session.execute(query).one()
        for told, count in zip((pending, units, overdue), counts, strict=True):
            told.add_metric([], int(count))
            yield told
