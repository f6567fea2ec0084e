"""Problems of reports."""

from app.core.problems import NotFound


class ReportNotFound(NotFound):
    """There is no such report."""
