"""Orders after they are placed: given up by customers, moved on their way by staff."""

from typing import Any
from uuid import UUID

from flask import current_app

from app.accounts import accounts
from app.accounts.errors import SessionEnded, WrongPassword
from app.accounts.schemas import ConfirmationSchema, TokensSchema
from app.core.api import Blueprint
from app.core.auth import customer_id, issue_tokens, signed_in, staff
from app.core.db import transaction
from app.core.limits import by_account, by_address
from app.core.pages import Page
from app.core.problems import (
    Forbidden,
    ReferenceReused,
    TooManyRequests,
    Unauthenticated,
    ValidationFailed,
)
from app.fulfilment import filters, timeline
from app.fulfilment.cancel import Wish, cancel_order, cancel_units
from app.fulfilment.errors import (
    OrderNotCancellable,
    OrdersUnderWay,
    PiecesMissing,
    PreorderNotArrived,
    PreorderNotOpen,
    PreorderOpen,
    StaffCannotLeave,
    StockOnHand,
    UnitsNotCancellable,
)
from app.fulfilment.leave import delete_account
from app.fulfilment.preorders import (
    Preorder,
    end_preorder,
    list_preorders,
    open_preorder,
    postpone_preorder,
)
from app.fulfilment.progress import move_order
from app.fulfilment.schemas import (
    ArrivalSchema,
    CancellationSchema,
    MoveSchema,
    NewPreorderSchema,
    OrderQuery,
    PreorderListSchema,
    PreorderSchema,
    ShipsOnSchema,
    StaffOrderPageSchema,
    StaffOrderSchema,
    TimelineSchema,
    TrackSchema,
    UnitsCancellationSchema,
    WholeOrderSchema,
)
from app.fulfilment.track import find_guest
from app.inventory.errors import InsufficientStock, UnknownSku
from app.orders import orders
from app.orders.errors import IllegalTransition, OrderNotFound
from app.orders.models import Order
from app.orders.schemas import OrderSchema
from app.payments import payments, refunds

blueprint = Blueprint(
    "fulfilment", __name__, url_prefix="/api/v1/orders", description="Your orders, once placed"
)
leaving = Blueprint("leaving", __name__, url_prefix="/api/v1", description="Your account")
admin = Blueprint(
    "admin_orders", __name__, url_prefix="/api/v1/admin/orders", description="Orders, for staff"
)


preorders = Blueprint(
    "preorders",
    __name__,
    url_prefix="/api/v1/admin/preorders",
    description="What is sold before it is there",
)


@blueprint.post("/<uuid:order_id>/cancel")
@blueprint.doc(operationId="cancel_order")
@signed_in
@blueprint.arguments(CancellationSchema, required=False)
@blueprint.response(200, OrderSchema)
@blueprint.raises(Unauthenticated, OrderNotFound, OrderNotCancellable, ValidationFailed)
def cancel(body: dict[str, Any], order_id: UUID) -> Order:
    """Give an order up that has not been shipped; what you paid for it goes back to you."""
    return cancel_order(order_id, _of_customer(body["reason"]))


@blueprint.post("/<uuid:order_id>/cancel-units")
@blueprint.doc(operationId="cancel_units")
@signed_in
@blueprint.arguments(UnitsCancellationSchema)
@blueprint.response(200, OrderSchema)
@blueprint.raises(
    Unauthenticated, OrderNotFound, OrderNotCancellable, UnitsNotCancellable, ReferenceReused,
    ValidationFailed,
)  # fmt: skip
def give_units_up(body: dict[str, Any], order_id: UUID) -> Order:
    """Give some units of a confirmed order up; what you paid for them goes back to you."""
    wish = _of_customer(body["reason"])
    return cancel_units(order_id, body["lines"], reference=body["reference"], wish=wish)


@blueprint.post("/track")
@blueprint.doc(operationId="track_order")
@by_address
@by_account
@blueprint.arguments(TrackSchema)
@blueprint.response(200, TokensSchema)
@blueprint.raises(OrderNotFound, ValidationFailed, TooManyRequests)
def track(body: dict[str, str]) -> dict[str, Any]:
    """Find an order that you placed as a guest; the tokens are the guest's."""
    with transaction() as session:
        guest = find_guest(session, **body)
        started = accounts.start_session(session, guest)
    return issue_tokens(
        guest.id, role=guest.role, session_id=started.id, refresh_id=started.refresh_id
    )


@blueprint.get("/<uuid:order_id>/timeline")
@signed_in
@blueprint.response(200, TimelineSchema)
@blueprint.raises(Unauthenticated, OrderNotFound)
def show_timeline(order_id: UUID) -> dict[str, Any]:
    """Tell what happened to an order and its money, the first thing first."""
    with transaction() as session:
        order = orders.find(session, order_id, user_id=customer_id())
        return {"items": timeline.of_order(session, order)}


@leaving.delete("/me")
@leaving.doc(operationId="delete_account")
@signed_in
@leaving.arguments(ConfirmationSchema)
@leaving.response(204)
@leaving.raises(
    Unauthenticated, SessionEnded, WrongPassword, OrdersUnderWay, StaffCannotLeave, ValidationFailed
)
def delete_me(body: dict[str, str]) -> None:
    """Delete your account: everything about you is erased; what you bought is kept nameless."""
    delete_account(customer_id(), password=body["password"])


