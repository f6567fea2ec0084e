"""Where Razorpay delivers, and where staff see what it told."""

from typing import Any

from flask import Response, current_app, jsonify, request

from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.webhooks import history, inbox
from app.webhooks.errors import EventNotFound, InvalidWebhookSignature
from app.webhooks.models import WebhookEvent
from app.webhooks.schemas import (
    EventPageSchema,
    EventQuery,
    ReplayedSchema,
    ReplaySchema,
    WholeEventSchema,
)

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="For Razorpay")
admin = Blueprint(
    "admin_webhooks", __name__, url_prefix="/api/v1/admin/webhooks", description="The inbox"
)

LARGEST_BODY = 1024 * 1024


@blueprint.post("/razorpay")
@blueprint.response(200, description="Stored, now or before")
@blueprint.raises(InvalidWebhookSignature)
@blueprint.doc(
    parameters=[
        {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
        for name in ("X-Razorpay-Signature", "X-Razorpay-Event-Id")
    ],
    requestBody={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
)
def receive() -> Response:
    """Take in an event; it is stored before it is answered, and worked afterwards."""
    request.max_content_length = LARGEST_BODY
    settings = current_app.config["ORA"]
    inbox.receive(
        request.get_data(),
        signature=request.headers.get("X-Razorpay-Signature", ""),
        event_id=request.headers.get("X-Razorpay-Event-Id", ""),
        secrets=settings.webhook_secrets,
        lifetime_seconds=settings.reservation_extension_seconds,
    )
    return jsonify({"status": "stored"})


@admin.get("")
@staff
@admin.arguments(EventQuery, location="query")
@admin.response(200, EventPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """List what Razorpay told, the newest first, and what came of it."""
    with transaction() as session:
        items, next_cursor = history.page(session, **query)
    return {"items": items, "next_cursor": next_cursor}


@admin.get("/<event_id>")
@staff
@admin.response(200, WholeEventSchema)
@admin.raises(Unauthenticated, Forbidden, EventNotFound)
def show_event(event_id: str) -> WebhookEvent:
    """Show an event with what was delivered."""
    with transaction() as session:
        return history.find(session, event_id)


@admin.post("/<event_id>/replay")
@for_admins
@admin.response(202, ReplayedSchema)
@admin.raises(Unauthenticated, Forbidden, EventNotFound)
def replay_event(event_id: str) -> dict[str, int]:
    """Have an event worked again; what it did already is not done twice."""
    history.replay([event_id])
    return {"replayed": 1}


@admin.post("/replay")
@for_admins
@admin.arguments(ReplaySchema)
@admin.response(202, ReplayedSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden, EventNotFound)
def replay_events(body: dict[str, list[str]]) -> dict[str, int]:
    """Have up to 200 events worked again, all of them or none."""
    history.replay(body["event_ids"])
    return {"replayed": len(set(body["event_ids"]))}
