"""Money, for staff: payments, refunds, disputes, settlements, days compared."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask import current_app

from app.core import jobs
from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.auth import customer_id, staff
from app.core.db import transaction
from app.core.fields import PageQuery
from app.core.pages import Page
from app.core.problems import (
    Forbidden,
    OwnAffair,
    ReferenceReused,
    Unauthenticated,
    ValidationFailed,
    invalid,
)
from app.core.texts import storable
from app.payments import attempts, disputes, gateway, payments, refunds, settlements
from app.payments.errors import (
    AttemptNotFound,
    DisputeOpen,
    GatewayRefused,
    GatewayUnavailable,
    NothingToCapture,
    PaymentNotFound,
    RefundExceedsCapture,
    RefundNotFound,
    RefundNotPaidByHand,
)
from app.payments.models import Payment, Refund
from app.treasury import reconciliation
from app.treasury.capture import capture_payment
from app.treasury.refund import pay_out, request_refund, retry_refund
from app.treasury.schemas import (
    DaySchema,
    DifferencesSchema,
    DisputePageSchema,
    DisputeQuery,
    PaymentPageSchema,
    PaymentQuery,
    PaymentSummarySchema,
    ReconciliationPageSchema,
    RefundPageSchema,
    RefundQuery,
    RefundRequestSchema,
    RefundSchema,
    SettlementPageSchema,
    WholePaymentSchema,
)

admin = Blueprint(
    "admin_money", __name__, url_prefix="/api/v1/admin", description="Money, for staff"
)


@admin.get("/payments")
@staff
@admin.arguments(PaymentQuery, location="query")
@admin.response(200, PaymentPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_payments(query: dict[str, Any]) -> Page[Any]:
    """List payments, the newest first."""
    with transaction() as session:
        return payments.page(session, **query)


@admin.get("/payments/<uuid:payment_id>")
@staff
@admin.response(200, WholePaymentSchema)
@admin.raises(Unauthenticated, Forbidden, PaymentNotFound)
def show_payment(payment_id: UUID) -> dict[str, Any]:
    """Show a payment with its tries, refunds and disputes."""
    with transaction() as session:
        payment = payments.find(session, payment_id)
        tries = attempts.of_payment(session, payment_id)
        ids = [attempt.gateway_payment_id for attempt in tries]
        return {
            "payment": payment,
            "attempts": tries,
            "refundable": sum(attempts.left(a) for a in tries if a.outcome == "kept"),
            "refunds": [refund for one in ids for refund in refunds.of_attempt(session, one)],
            "disputes": [dispute for one in ids for dispute in disputes.of_attempt(session, one)],
        }


@admin.post("/payments/<uuid:payment_id>/capture")
@admin.doc(operationId="capture_payment")
@staff
@admin.response(200, PaymentSummarySchema)
@admin.raises(
    Unauthenticated, Forbidden, PaymentNotFound, NothingToCapture, GatewayRefused,
    GatewayUnavailable,
)  # fmt: skip
def capture(payment_id: UUID) -> Payment:
    """Take authorised money, or say that cash has come in; done again, it changes nothing."""
    return capture_payment(payment_id)


@admin.post("/payments/<uuid:payment_id>/refunds")
@for_admins
@admin.arguments(RefundRequestSchema)
@admin.response(202, RefundSchema)
@admin.raises(
    ValidationFailed, Unauthenticated, Forbidden, PaymentNotFound, AttemptNotFound,
    RefundExceedsCapture, DisputeOpen, ReferenceReused, OwnAffair,
)  # fmt: skip
def refund_payment(body: dict[str, Any], payment_id: UUID) -> Refund:
    """
    Send money of a paid order back, all that is left or a part of it.

    Repeated under the same reference it is the same refund.
    """
    speed = body.pop("speed") or current_app.config["ORA"].refund_speed
    return request_refund(payment_id, actor=f"staff:{customer_id()}", speed=speed, **body)


@admin.get("/refunds")
@staff
@admin.arguments(RefundQuery, location="query")
@admin.response(200, RefundPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_refunds(query: dict[str, Any]) -> Page[Any]:
    """List refunds, the newest first; those pending say why they have not got on."""
    with transaction() as session:
        return refunds.page(session, **query)


@admin.post("/refunds/<uuid:refund_id>/retry")
@admin.doc(operationId="retry_refund")
@for_admins
@admin.response(202, RefundSchema)
@admin.raises(
    Unauthenticated, Forbidden, OwnAffair, RefundNotFound, RefundExceedsCapture, DisputeOpen
)
def retry(refund_id: UUID) -> Refund:
    """Ask for a pending refund at once, or for a failed one anew."""
    return retry_refund(refund_id, actor=f"staff:{customer_id()}")


@admin.post("/refunds/<uuid:refund_id>/paid-out")
@admin.doc(operationId="close_refund_paid_out")
@for_admins
@admin.response(200, RefundSchema)
@admin.raises(Unauthenticated, Forbidden, RefundNotFound, RefundNotPaidByHand)
def paid_out(refund_id: UUID) -> Refund:
    """Say that a refund of cash was paid out by hand."""
    return pay_out(refund_id)


@admin.get("/disputes")
@staff
@admin.arguments(DisputeQuery, location="query")
@admin.response(200, DisputePageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_disputes(query: dict[str, Any]) -> Page[Any]:
    """List disputes, the newest first."""
    with transaction() as session:
        return disputes.page(session, **query)


@admin.get("/settlements")
@staff
@admin.arguments(PageQuery, location="query")
@admin.response(200, SettlementPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_settlements(query: dict[str, Any]) -> Page[Any]:
    """List what gateways transferred to the bank account, the newest first."""
    with transaction() as session:
        return settlements.page(session, **query)


@admin.get("/reconciliations")
@staff
@admin.arguments(PageQuery, location="query")
@admin.response(200, ReconciliationPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_reconciliations(query: dict[str, Any]) -> Page[Any]:
    """List the days that were compared with gateways, the newest first."""
    with transaction() as session:
        return reconciliation.page(session, **query)


@admin.post("/reconciliations")
@for_admins
@admin.arguments(DaySchema)
@admin.response(202, DaySchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def compare_day(body: dict[str, Any]) -> dict[str, Any]:
    """Have a day that is over compared, for the first time or again."""
    if not gateway.is_known(body["gateway"]):
        raise invalid("#/gateway", "is none of the shop's gateways")
    if body["day"] >= datetime.now(UTC).astimezone(reconciliation.INDIA).date():
        raise invalid("#/day", "is not over")
    with transaction() as session:
        jobs.stage(
            session, "payments.reconcile_day",
            gateway=body["gateway"], day=body["day"].isoformat(),
        )  # fmt: skip
    return body


@admin.get("/reconciliations/<gateway_name>/<day>")
@staff
@admin.response(200, DifferencesSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def show_differences(gateway_name: str, day: str) -> dict[str, Any]:
    """List what differed on a day, and whether our books were put right by it."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise invalid("#/day", "is not a day, such as 2026-11-24") from None
    with transaction() as session:
        return {"items": reconciliation.differences(session, storable(gateway_name) or "", on)}
