"""The words in which the API speaks of transfers."""

from marshmallow import Schema, fields, validate

from app.core.fields import Answer, Instant, PageQuery
from app.fulfilment.schemas import OrderFilterSchema
from app.transfers.tables import KINDS


class ImportQuery(Schema):
    """What a file is, and whether it is only tried."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    is_dry_run = fields.Boolean(
        load_default=False,
        data_key="dry_run",
        metadata={"description": "tell what would change, and change nothing"},
    )


class ImportListQuery(PageQuery):
    """Which imports."""

    kind = fields.String(load_default=None, validate=validate.OneOf(list(KINDS)))


class RowErrorSchema(Answer):
    """What is wrong with a row."""

    row = fields.Integer(metadata={"description": "as a spreadsheet counts; the header is 1"})
    column = fields.String(allow_none=True)
    detail = fields.String()


class ImportSchema(Answer):
    """A file that was handed in, how far it is, and what came of it."""

    id = fields.UUID()
    kind = fields.String()
    dry_run = fields.Boolean(attribute="is_dry_run")
    status = fields.String(
        metadata={"description": "waiting, running, done, or refused: then nothing was changed"}
    )
    rows = fields.Integer()
    rows_done = fields.Integer()
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), allow_none=True,
        metadata={"example": {"created": 3, "updated": 1, "unchanged": 8}},
    )  # fmt: skip
    errors = fields.List(
        fields.Nested(RowErrorSchema), metadata={"description": "the first thousand"}
    )
    actor = fields.String()
    created_at = Instant()
    ended_at = Instant(allow_none=True)


class ImportPageSchema(Answer):
    """A page of imports, newest first."""

    items = fields.List(fields.Nested(ImportSchema))
    next_cursor = fields.String(allow_none=True)


class OrderExportQuery(OrderFilterSchema):
    """Which orders."""
