"""A customer's notifications."""

from typing import Any
from uuid import UUID

from app.core.api import Blueprint
from app.core.auth import customer_id, signed_in
from app.core.db import transaction
from app.core.problems import Unauthenticated, ValidationFailed
from app.messages import notifications
from app.messages.errors import NotificationNotFound
from app.messages.models import Notification
from app.messages.schemas import NotificationPageSchema, NotificationQuery, NotificationSchema

blueprint = Blueprint(
    "notifications",
    __name__,
    url_prefix="/api/v1/notifications",
    description="What happened to your orders",
)


@blueprint.get("")
@signed_in
@blueprint.arguments(NotificationQuery, location="query")
@blueprint.response(200, NotificationPageSchema)
@blueprint.raises(Unauthenticated, ValidationFailed)
def list_notifications(query: dict[str, Any]) -> dict[str, Any]:
    """List your notifications, newest first, with how many you have not read."""
    with transaction() as session:
        page = notifications.page(session, customer_id(), **query)
        unread = notifications.unread(session, customer_id())
    return {"items": page.items, "next_cursor": page.next_cursor, "unread": unread}


@blueprint.post("/read")
@blueprint.doc(operationId="read_all_notifications")
@signed_in
@blueprint.response(204)
@blueprint.raises(Unauthenticated)
def read_all() -> None:
    """Say that you have read all of them."""
    with transaction() as session:
        notifications.read(session, customer_id())


@blueprint.post("/<uuid:notification_id>/read")
@blueprint.doc(operationId="read_notification")
@signed_in
@blueprint.response(200, NotificationSchema)
@blueprint.raises(Unauthenticated, NotificationNotFound)
def read_one(notification_id: UUID) -> Notification:
    """Say that you have read one; said again, nothing changes."""
    with transaction() as session:
        notifications.read(session, customer_id(), notification_id)
        return notifications.find(session, notification_id, user_id=customer_id())
