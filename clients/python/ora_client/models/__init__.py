"""Contains all the data models used in inputs/outputs"""

from .account import Account
from .account_change import AccountChange
from .account_page import AccountPage
from .address import Address
from .address_list import AddressList
from .address_snapshot import AddressSnapshot
from .address_state import AddressState
from .adjusted import Adjusted
from .adjustment import Adjustment
from .alert import Alert
from .alert_page import AlertPage
from .arrival import Arrival
from .arrived_line import ArrivedLine
from .arrived_line_disposition import ArrivedLineDisposition
from .ask import Ask
from .asked_line import AskedLine
from .asked_line_reason import AskedLineReason
from .attempt import Attempt
from .cancellation import Cancellation
from .cancelled_line import CancelledLine
from .cart import Cart
from .cart_line import CartLine
from .category import Category
from .category_change import CategoryChange
from .category_list import CategoryList
from .change import Change
from .change_kind import ChangeKind
from .checkout import Checkout
from .checkout_line import CheckoutLine
from .clock import Clock
from .clock_status import ClockStatus
from .confirmation import Confirmation
from .contact import Contact
from .coupon import Coupon
from .coupon_change import CouponChange
from .coupon_page import CouponPage
from .credentials import Credentials
from .day import Day
from .decided_line import DecidedLine
from .decision import Decision
from .decision_decision import DecisionDecision
from .deliveries import Deliveries
from .deliveries_replayed import DeliveriesReplayed
from .delivery import Delivery
from .delivery_page import DeliveryPage
from .delivery_status import DeliveryStatus
from .delivery_try import DeliveryTry
from .difference import Difference
from .differences import Differences
from .disposition import Disposition
from .dispute import Dispute
from .dispute_page import DisputePage
from .downtime import Downtime
from .downtime_instrument import DowntimeInstrument
from .email import Email
from .entry import Entry
from .entry_units_type_0 import EntryUnitsType0
from .error_item import ErrorItem
from .event import Event
from .event_page import EventPage
from .export_audit_log_action_type_1 import ExportAuditLogActionType1
from .export_audit_log_action_type_2_type_1 import ExportAuditLogActionType2Type1
from .export_audit_log_action_type_3_type_1 import ExportAuditLogActionType3Type1
from .export_audit_log_subject_type_1 import ExportAuditLogSubjectType1
from .export_audit_log_subject_type_2_type_1 import ExportAuditLogSubjectType2Type1
from .export_audit_log_subject_type_3_type_1 import ExportAuditLogSubjectType3Type1
from .export_orders_gateway_type_1 import ExportOrdersGatewayType1
from .export_orders_gateway_type_2_type_1 import ExportOrdersGatewayType2Type1
from .export_orders_gateway_type_3_type_1 import ExportOrdersGatewayType3Type1
from .export_orders_payment_status_type_1 import ExportOrdersPaymentStatusType1
from .export_orders_payment_status_type_2_type_1 import ExportOrdersPaymentStatusType2Type1
from .export_orders_payment_status_type_3_type_1 import ExportOrdersPaymentStatusType3Type1
from .export_orders_status_type_1 import ExportOrdersStatusType1
from .export_orders_status_type_2_type_1 import ExportOrdersStatusType2Type1
from .export_orders_status_type_3_type_1 import ExportOrdersStatusType3Type1
from .hand import Hand
from .hand_in_file_kind import HandInFileKind
from .hand_outcome_type_1 import HandOutcomeType1
from .hand_outcome_type_2_type_1 import HandOutcomeType2Type1
from .hand_outcome_type_3_type_1 import HandOutcomeType3Type1
from .image import Image
from .image_list import ImageList
from .image_order import ImageOrder
from .import_ import Import
from .import_counts_type_0 import ImportCountsType0
from .import_page import ImportPage
from .inventory import Inventory
from .inventory_item import InventoryItem
from .invoice import Invoice
from .invoice_list import InvoiceList
from .invoice_page import InvoicePage
from .join import Join
from .list_accounts_role_type_1 import ListAccountsRoleType1
from .list_accounts_role_type_2_type_1 import ListAccountsRoleType2Type1
from .list_accounts_role_type_3_type_1 import ListAccountsRoleType3Type1
from .list_all_invoices_kind_type_1 import ListAllInvoicesKindType1
from .list_all_invoices_kind_type_2_type_1 import ListAllInvoicesKindType2Type1
from .list_all_invoices_kind_type_3_type_1 import ListAllInvoicesKindType3Type1
from .list_all_orders_gateway_type_1 import ListAllOrdersGatewayType1
from .list_all_orders_gateway_type_2_type_1 import ListAllOrdersGatewayType2Type1
from .list_all_orders_gateway_type_3_type_1 import ListAllOrdersGatewayType3Type1
from .list_all_orders_payment_status_type_1 import ListAllOrdersPaymentStatusType1
from .list_all_orders_payment_status_type_2_type_1 import ListAllOrdersPaymentStatusType2Type1
from .list_all_orders_payment_status_type_3_type_1 import ListAllOrdersPaymentStatusType3Type1
from .list_all_orders_status_type_1 import ListAllOrdersStatusType1
from .list_all_orders_status_type_2_type_1 import ListAllOrdersStatusType2Type1
from .list_all_orders_status_type_3_type_1 import ListAllOrdersStatusType3Type1
from .list_all_returns_status_type_1 import ListAllReturnsStatusType1
from .list_all_returns_status_type_2_type_1 import ListAllReturnsStatusType2Type1
from .list_all_returns_status_type_3_type_1 import ListAllReturnsStatusType3Type1
from .list_audit_log_action_type_1 import ListAuditLogActionType1
from .list_audit_log_action_type_2_type_1 import ListAuditLogActionType2Type1
from .list_audit_log_action_type_3_type_1 import ListAuditLogActionType3Type1
from .list_audit_log_subject_type_1 import ListAuditLogSubjectType1
from .list_audit_log_subject_type_2_type_1 import ListAuditLogSubjectType2Type1
from .list_audit_log_subject_type_3_type_1 import ListAuditLogSubjectType3Type1
from .list_deliveries_status_type_1 import ListDeliveriesStatusType1
from .list_deliveries_status_type_2_type_1 import ListDeliveriesStatusType2Type1
from .list_deliveries_status_type_3_type_1 import ListDeliveriesStatusType3Type1
from .list_disputes_status_type_1 import ListDisputesStatusType1
from .list_disputes_status_type_2_type_1 import ListDisputesStatusType2Type1
from .list_disputes_status_type_3_type_1 import ListDisputesStatusType3Type1
from .list_events_status_type_1 import ListEventsStatusType1
from .list_events_status_type_2_type_1 import ListEventsStatusType2Type1
from .list_events_status_type_3_type_1 import ListEventsStatusType3Type1
from .list_imports_kind_type_1 import ListImportsKindType1
from .list_imports_kind_type_2_type_1 import ListImportsKindType2Type1
from .list_imports_kind_type_3_type_1 import ListImportsKindType3Type1
from .list_orders_status_type_1 import ListOrdersStatusType1
from .list_orders_status_type_2_type_1 import ListOrdersStatusType2Type1
from .list_orders_status_type_3_type_1 import ListOrdersStatusType3Type1
from .list_payments_status_type_1 import ListPaymentsStatusType1
from .list_payments_status_type_2_type_1 import ListPaymentsStatusType2Type1
from .list_payments_status_type_3_type_1 import ListPaymentsStatusType3Type1
from .list_products_sort import ListProductsSort
from .list_refunds_status_type_1 import ListRefundsStatusType1
from .list_refunds_status_type_2_type_1 import ListRefundsStatusType2Type1
from .list_refunds_status_type_3_type_1 import ListRefundsStatusType3Type1
from .list_returns_status_type_1 import ListReturnsStatusType1
from .list_returns_status_type_2_type_1 import ListReturnsStatusType2Type1
from .list_returns_status_type_3_type_1 import ListReturnsStatusType3Type1
from .money import Money
from .money_currency import MoneyCurrency
from .move import Move
from .move_status import MoveStatus
from .new_category import NewCategory
from .new_coupon import NewCoupon
from .new_password import NewPassword
from .new_preorder import NewPreorder
from .new_product import NewProduct
from .notification import Notification
from .notification_page import NotificationPage
from .opened_payment import OpenedPayment
from .order import Order
from .order_line import OrderLine
from .order_page import OrderPage
from .pagination_metadata import PaginationMetadata
from .password_change import PasswordChange
from .payment import Payment
from .payment_opening import PaymentOpening
from .payment_page import PaymentPage
from .payment_status import PaymentStatus
from .payment_summary import PaymentSummary
from .prefill import Prefill
from .preorder import Preorder
from .preorder_list import PreorderList
from .problem import Problem
from .product import Product
from .product_change import ProductChange
from .product_page import ProductPage
from .quantity import Quantity
from .quote import Quote
from .quoted_line import QuotedLine
from .quoted_price import QuotedPrice
from .receipt import Receipt
from .receive_from_razorpay_body import ReceiveFromRazorpayBody
from .receive_from_stripe_body import ReceiveFromStripeBody
from .reconciliation import Reconciliation
from .reconciliation_page import ReconciliationPage
from .record import Record
from .record_action import RecordAction
from .record_after_type_0 import RecordAfterType0
from .record_before_type_0 import RecordBeforeType0
from .record_page import RecordPage
from .refund import Refund
from .refund_page import RefundPage
from .refund_request import RefundRequest
from .refund_request_speed_type_1 import RefundRequestSpeedType1
from .refund_request_speed_type_2_type_1 import RefundRequestSpeedType2Type1
from .refund_request_speed_type_3_type_1 import RefundRequestSpeedType3Type1
from .registered import Registered
from .registration import Registration
from .repaired import Repaired
from .repaired_line import RepairedLine
from .repaired_line_disposition import RepairedLineDisposition
from .replay import Replay
from .replayed import Replayed
from .report import Report
from .return_ import Return
from .return_line import ReturnLine
from .return_page import ReturnPage
from .return_step import ReturnStep
from .role import Role
from .role_role import RoleRole
from .rotation import Rotation
from .row_error import RowError
from .saved_address import SavedAddress
from .saved_address_state import SavedAddressState
from .saved_line import SavedLine
from .settlement import Settlement
from .settlement_page import SettlementPage
from .shelf import Shelf
from .ships_on import ShipsOn
from .staff_entry import StaffEntry
from .staff_entry_units_type_0 import StaffEntryUnitsType0
from .staff_image import StaffImage
from .staff_order import StaffOrder
from .staff_order_page import StaffOrderPage
from .staff_product import StaffProduct
from .staff_product_page import StaffProductPage
from .staff_return import StaffReturn
from .staff_return_line import StaffReturnLine
from .staff_return_page import StaffReturnPage
from .staff_return_step import StaffReturnStep
from .stock import Stock
from .stock_page import StockPage
from .subscriber import Subscriber
from .subscriber_and_secret import SubscriberAndSecret
from .subscriber_page import SubscriberPage
from .subscriber_wish import SubscriberWish
from .subscriber_wish_events_item import SubscriberWishEventsItem
from .timeline import Timeline
from .token import Token
from .tokens import Tokens
from .track import Track
from .turn import Turn
from .turn_request import TurnRequest
from .units_cancellation import UnitsCancellation
from .verification import Verification
from .waitlist import Waitlist
from .waitlist_entry import WaitlistEntry
from .whole_delivery import WholeDelivery
from .whole_delivery_status import WholeDeliveryStatus
from .whole_event import WholeEvent
from .whole_order import WholeOrder
from .whole_payment import WholePayment
from .whole_return import WholeReturn
from .whole_return_in_repair import WholeReturnInRepair

