"""Every refusal by its ``code``, written from the shop's document."""

from ora_client.problems import ProblemError

__all__ = [
    "AccountNotFound",
    "AddressNotFound",
    "AdmissionNeeded",
    "AlertNotFound",
    "AttemptNotFound",
    "AvailableNow",
    "CartEmpty",
    "CartFull",
    "CategoryTaken",
    "CategoryUnknown",
    "CouponChanged",
    "CouponNotFound",
    "CouponRefused",
    "CouponTaken",
    "CouponUsedUp",
    "DeliveryNotFound",
    "DisputeOpen",
    "EmailTaken",
    "EventNotFound",
    "FileRefused",
    "FileTooLarge",
    "Forbidden",
    "GatewayNotOffered",
    "GatewayRefused",
    "GatewayUnavailable",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "IllegalTransition",
    "ImageNotFound",
    "ImageRefused",
    "ImportNotFound",
    "InsufficientStock",
    "InvalidSignature",
    "InvalidWebhookSignature",
    "InvoiceNotFound",
    "LastAdmin",
    "NotCsv",
    "NotFound",
    "NothingToCapture",
    "NothingToExchange",
    "NotificationNotFound",
    "OrderNotCancellable",
    "OrderNotFound",
    "OrderNotPayable",
    "OrdersUnderWay",
    "Overloaded",
    "OwnAffair",
    "PaymentNotFound",
    "PiecesMissing",
    "PreorderNotArrived",
    "PreorderNotOpen",
    "PreorderOpen",
    "PriceChanged",
    "ProductChanged",
    "ProductNotFound",
    "ProductTaken",
    "ProductUnavailable",
    "ProductUnknown",
    "PurchaseLimitExceeded",
    "ReferenceReused",
    "RefundExceedsCapture",
    "RefundNotFound",
    "RefundNotPaidByHand",
    "ReportNotFound",
    "RequestInFlight",
    "ReservationExpired",
    "ResetRefused",
    "ReturnDecided",
    "ReturnNotFound",
    "ReturnWindowClosed",
    "SecondFactorNeeded",
    "SecondFactorUnset",
    "ServiceUnavailable",
    "SessionEnded",
    "StaffCannotLeave",
    "StockOnHand",
    "SubscriberDisabled",
    "SubscriberNotFound",
    "TooManyImages",
    "TooManyRequests",
    "TooManySubscribers",
    "TooManyUnits",
    "Unauthenticated",
    "UnitsNotCancellable",
    "UnitsNotReturnable",
    "UnknownSku",
    "ValidationFailed",
    "VerificationRefused",
    "WrongCredentials",
    "WrongPassword",
]


class AccountNotFound(ProblemError, code="account_not_found"):
    """There is no such account."""


class AddressNotFound(ProblemError, code="address_not_found"):
    """There is no such address among yours."""


class AdmissionNeeded(ProblemError, code="admission_needed"):
    """It is sold from a waiting room, and your turn has not come or is over; ask there for it."""


class AlertNotFound(ProblemError, code="alert_not_found"):
    """There is no such alert."""


class AttemptNotFound(ProblemError, code="attempt_not_found"):
    """There is no such try to pay among the shop's."""


class AvailableNow(ProblemError, code="available_now"):
    """The product can be bought now, so there is nothing to wait for."""


class CartEmpty(ProblemError, code="cart_empty"):
    """There is nothing in the cart to buy."""


class CartFull(ProblemError, code="cart_full"):
    """The cart cannot take more different products."""


class CategoryTaken(ProblemError, code="category_taken"):
    """There is a category with this slug."""


class CategoryUnknown(ProblemError, code="category_unknown"):
    """There is no such category."""


class CouponChanged(ProblemError, code="coupon_changed"):
    """Somebody changed this coupon since you read it; read it again."""


class CouponNotFound(ProblemError, code="coupon_not_found"):
    """There is no such coupon."""


class CouponRefused(ProblemError, code="coupon_refused"):
    """This coupon cannot be used for this purchase; see reason."""


class CouponTaken(ProblemError, code="coupon_taken"):
    """There is a coupon with this code."""


class CouponUsedUp(ProblemError, code="coupon_used_up"):
    """This coupon has been used as often as it may be."""


class DeliveryNotFound(ProblemError, code="delivery_not_found"):
    """There is no such delivery to this subscriber."""


