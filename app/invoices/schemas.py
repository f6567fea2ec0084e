"""The words in which the API speaks of invoices."""

from marshmallow import fields, validate

from app.core.fields import Answer, Instant, Money, PageQuery, Text
from app.invoices.series import PREFIXES


class InvoiceSchema(Answer):
    """A tax invoice, or a credit note that takes something of one back."""

    id = fields.UUID()
    kind = fields.String(metadata={"description": "invoice or credit_note", "example": "invoice"})
    number = fields.String(metadata={"example": "INV/2627/0000042"})
    order_id = fields.UUID()
    total = Money()
    issued_at = Instant()


class InvoiceListSchema(Answer):
    """An order's invoice and credit notes, the first one first."""

    items = fields.List(fields.Nested(InvoiceSchema))


class InvoiceQuery(PageQuery):
    """Which invoices."""

    kind = fields.String(load_default=None, validate=validate.OneOf(list(PREFIXES)))
    number = Text(load_default=None, maximum=16, metadata={"example": "INV/2627/0000042"})
    since = Instant(load_default=None, metadata={"description": "issued at this time or later"})
    until = Instant(load_default=None, metadata={"description": "issued before this time"})


class InvoicePageSchema(Answer):
    """A page of invoices, newest first."""

    items = fields.List(fields.Nested(InvoiceSchema))
    next_cursor = fields.String(allow_none=True)
