"""Problems of the catalogue."""

from app.core.problems import NotFound


class ProductNotFound(NotFound):
    """There is no such product on sale."""


class ImageNotFound(NotFound):
    """There is no such image."""