class DisputeOpen(ProblemError, code="dispute_open"):
    """The payer's bank disputes this payment: a refund now could pay twice."""


class EmailTaken(ProblemError, code="email_taken"):
    """There is an account with this mail address."""


class EventNotFound(ProblemError, code="event_not_found"):
    """There is no such event in the inbox."""


class FileRefused(ProblemError, code="file_refused"):
    """The file cannot be read as a table of this kind; see detail."""


class FileTooLarge(ProblemError, code="file_too_large"):
    """The file has more than can be imported at once; take it apart."""


class Forbidden(ProblemError, code="forbidden"):
    """Who is asking may not do this."""


class GatewayNotOffered(ProblemError, code="gateway_not_offered"):
    """The shop does not take payments in this way."""


class GatewayRefused(ProblemError, code="gateway_refused"):
    """The payment gateway refused what we asked of it."""


class GatewayUnavailable(ProblemError, code="gateway_unavailable"):
    """The payment gateway cannot be reached now; your units stay reserved, so ask again."""


class IdempotencyKeyMissing(ProblemError, code="idempotency_key_missing"):
    """A checkout needs the header Idempotency-Key, so that it can be repeated safely."""


class IdempotencyKeyReused(ProblemError, code="idempotency_key_reused"):
    """This Idempotency-Key was used with another body."""


class IllegalTransition(ProblemError, code="illegal_transition"):
    """The order's status does not allow this step."""


class ImageNotFound(ProblemError, code="image_not_found"):
    """There is no such image."""


class ImageRefused(ProblemError, code="image_refused"):
    """The picture cannot be taken; see detail."""


class ImportNotFound(ProblemError, code="import_not_found"):
    """There is no such import."""


class InsufficientStock(ProblemError, code="insufficient_stock"):
    """Fewer units are available than were asked for."""


class InvalidSignature(ProblemError, code="invalid_signature"):
    """The gateway does not vouch for what was handed in."""


class InvalidWebhookSignature(ProblemError, code="invalid_webhook_signature"):
    """The signature is missing or does not fit the body."""


class InvoiceNotFound(ProblemError, code="invoice_not_found"):
    """There is no such invoice or credit note among yours."""


class LastAdmin(ProblemError, code="last_admin"):
    """This is the last admin; make another one first."""


class NotCsv(ProblemError, code="not_csv"):
    """An import is sent as text/csv."""


class NotFound(ProblemError, code="not_found"):
    """There is no such thing, or it belongs to somebody else."""


class NothingToCapture(ProblemError, code="nothing_to_capture"):
    """There is no authorised money to take."""


class NothingToExchange(ProblemError, code="nothing_to_exchange"):
    """The return asks for nothing in exchange, or is not approved."""


class NotificationNotFound(ProblemError, code="notification_not_found"):
    """There is no such notification among yours."""


class OrderNotCancellable(ProblemError, code="order_not_cancellable"):
    """The order's status does not allow to cancel it."""


class OrderNotFound(ProblemError, code="order_not_found"):
    """There is no such order among yours."""


class OrderNotPayable(ProblemError, code="order_not_payable"):
    """The order is not waiting for a payment."""


class OrdersUnderWay(ProblemError, code="orders_under_way"):
    """Something of your orders is still to be paid, sent or returned."""


class Overloaded(ProblemError, code="overloaded"):
    """More is asked for than can be answered now; nothing was done, so ask again."""


class OwnAffair(ProblemError, code="own_affair"):
    """Somebody else has to do this, since money would go to you."""


class PaymentNotFound(ProblemError, code="payment_not_found"):
    """There is no such payment among yours."""


class PiecesMissing(ProblemError, code="pieces_missing"):
    """Fewer pieces came than were promised; cancel orders or units first."""


class PreorderNotArrived(ProblemError, code="preorder_not_arrived"):
    """Products of the order are on pre-order still; see skus."""


class PreorderNotOpen(ProblemError, code="preorder_not_open"):
    """The product is not on pre-order."""


class PreorderOpen(ProblemError, code="preorder_open"):
    """The product is on pre-order already."""


class PriceChanged(ProblemError, code="price_changed"):
    """The total is not the expected one; nothing was ordered."""


