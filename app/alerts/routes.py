"""Alerts, for staff."""

from typing import Any
from uuid import UUID

from app.alerts import alerts
from app.alerts.errors import AlertNotFound
from app.alerts.models import Alert
from app.alerts.schemas import AlertPageSchema, AlertQuery, AlertSchema
from app.core.api import Blueprint
from app.core.auth import customer_id, staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed

admin = Blueprint(
    "admin_alerts", __name__, url_prefix="/api/v1/admin/alerts", description="What to look at"
)


@admin.get("")
@staff
@admin.arguments(AlertQuery, location="query")
@admin.response(200, AlertPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_alerts(query: dict[str, Any]) -> Page[Any]:
    """List alerts, the newest first."""
    with transaction() as session:
        return alerts.page(session, **query)


@admin.post("/<uuid:alert_id>/close")
@staff
@admin.response(200, AlertSchema)
@admin.raises(Unauthenticated, Forbidden, AlertNotFound)
def close_alert(alert_id: UUID) -> Alert:
    """Close an alert that you have seen to; it is raised anew where its cause comes again."""
    with transaction() as session:
        return alerts.dismiss(session, alert_id, by=f"staff:{customer_id()}")
