"""The first page: what there is to do, and how the day goes."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from flask import current_app
from flask_admin import expose
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.alerts.models import Alert
from app.backoffice.page import EVERYBODY, Page
from app.core.cache import Cache
from app.core.db import transaction
from app.core.india import INDIA
from app.core.replica import reading
from app.inventory import stock
from app.orders.models import Order
from app.reports import reports
from app.reports.reports import REPORTS
from app.returns.models import Return
from app.treasury import sales

TOP = 5
MOST_LOW = 100
# The sums of 30 days take seconds in a large shop, and are looked at by everybody.
MONTH_SECONDS = 60
_MONTH: Cache[datetime, dict[str, Any]] = Cache(most=1)
TO_DO = ("confirmed", "processing", "shipped", "return_requested")
_WAITING = text("""
    SELECT
        (SELECT count(*) FROM reservations WHERE state = 'pending' AND deadline_at > now()),
        (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL),
        (SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL),
        (SELECT min(created_at) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL),
        (SELECT count(*) FROM stock_drifts WHERE found_at > now() - interval '1 day'),
        (SELECT count(*) FROM webhook_events WHERE status = 'received'),
        (SELECT count(*) FROM webhook_events WHERE status = 'failed')
""")


class Today(Page):
    """What there is to do now."""

    ALLOWED: ClassVar = {"index": EVERYBODY}

    @expose("/")
    def index(self) -> Any:
        """Show it."""
        now = datetime.now(UTC)
        midnight = now.astimezone(INDIA).replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight - timedelta(days=29)
        with transaction() as session:
            return self.render(
                "backoffice/today.html",
                to_do=_to_do(session),
                returns=_returns(session),
                alerts=_alerts(session),
                today=sales.between(session, midnight, now),
                low=len(stock.page(session, is_low=True, limit=MOST_LOW, after=None)),
                **_MONTH.get(midnight, lambda: _month(first, now), seconds=_kept_seconds()),
                waiting=session.execute(_WAITING).one(),
            )


def _kept_seconds() -> float:
    """Tell how old the month may be: a moment, where answers may be kept at all."""
    return MONTH_SECONDS if current_app.config["ORA"].cache_seconds else 0


def _month(first: datetime, now: datetime) -> dict[str, Any]:
    """Tell how the month went: by day, by what orders came to, by product, by way to pay."""
    last = now.astimezone(INDIA).date()
    with reading() as session:
        made = {
            name: reports.rows(session, name, first=first.date(), last=last)
            for name in ("sales", "funnel", "products", "payments")
        }
        month = sales.between(session, first, now)
    total = REPORTS["sales"].columns.index("total_paise")
    return {
        "month": month,
        "days": made["sales"],
        "chart": {
            "labels": [f"{row[0]:%d %b}" for row in made["sales"]],
            "rupees": [row[total] / 100 for row in made["sales"]],
        },
        "funnel": made["funnel"],
        "products": made["products"][:TOP],
        "ways": made["payments"],
    }


def _to_do(session: Session) -> dict[str, int]:
    query = select(Order.status, func.count()).where(Order.status.in_(TO_DO))
    found = dict(session.execute(query.group_by(Order.status)).all())
    return {status: found.get(status, 0) for status in TO_DO}


def _returns(session: Session) -> int:
    query = select(func.count()).where(Return.status.in_(("requested", "approved")))
    return session.scalar(query) or 0


def _alerts(session: Session) -> list[Alert]:
    query = select(Alert).where(Alert.closed_at.is_(None)).order_by(Alert.created_at.desc())
    return list(session.scalars(query.limit(10)))
