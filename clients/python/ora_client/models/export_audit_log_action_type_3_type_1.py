from typing import Literal

ExportAuditLogActionType3Type1 = Literal["delete", "export", "insert", "setting", "update"]

EXPORT_AUDIT_LOG_ACTION_TYPE_3_TYPE_1_VALUES: set[ExportAuditLogActionType3Type1] = {
    "delete",
    "export",
    "insert",
    "setting",
    "update",
}


def check_export_audit_log_action_type_3_type_1(value: str) -> ExportAuditLogActionType3Type1:
    if value in EXPORT_AUDIT_LOG_ACTION_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_AUDIT_LOG_ACTION_TYPE_3_TYPE_1_VALUES!r}"
    )
