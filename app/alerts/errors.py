"""Problems of alerts."""

from app.core.problems import NotFound


class AlertNotFound(NotFound):
    """There is no such alert."""
