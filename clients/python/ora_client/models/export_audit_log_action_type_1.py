from typing import Literal

ExportAuditLogActionType1 = Literal["delete", "export", "insert", "setting", "update"]

EXPORT_AUDIT_LOG_ACTION_TYPE_1_VALUES: set[ExportAuditLogActionType1] = {
    "delete",
    "export",
    "insert",
    "setting",
    "update",
}


def check_export_audit_log_action_type_1(value: str) -> ExportAuditLogActionType1:
    if value in EXPORT_AUDIT_LOG_ACTION_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_AUDIT_LOG_ACTION_TYPE_1_VALUES!r}"
    )
