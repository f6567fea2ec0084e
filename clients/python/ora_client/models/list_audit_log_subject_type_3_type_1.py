from typing import Literal

ListAuditLogSubjectType3Type1 = Literal[
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

LIST_AUDIT_LOG_SUBJECT_TYPE_3_TYPE_1_VALUES: set[ListAuditLogSubjectType3Type1] = {
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


def check_list_audit_log_subject_type_3_type_1(value: str) -> ListAuditLogSubjectType3Type1:
    if value in LIST_AUDIT_LOG_SUBJECT_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_AUDIT_LOG_SUBJECT_TYPE_3_TYPE_1_VALUES!r}"
    )
