"""admin_reports: 3 operations."""

from .export_report import export_report
from .export_report_as_xlsx import export_report_as_xlsx
from .show_report import show_report

__all__ = [
    "export_report",
    "export_report_as_xlsx",
    "show_report",
]
