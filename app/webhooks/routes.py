"""Where Razorpay delivers."""

from flask import Response, current_app, jsonify, request

from app.core.api import Blueprint
from app.webhooks import inbox
from app.webhooks.errors import InvalidWebhookSignature

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks", description="For Razorpay")

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
