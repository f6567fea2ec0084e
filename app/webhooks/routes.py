"""Where gateways deliver, and where staff see what they told."""

from typing import Any

from flask import Response, current_app, jsonify, request

from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from app.payments import gateway
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

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="For gateways")
admin = Blueprint(
    "admin_webhooks", __name__, url_prefix="/api/v1/admin/webhooks", description="The inbox"
)

LARGEST_BODY = 1024 * 1024


def _documented(*headers: str) -> dict[str, Any]:
    """Describe a delivery: what its gateway sends along, and a body of its gateway's making."""
    return {
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
            for name in headers
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
    }


@blueprint.post("/razorpay")
@blueprint.doc(operationId="receive_from_razorpay")
@blueprint.response(200, description="Stored, now or before")
@blueprint.raises(InvalidWebhookSignature)
@blueprint.doc(**_documented("X-Razorpay-Signature", "X-Razorpay-Event-Id"))
def receive() -> Response:
    """Take in an event of Razorpay's; it is stored before it is answered, and worked afterwards."""
    return _receive("razorpay")


@blueprint.post("/stripe")
@blueprint.response(200, description="Stored, now or before")
@blueprint.raises(InvalidWebhookSignature, NotFound)
@blueprint.doc(**_documented("Stripe-Signature"))
def receive_from_stripe() -> Response:
    """Take in an event of Stripe's, where the shop has an account there."""
    if not gateway.is_known("stripe"):
        raise NotFound
    return _receive("stripe")


def _receive(gateway_name: str) -> Response:
    request.max_content_length = LARGEST_BODY
    inbox.receive(
        gateway_name,
        request.get_data(),
        headers=dict(request.headers),
        lifetime_seconds=current_app.config["ORA"].reservation_extension_seconds,
    )
    return jsonify({"status": "stored"})


@admin.get("")
@staff
@admin.arguments(EventQuery, location="query")
@admin.response(200, EventPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_events(query: dict[str, Any]) -> Page[Any]:
    """List what gateways told, the newest first, and what came of it."""
    with transaction() as session:
        return history.page(session, **query)


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
