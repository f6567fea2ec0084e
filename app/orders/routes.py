"""A customer's own orders."""

from typing import Any
from uuid import UUID

from app.core.api import Blueprint
from app.core.auth import customer_id, signed_in
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Unauthenticated, ValidationFailed
from app.orders import orders
from app.orders.errors import OrderNotFound
from app.orders.schemas import OrderPageSchema, OrderSchema, OwnOrderQuery

blueprint = Blueprint("orders", __name__, url_prefix="/api/v1/orders", description="Your orders")


@blueprint.get("")
@signed_in
@blueprint.arguments(OwnOrderQuery, location="query")
@blueprint.response(200, OrderPageSchema)
@blueprint.raises(Unauthenticated, ValidationFailed)
def list_orders(query: dict[str, Any]) -> Page[Any]:
    """List your orders, newest first."""
    with transaction() as session:
        return orders.page(session, customer_id(), **query)


@blueprint.get("/<uuid:order_id>")
@signed_in
@blueprint.response(200, OrderSchema)
@blueprint.raises(Unauthenticated, OrderNotFound)
def show_order(order_id: UUID) -> Any:
    """Show one of your orders."""
    with transaction() as session:
        return orders.find(session, order_id, user_id=customer_id())
