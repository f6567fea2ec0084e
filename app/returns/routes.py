"""Returns: asked for by customers, decided and received by staff."""

from typing import Any
from uuid import UUID

from flask import current_app

from app.checkout.errors import ProductUnavailable, RequestInFlight
from app.config import Settings
from app.core.api import Blueprint
from app.core.auth import customer_id, signed_in, staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, OwnAffair, Unauthenticated, ValidationFailed
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded, UnknownSku
from app.orders.errors import OrderNotFound
from app.orders.models import Order
from app.orders.schemas import OrderSchema
from app.returns import returns
from app.returns.ask import ask_for_return, withdraw_return
from app.returns.decide import decide_return
from app.returns.errors import (
    NothingToExchange,
    ReturnDecided,
    ReturnNotFound,
    ReturnWindowClosed,
    UnitsNotReturnable,
)
from app.returns.exchange import order_exchange
from app.returns.models import Return
from app.returns.receive import Arrival, end_repair, receive_return
from app.returns.schemas import (
    AskSchema,
    DecisionSchema,
    ReceiptSchema,
    RepairedSchema,
    ReturnPageSchema,
    ReturnQuery,
    ReturnSchema,
    StaffReturnPageSchema,
    StaffReturnSchema,
    WholeReturnSchema,
)

blueprint = Blueprint("returns", __name__, url_prefix="/api/v1", description="Your returns")
admin = Blueprint(
    "admin_returns", __name__, url_prefix="/api/v1/admin/returns", description="Returns, for staff"
)


@blueprint.post("/orders/<uuid:order_id>/returns")
@blueprint.doc(operationId="ask_for_return")
@signed_in
@blueprint.arguments(AskSchema)
@blueprint.response(201, ReturnSchema)
@blueprint.raises(
    Unauthenticated, OrderNotFound, ReturnWindowClosed, UnitsNotReturnable, ValidationFailed
)
def ask(body: dict[str, Any], order_id: UUID) -> Return:
    """Ask to send units of a delivered order back."""
    window = settings().return_window_days
    return ask_for_return(order_id, customer_id=customer_id(), window_days=window, **body)


@blueprint.get("/returns")
@signed_in
@blueprint.arguments(ReturnQuery, location="query")
@blueprint.response(200, ReturnPageSchema)
@blueprint.raises(Unauthenticated, ValidationFailed)
def list_returns(query: dict[str, Any]) -> Page[Return]:
    """List your returns, newest first."""
    with transaction() as session:
        return returns.page(session, user_id=customer_id(), **query)


@blueprint.get("/returns/<uuid:return_id>")
@signed_in
@blueprint.response(200, ReturnSchema)
@blueprint.raises(Unauthenticated, ReturnNotFound)
def show_return(return_id: UUID) -> Return:
    """Show one of your returns, with every step."""
    with transaction() as session:
        return returns.find(session, return_id, user_id=customer_id())


@blueprint.post("/returns/<uuid:return_id>/withdraw")
@blueprint.doc(operationId="withdraw_return")
@signed_in
@blueprint.response(200, ReturnSchema)
@blueprint.raises(Unauthenticated, ReturnNotFound, ReturnDecided)
def withdraw(return_id: UUID) -> Return:
    """Give a return up that has not been received."""
    return withdraw_return(return_id, customer_id=customer_id())


@blueprint.post("/returns/<uuid:return_id>/exchange")
@blueprint.doc(operationId="exchange_return")
@signed_in
@blueprint.response(200, OrderSchema)
@blueprint.raises(
    Unauthenticated, ReturnNotFound, NothingToExchange, InsufficientStock, PurchaseLimitExceeded,
    UnknownSku, ProductUnavailable, RequestInFlight,
)  # fmt: skip
def exchange(return_id: UUID) -> Order:
    """Order what you want in exchange for approved units; it is paid like any order."""
    return order_exchange(settings(), return_id, customer_id=customer_id())


@admin.get("")
@staff
@admin.arguments(ReturnQuery, location="query")
@admin.response(200, StaffReturnPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_all_returns(query: dict[str, Any]) -> Page[Return]:
    """List returns, the newest first."""
    with transaction() as session:
        return returns.page(session, user_id=None, **query)


@admin.get("/<uuid:return_id>")
@staff
@admin.response(200, WholeReturnSchema)
@admin.raises(Unauthenticated, Forbidden, ReturnNotFound)
def show_whole_return(return_id: UUID) -> dict[str, Any]:
    """Show a return with every step and what became of its units."""
    with transaction() as session:
        return {
            "item": returns.find(session, return_id),
            "dispositions": returns.dispositions(session, return_id),
            "in_repair": returns.in_repair(session, return_id),
        }


@admin.post("/<uuid:return_id>/decision")
@admin.doc(operationId="decide_return")
@staff
@admin.arguments(DecisionSchema)
@admin.response(200, StaffReturnSchema)
@admin.raises(
    Unauthenticated, Forbidden, OwnAffair, ReturnNotFound, ReturnDecided, UnitsNotReturnable,
    ValidationFailed,
)  # fmt: skip
def decide(body: dict[str, Any], return_id: UUID) -> Return:
    """Approve or reject a return, whole or line by line; told again, nothing changes."""
    return decide_return(
        return_id,
        body["lines"],
        is_approved=body["decision"] == "approve",
        note=body["note"],
        actor=_actor(),
    )


@admin.post("/<uuid:return_id>/receipt")
@admin.doc(operationId="receive_return")
@staff
@admin.arguments(ReceiptSchema)
@admin.response(200, StaffReturnSchema)
@admin.raises(
    Unauthenticated, Forbidden, OwnAffair, ReturnNotFound, ReturnDecided, UnitsNotReturnable,
    ValidationFailed,
)  # fmt: skip
def receive(body: dict[str, Any], return_id: UUID) -> Return:
    """Take in what came: its money goes back, and the units are put where they belong."""
    return receive_return(
        return_id,
        [Arrival(**line) for line in body["lines"]],
        note=body["note"],
        actor=_actor(),
        speed=settings().refund_speed,
    )


@admin.post("/<uuid:return_id>/repaired")
@admin.doc(operationId="finish_repair")
@staff
@admin.arguments(RepairedSchema)
@admin.response(200, StaffReturnSchema)
@admin.raises(Unauthenticated, Forbidden, ReturnNotFound, UnitsNotReturnable, ValidationFailed)
def repaired(body: dict[str, Any], return_id: UUID) -> Return:
    """Say what becomes of units that were in repair; repeated, nothing changes."""
    arrivals = [Arrival(**line) for line in body["lines"]]
    return end_repair(return_id, arrivals, reference=body["reference"], actor=_actor())


def settings() -> Settings:
    """Return the settings this app was made with."""
    made_with: Settings = current_app.config["ORA"]
    return made_with


def _actor() -> str:
    return f"staff:{customer_id()}"