class ProductChanged(ProblemError, code="product_changed"):
    """Somebody changed this product since you read it; read it again."""


class ProductNotFound(ProblemError, code="product_not_found"):
    """There is no such product on sale."""


class ProductTaken(ProblemError, code="product_taken"):
    """Another product has this SKU, slug or HUID."""


class ProductUnavailable(ProblemError, code="product_unavailable"):
    """A product is no longer on sale; nothing was ordered."""


class ProductUnknown(ProblemError, code="product_unknown"):
    """There is no product with this SKU."""


class PurchaseLimitExceeded(ProblemError, code="purchase_limit_exceeded"):
    """A customer may have no more of a product than its purchase limit."""


class ReferenceReused(ProblemError, code="reference_reused"):
    """This reference was used for something else."""


class RefundExceedsCapture(ProblemError, code="refund_exceeds_capture"):
    """More would go back than was captured and is left."""


class RefundNotFound(ProblemError, code="refund_not_found"):
    """There is no such refund."""


class RefundNotPaidByHand(ProblemError, code="refund_not_paid_by_hand"):
    """The gateway itself pays this refund, or it has ended."""


class ReportNotFound(ProblemError, code="report_not_found"):
    """There is no such report."""


class RequestInFlight(ProblemError, code="request_in_flight"):
    """A request with this Idempotency-Key is being answered at this moment."""


class ReservationExpired(ProblemError, code="reservation_expired"):
    """The time to pay is over and the units are on sale again."""


class ResetRefused(ProblemError, code="reset_refused"):
    """This link was used or is too old; ask for a new one."""


class ReturnDecided(ProblemError, code="return_decided"):
    """The return is past this step."""


class ReturnNotFound(ProblemError, code="return_not_found"):
    """There is no such return among yours."""


class ReturnWindowClosed(ProblemError, code="return_window_closed"):
    """The time to return this order is over, or has not begun."""


class SecondFactorNeeded(ProblemError, code="second_factor_needed"):
    """A code of your second factor is needed beside the password."""


class SecondFactorUnset(ProblemError, code="second_factor_unset"):
    """Admins need a second factor; set yours up at the back office."""


class ServiceUnavailable(ProblemError, code="service_unavailable"):
    """A part that this needs is out of reach; whether it was done is unknown, so ask again."""


class SessionEnded(ProblemError, code="session_ended"):
    """The session has ended or its refresh token was used before; sign in again."""


class StaffCannotLeave(ProblemError, code="staff_cannot_leave"):
    """Who works in the shop is made a customer first, by an admin."""


class StockOnHand(ProblemError, code="stock_on_hand"):
    """Units of the product are on hand, which are sold before promises are."""


class SubscriberDisabled(ProblemError, code="subscriber_disabled"):
    """The subscriber is disabled: nothing is sent to it until it is enabled again."""


class SubscriberNotFound(ProblemError, code="subscriber_not_found"):
    """There is no such subscriber."""


class TooManyImages(ProblemError, code="too_many_images"):
    """The product has as many images as it may have; remove one first."""


class TooManyRequests(ProblemError, code="too_many_requests"):
    """Too many requests of this kind came from you; see Retry-After."""


class TooManySubscribers(ProblemError, code="too_many_subscribers"):
    """The shop has as many subscribers as it can have."""


class TooManyUnits(ProblemError, code="too_many_units"):
    """More units would be on hand than can be counted."""


class Unauthenticated(ProblemError, code="unauthenticated"):
    """The request does not say who is asking, or its token cannot be used."""


class UnitsNotCancellable(ProblemError, code="units_not_cancellable"):
    """The order has fewer units left to cancel; see lines."""


class UnitsNotReturnable(ProblemError, code="units_not_returnable"):
    """Fewer units can be returned than were asked for; see lines."""


class UnknownSku(ProblemError, code="unknown_sku"):
    """The shop has no product with this SKU."""


class ValidationFailed(ProblemError, code="validation_failed"):
    """The request has values that cannot be used; see errors."""


class VerificationRefused(ProblemError, code="verification_refused"):
    """This link does not verify an address, or is too old; ask for a new one."""


class WrongCredentials(ProblemError, code="wrong_credentials"):
    """The mail address and the password do not belong together."""


class WrongPassword(ProblemError, code="wrong_password"):
    """This is not the password of your account."""