@admin.get("")
@staff
@admin.arguments(OrderQuery, location="query")
@admin.response(200, StaffOrderPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_all_orders(query: dict[str, Any]) -> Page[Order]:
    """List orders, the newest first."""
    with transaction() as session:
        return filters.search(session, **query)


@admin.get("/<uuid:order_id>")
@staff
@admin.response(200, WholeOrderSchema)
@admin.raises(Unauthenticated, Forbidden, OrderNotFound)
def show_whole_order(order_id: UUID) -> dict[str, Any]:
    """Show an order with its payments, its refunds and everything that happened to it."""
    with transaction() as session:
        order = orders.find(session, order_id)
        return {
            "order": order,
            "payments": payments.of_order(session, order_id),
            "refunds": refunds.of_order(session, order_id),
            "timeline": timeline.of_order(session, order),
        }


@admin.post("/<uuid:order_id>/status")
@admin.doc(operationId="set_order_status")
@staff
@admin.arguments(MoveSchema)
@admin.response(200, StaffOrderSchema)
@admin.raises(
    Unauthenticated, Forbidden, OrderNotFound, IllegalTransition, PreorderNotArrived,
    ValidationFailed,
)  # fmt: skip
def set_status(body: dict[str, Any], order_id: UUID) -> Order:
    """Move an order on its way; told again, nothing changes but the parcel's number."""
    return move_order(order_id, actor=f"staff:{customer_id()}", **body)


@admin.post("/<uuid:order_id>/cancel")
@admin.doc(operationId="cancel_any_order")
@staff
@admin.arguments(CancellationSchema, required=False)
@admin.response(200, StaffOrderSchema)
@admin.raises(Unauthenticated, Forbidden, OrderNotFound, OrderNotCancellable, ValidationFailed)
def cancel_for_customer(body: dict[str, Any], order_id: UUID) -> Order:
    """Cancel an order that has not been shipped; its payment goes back."""
    return cancel_order(order_id, _of_staff(body["reason"]))


@admin.post("/<uuid:order_id>/cancel-units")
@admin.doc(operationId="cancel_units_of_any_order")
@staff
@admin.arguments(UnitsCancellationSchema)
@admin.response(200, StaffOrderSchema)
@admin.raises(
    Unauthenticated, Forbidden, OrderNotFound, OrderNotCancellable, UnitsNotCancellable,
    ReferenceReused, ValidationFailed,
)  # fmt: skip
def give_units_up_for_customer(body: dict[str, Any], order_id: UUID) -> Order:
    """Cancel some units of an order that has not been shipped; what they were paid goes back."""
    wish = _of_staff(body["reason"])
    return cancel_units(order_id, body["lines"], reference=body["reference"], wish=wish)


def _of_customer(reason: str | None) -> Wish:
    user_id = customer_id()
    return Wish(f"customer:{user_id}", reason, _speed(), user_id)


def _of_staff(reason: str | None) -> Wish:
    return Wish(f"staff:{customer_id()}", reason, _speed())


def _speed() -> Any:
    return current_app.config["ORA"].refund_speed


@preorders.get("")
@staff
@preorders.response(200, PreorderListSchema)
@preorders.raises(Unauthenticated, Forbidden)
def list_open_preorders() -> dict[str, Any]:
    """List the products on pre-order, the first to come first."""
    with transaction() as session:
        return {"items": list_preorders(session)}


@preorders.post("")
@staff
@preorders.arguments(NewPreorderSchema)
@preorders.response(201, PreorderSchema)
@preorders.raises(
    Unauthenticated, Forbidden, UnknownSku, PreorderOpen, StockOnHand, ValidationFailed
)
def start_preorder(body: dict[str, Any]) -> Preorder:
    """Sell a product before it is there, up to a limit; adjust its stock to change the limit."""
    return open_preorder(**body, actor=f"staff:{customer_id()}")


@preorders.patch("/<sku:sku>")
@preorders.doc(operationId="change_preorder")
@staff
@preorders.arguments(ShipsOnSchema)
@preorders.response(200, PreorderSchema)
@preorders.raises(Unauthenticated, Forbidden, UnknownSku, PreorderNotOpen, ValidationFailed)
def promise_another_day(body: dict[str, Any], sku: str) -> Preorder:
    """Promise another day from now on; orders keep theirs."""
    return postpone_preorder(sku, **body)


@preorders.post("/<sku:sku>/arrival")
@preorders.doc(operationId="receive_preorder")
@staff
@preorders.arguments(ArrivalSchema)
@preorders.response(204)
@preorders.raises(
    Unauthenticated, Forbidden, UnknownSku, PreorderNotOpen, PiecesMissing, InsufficientStock,
    ReferenceReused, ValidationFailed,
)  # fmt: skip
def take_pieces_in(body: dict[str, Any], sku: str) -> None:
    """Take the pieces in: orders of them can be shipped, the rest is on sale."""
    end_preorder(sku, **body, actor=f"staff:{customer_id()}")
