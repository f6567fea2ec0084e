from typing import Literal

ListAuditLogActionType1 = Literal["delete", "export", "insert", "setting", "update"]

LIST_AUDIT_LOG_ACTION_TYPE_1_VALUES: set[ListAuditLogActionType1] = {
    "delete",
    "export",
    "insert",
    "setting",
    "update",
}


def check_list_audit_log_action_type_1(value: str) -> ListAuditLogActionType1:
    if value in LIST_AUDIT_LOG_ACTION_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_AUDIT_LOG_ACTION_TYPE_1_VALUES!r}"
    )
