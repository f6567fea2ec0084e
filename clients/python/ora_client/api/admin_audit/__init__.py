"""admin_audit: 2 operations."""

from .export_audit_log import export_audit_log
from .list_audit_log import list_audit_log

__all__ = [
    "export_audit_log",
    "list_audit_log",
]
