"""The words in which the API speaks of the audit log."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.audit.trail import Filters
from app.core.fields import Answer, Instant, PageQuery, Text

SUBJECTS = (
    "account_notes", "alerts", "audit_log", "categories", "coupons", "disputes", "order_lines",
    "orders", "payment_attempts", "payments", "product_images", "products", "refunds",
    "return_lines", "returns", "settings", "settlements", "stock", "subscribers", "users",
)  # fmt: skip
ACTIONS = ("insert", "update", "delete", "setting", "export")


class RecordFilterQuery(Schema):
    """Which changes."""

    subject = fields.String(load_default=None, validate=validate.OneOf(SUBJECTS))
    subject_id = Text(load_default=None, metadata={"description": "the key of what was changed"})
    actor = Text(
        load_default=None,
        metadata={"description": "such as staff:<id> or worker:<job>; or the id of an account"},
    )
    action = fields.String(load_default=None, validate=validate.OneOf(ACTIONS))
    since = Instant(
        load_default=None, data_key="from", metadata={"description": "at this time or later"}
    )
    until = Instant(load_default=None, data_key="to", metadata={"description": "before this time"})

    @post_load
    def _gather(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        return found | {"filters": Filters(**{n: found.pop(n) for n in Filters.__slots__})}


class RecordQuery(RecordFilterQuery, PageQuery):
    """Which page of which changes."""


class RecordSchema(Answer):
    """One change: who, when, from where, before, after."""

    id = fields.String(metadata={"description": "the table that has it, and its key there"})
    at = Instant()
    actor = fields.String(metadata={"example": "staff:0192f5a4-7c1e-7cc3-98c4-dc0c0c07398f"})
    address = fields.String(
        allow_none=True,
        metadata={"description": "the client's; of customers the network; of a command its host"},
    )
    request_id = fields.String(allow_none=True)
    action = fields.String(validate=validate.OneOf(ACTIONS))
    subject = fields.String(metadata={"example": "products"})
    subject_id = fields.String()
    before = fields.Dict(allow_none=True, metadata={"example": {"price": 309000}})
    after = fields.Dict(allow_none=True, metadata={"example": {"price": 312000}})


class RecordPageSchema(Answer):
    """A page of changes, the newest first."""

    items = fields.List(fields.Nested(RecordSchema))
    next_cursor = fields.String(allow_none=True)
