"""What an operator watches of the money as a whole."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from app.core.db import transaction
from app.core.metrics import Source, gauge
from app.treasury import audit


class LedgerSource(Source):
    """What was captured and neither pays for anything nor went back: its normal value is zero."""

    # It adds up every capture there ever was.
    kept_seconds = 60

    def ask(self) -> Iterator[Metric]:
        """Add up."""
        unmatched = gauge("ora_unmatched_paise", "Captured money that belongs to nothing.")
        captured = gauge("ora_captured_paise", "All money that was ever captured.")
        refunded = gauge("ora_refunded_paise", "What went back of it, or is on its way.")
        with transaction() as session:
            totals = audit.totals(session)
        unmatched.add_metric([], totals.unaccounted)
        captured.add_metric([], totals.captured)
        refunded.add_metric([], totals.refunded)
        yield from (unmatched, captured, refunded)