__all__ = (
    "Account",
    "AccountChange",
    "AccountPage",
    "Address",
    "AddressList",
    "AddressSnapshot",
    "AddressState",
    "Adjusted",
    "Adjustment",
    "Alert",
    "AlertPage",
    "Arrival",
    "ArrivedLine",
    "ArrivedLineDisposition",
    "Ask",
    "AskedLine",
    "AskedLineReason",
    "Attempt",
    "Cancellation",
    "CancelledLine",
    "Cart",
    "CartLine",
    "Category",
    "CategoryChange",
    "CategoryList",
    "Change",
    "ChangeKind",
    "Checkout",
    "CheckoutLine",
    "Clock",
    "ClockStatus",
    "Confirmation",
    "Contact",
    "Coupon",
    "CouponChange",
    "CouponPage",
    "Credentials",
    "Day",
    "DecidedLine",
    "Decision",
    "DecisionDecision",
    "Deliveries",
    "DeliveriesReplayed",
    "Delivery",
    "DeliveryPage",
    "DeliveryStatus",
    "DeliveryTry",
    "Difference",
    "Differences",
    "Disposition",
    "Dispute",
    "DisputePage",
    "Downtime",
    "DowntimeInstrument",
    "Email",
    "Entry",
    "EntryUnitsType0",
    "ErrorItem",
    "Event",
    "EventPage",
    "ExportAuditLogActionType1",
    "ExportAuditLogActionType2Type1",
    "ExportAuditLogActionType3Type1",
    "ExportAuditLogSubjectType1",
    "ExportAuditLogSubjectType2Type1",
    "ExportAuditLogSubjectType3Type1",
    "ExportOrdersGatewayType1",
    "ExportOrdersGatewayType2Type1",
    "ExportOrdersGatewayType3Type1",
    "ExportOrdersPaymentStatusType1",
    "ExportOrdersPaymentStatusType2Type1",
    "ExportOrdersPaymentStatusType3Type1",
    "ExportOrdersStatusType1",
    "ExportOrdersStatusType2Type1",
    "ExportOrdersStatusType3Type1",
    "Hand",
    "HandInFileKind",
    "HandOutcomeType1",
    "HandOutcomeType2Type1",
    "HandOutcomeType3Type1",
    "Image",
    "ImageList",
    "ImageOrder",
    "Import",
    "ImportCountsType0",
    "ImportPage",
    "Inventory",
    "InventoryItem",
    "Invoice",
    "InvoiceList",
    "InvoicePage",
    "Join",
    "ListAccountsRoleType1",
    "ListAccountsRoleType2Type1",
    "ListAccountsRoleType3Type1",
    "ListAllInvoicesKindType1",
    "ListAllInvoicesKindType2Type1",
    "ListAllInvoicesKindType3Type1",
    "ListAllOrdersGatewayType1",
    "ListAllOrdersGatewayType2Type1",
    "ListAllOrdersGatewayType3Type1",
    "ListAllOrdersPaymentStatusType1",
    "ListAllOrdersPaymentStatusType2Type1",
    "ListAllOrdersPaymentStatusType3Type1",
    "ListAllOrdersStatusType1",
    "ListAllOrdersStatusType2Type1",
    "ListAllOrdersStatusType3Type1",
    "ListAllReturnsStatusType1",
    "ListAllReturnsStatusType2Type1",
    "ListAllReturnsStatusType3Type1",
    "ListAuditLogActionType1",
    "ListAuditLogActionType2Type1",
    "ListAuditLogActionType3Type1",
    "ListAuditLogSubjectType1",
    "ListAuditLogSubjectType2Type1",
    "ListAuditLogSubjectType3Type1",
    "ListDeliveriesStatusType1",
    "ListDeliveriesStatusType2Type1",
    "ListDeliveriesStatusType3Type1",
    "ListDisputesStatusType1",
    "ListDisputesStatusType2Type1",
    "ListDisputesStatusType3Type1",
    "ListEventsStatusType1",
    "ListEventsStatusType2Type1",
    "ListEventsStatusType3Type1",
    "ListImportsKindType1",
    "ListImportsKindType2Type1",
    "ListImportsKindType3Type1",
    "ListOrdersStatusType1",
    "ListOrdersStatusType2Type1",
    "ListOrdersStatusType3Type1",
    "ListPaymentsStatusType1",
    "ListPaymentsStatusType2Type1",
    "ListPaymentsStatusType3Type1",
    "ListProductsSort",
    "ListRefundsStatusType1",
    "ListRefundsStatusType2Type1",
    "ListRefundsStatusType3Type1",
    "ListReturnsStatusType1",
    "ListReturnsStatusType2Type1",
    "ListReturnsStatusType3Type1",
    "Money",
    "MoneyCurrency",
    "Move",
    "MoveStatus",
    "NewCategory",
    "NewCoupon",
    "NewPassword",
    "NewPreorder",
    "NewProduct",
    "Notification",
    "NotificationPage",
    "OpenedPayment",
    "Order",
    "OrderLine",
    "OrderPage",
    "PaginationMetadata",
    "PasswordChange",
    "Payment",
    "PaymentOpening",
    "PaymentPage",
    "PaymentStatus",
    "PaymentSummary",
    "Prefill",
    "Preorder",
    "PreorderList",
    "Problem",
    "Product",
    "ProductChange",
    "ProductPage",
    "Quantity",
    "Quote",
    "QuotedLine",
    "QuotedPrice",
    "Receipt",
    "ReceiveFromRazorpayBody",
    "ReceiveFromStripeBody",
    "Reconciliation",
    "ReconciliationPage",
    "Record",
    "RecordAction",
    "RecordAfterType0",
    "RecordBeforeType0",
    "RecordPage",
    "Refund",
    "RefundPage",
    "RefundRequest",
    "RefundRequestSpeedType1",
    "RefundRequestSpeedType2Type1",
    "RefundRequestSpeedType3Type1",
    "Registered",
    "Registration",
    "Repaired",
    "RepairedLine",
    "RepairedLineDisposition",
    "Replay",
    "Replayed",
    "Report",
    "Return",
    "ReturnLine",
    "ReturnPage",
    "ReturnStep",
    "Role",
    "RoleRole",
    "Rotation",
    "RowError",
    "SavedAddress",
    "SavedAddressState",
    "SavedLine",
    "Settlement",
    "SettlementPage",
    "Shelf",
    "ShipsOn",
    "StaffEntry",
    "StaffEntryUnitsType0",
    "StaffImage",
    "StaffOrder",
    "StaffOrderPage",
    "StaffProduct",
    "StaffProductPage",
    "StaffReturn",
    "StaffReturnLine",
    "StaffReturnPage",
    "StaffReturnStep",
    "Stock",
    "StockPage",
    "Subscriber",
    "SubscriberAndSecret",
    "SubscriberPage",
    "SubscriberWish",
    "SubscriberWishEventsItem",
    "Timeline",
    "Token",
    "Tokens",
    "Track",
    "Turn",
    "TurnRequest",
    "UnitsCancellation",
    "Verification",
    "Waitlist",
    "WaitlistEntry",
    "WholeDelivery",
    "WholeDeliveryStatus",
    "WholeEvent",
    "WholeOrder",
    "WholePayment",
    "WholeReturn",
    "WholeReturnInRepair",
)
