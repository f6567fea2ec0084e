from typing import Literal

ExportAuditLogSubjectType2Type1 = Literal[
    "account_notes",
    "alerts",
    "audit_log",
    "categories",
    "coupons",
    "disputes",
    "order_lines",
    "orders",
    "payment_attempts",
    "payments",
    "product_images",
    "products",
    "refunds",
    "return_lines",
    "returns",
    "settings",
    "settlements",
    "stock",
    "subscribers",
    "users",
]

EXPORT_AUDIT_LOG_SUBJECT_TYPE_2_TYPE_1_VALUES: set[ExportAuditLogSubjectType2Type1] = {
    "account_notes",
    "alerts",
    "audit_log",
    "categories",
    "coupons",
    "disputes",
    "order_lines",
    "orders",
    "payment_attempts",
    "payments",
    "product_images",
    "products",
    "refunds",
    "return_lines",
    "returns",
    "settings",
    "settlements",
    "stock",
    "subscribers",
    "users",
}


def check_export_audit_log_subject_type_2_type_1(value: str) -> ExportAuditLogSubjectType2Type1:
    if value in EXPORT_AUDIT_LOG_SUBJECT_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_AUDIT_LOG_SUBJECT_TYPE_2_TYPE_1_VALUES!r}"
    )
