"""Problems of messages."""

from app.core.problems import NotFound


class NotificationNotFound(NotFound):
    """There is no such notification among yours."""
