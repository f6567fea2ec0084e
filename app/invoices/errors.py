"""Problems of invoices."""

from app.core.problems import NotFound


class InvoiceNotFound(NotFound):
    """There is no such invoice or credit note among yours."""
