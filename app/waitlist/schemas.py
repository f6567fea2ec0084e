"""The words in which the API speaks of the waitlist."""

from marshmallow import Schema, fields

from app.accounts.schemas import ContactSchema
from app.core.fields import Answer, Instant


class JoinSchema(Schema):
    """Who waits, where they are a guest."""

    contact = fields.Nested(ContactSchema, load_default=None, allow_none=True)


class WaitlistEntrySchema(Answer):
    """A product that you wait for, or were told of."""

    sku = fields.String()
    slug = fields.String()
    name = fields.String()
    created_at = Instant()
    told_at = Instant(allow_none=True, metadata={"description": "when you were told, once"})


class WaitlistSchema(Answer):
    """What you wait for, the newest first."""

    items = fields.List(fields.Nested(WaitlistEntrySchema))
