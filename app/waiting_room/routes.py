"""Waiting for one's turn to buy."""

from typing import Any

from flask import current_app

from app.catalog.errors import ProductNotFound
from app.core.api import Blueprint
from app.core.auth import customer_id, signed_in
from app.core.problems import Unauthenticated, ValidationFailed
from app.core.redis_client import redis
from app.waiting_room import turns
from app.waiting_room.schemas import TurnRequestSchema, TurnSchema
from app.waiting_room.turns import Turn

blueprint = Blueprint(
    "waiting room", __name__, url_prefix="/api/v1", description="Your turn to buy what many want"
)


@blueprint.post("/products/<slug:slug>/waiting-room")
@blueprint.doc(operationId="ask_for_turn")
@signed_in
@blueprint.arguments(TurnRequestSchema, required=False)
@blueprint.response(200, TurnSchema)
@blueprint.raises(Unauthenticated, ProductNotFound, ValidationFailed)
def ask(body: dict[str, Any], slug: str) -> Turn:
    """Get in line for a product, or ask how you stand; as many are let in as there are units."""
    secret = current_app.config["ORA"].secret_key.get_secret_value()
    return turns.ask(redis(), customer_id(), slug, ticket=body.get("ticket"), secret=secret)


@blueprint.delete("/products/<slug:slug>/waiting-room")
@blueprint.doc(operationId="leave_waiting_room")
@signed_in
@blueprint.response(204)
@blueprint.raises(Unauthenticated, ProductNotFound)
def leave(slug: str) -> None:
    """Wait no longer, and give up your turn."""
    turns.leave(redis(), customer_id(), slug)
