"""Waiting for a product to be back in stock."""

from typing import Any

from app.accounts.contact import require_contact
from app.accounts.errors import SessionEnded
from app.catalog.errors import ProductNotFound
from app.core.api import Blueprint
from app.core.auth import customer_id, is_guest, signed_in
from app.core.db import transaction
from app.core.problems import Unauthenticated, ValidationFailed
from app.waitlist import waitlist
from app.waitlist.errors import AvailableNow
from app.waitlist.schemas import JoinSchema, WaitlistSchema

blueprint = Blueprint("waitlist", __name__, url_prefix="/api/v1", description="What you wait for")


@blueprint.put("/products/<slug:slug>/waitlist")
@blueprint.doc(operationId="join_waitlist")
@signed_in
@blueprint.arguments(JoinSchema, required=False)
@blueprint.response(204)
@blueprint.raises(Unauthenticated, SessionEnded, ProductNotFound, AvailableNow, ValidationFailed)
def join(body: dict[str, Any], slug: str) -> None:
    """Be told by mail, once, when a product is back in stock; who asked first is told first."""
    require_contact(customer_id(), body["contact"], is_guest=is_guest())
    with transaction() as session:
        waitlist.join(session, customer_id(), slug)


@blueprint.delete("/products/<slug:slug>/waitlist")
@blueprint.doc(operationId="leave_waitlist")
@signed_in
@blueprint.response(204)
@blueprint.raises(Unauthenticated, ProductNotFound)
def leave(slug: str) -> None:
    """Wait no longer."""
    with transaction() as session:
        waitlist.leave(session, customer_id(), slug)


@blueprint.get("/me/waitlist")
@blueprint.doc(operationId="list_waitlist")
@signed_in
@blueprint.response(200, WaitlistSchema)
@blueprint.raises(Unauthenticated)
def list_own() -> dict[str, Any]:
    """List what you wait for, and what you were told of."""
    with transaction() as session:
        rows = waitlist.of(session, customer_id())
    return {
        "items": [
            {
                "sku": product.sku, "slug": product.slug, "name": product.name,
                "created_at": entry.created_at, "told_at": entry.told_at,
            }
            for entry, product in rows
        ]
    }  # fmt: skip
