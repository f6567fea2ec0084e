"""The words in which the API speaks of subscribers."""

from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from app.core.fields import Answer, Instant, PageQuery, StrictInteger, Text
from app.subscribers.deliveries import body_of
from app.subscribers.events import CHOICES

STATUSES = ("pending", "delivered", "failed")
MOST_REPLAYED = 200
LONGEST_OVERLAP_HOURS = 168


class Address(Text):
    """Where a subscriber is told: https, or http outside production."""

    def __init__(self, **kw: Any) -> None:
        """Accept an address in plain letters, as it would be sent."""
        told = {"description": "https; outside of production http too"}
        super().__init__(maximum=500, pattern="https?://[!-~]+", metadata=told, **kw)

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> str:
        text = super()._deserialize(value, *args, **kw)
        try:
            parts = urlsplit(text)
            is_usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            is_usable = False
        if not is_usable:
            raise ValidationError("is no address that can be called")
        if "@" in parts.netloc or parts.fragment:
            raise ValidationError("may name neither a user nor a fragment")
        return text


class Events(fields.List[str]):
    """Names of events, each once."""

    def __init__(self, **kw: Any) -> None:
        """Accept what a subscriber can hear of."""
        super().__init__(
            fields.String(validate=validate.OneOf(CHOICES)),
            validate=validate.Length(1, len(CHOICES)),
            metadata={"example": ["order.shipped", "stock.*"]},
            **kw,
        )

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(value, *args, **kw)))


class SubscriberWishSchema(Schema):
    """Who is to be told, where, and of what."""

    name = Text(required=True, maximum=100, metadata={"example": "the ERP"})
    url = Address(required=True)
    events = Events(required=True)


class SubscriberSchema(Answer):
    """A system that is told of events."""

    id = fields.UUID()
    name = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    is_enabled = fields.Function(lambda row: row.disabled_at is None, metadata={"type": "boolean"})
    disabled_at = Instant(allow_none=True)
    disabled_because = fields.String(allow_none=True)
    failing_since = Instant(
        allow_none=True, metadata={"description": "since when nothing but failures came back"}
    )
    previous_secret_until = Instant(
        allow_none=True, metadata={"description": "until when the secret before signs too"}
    )
    created_at = Instant()


class SubscriberAndSecretSchema(Answer):
    """A subscriber, and its secret, which is shown this once."""

    subscriber = fields.Nested(SubscriberSchema)
    secret = fields.String(metadata={"example": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})


class SubscriberPageSchema(Answer):
    """A page of subscribers, the newest first."""

    items = fields.List(fields.Nested(SubscriberSchema))
    next_cursor = fields.String(allow_none=True)


class RotationSchema(Schema):
    """How a secret is replaced."""

    overlap_hours = StrictInteger(
        minimum=0,
        maximum=LONGEST_OVERLAP_HOURS,
        required=True,
        metadata={"description": "how long the secret before signs too", "example": 24},
    )


class DeliveryQuery(PageQuery):
    """Which deliveries."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class DeliverySchema(Answer):
    """One event for one subscriber."""

    id = fields.UUID()
    event_id = fields.UUID(metadata={"description": "sent as webhook-id, the same at every try"})
    event = fields.String(metadata={"example": "order.shipped"})
    subject = fields.UUID(metadata={"description": "what it happened to"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    tries = fields.Integer(metadata={"description": "since it was written, or replayed"})
    due_at = Instant(metadata={"description": "when a pending one is tried next"})
    created_at = Instant()
    delivered_at = Instant(allow_none=True)


class DeliveryTrySchema(Answer):
    """One call, and what came back."""

    tried_at = Instant()
    took_ms = fields.Integer()
    http_status = fields.Integer(allow_none=True)
    answer = fields.String(allow_none=True, metadata={"description": "its first bytes"})
    error = fields.String(allow_none=True, metadata={"description": "why there was no answer"})


class WholeDeliverySchema(DeliverySchema):
    """A delivery with what is sent, and every try."""

    body = fields.Function(body_of, metadata={"type": "string", "description": "what is sent"})
    log = fields.List(fields.Nested(DeliveryTrySchema))


class DeliveryPageSchema(Answer):
    """A page of deliveries, the newest first."""

    items = fields.List(fields.Nested(DeliverySchema))
    next_cursor = fields.String(allow_none=True)


class DeliveriesSchema(Schema):
    """Which deliveries to make again."""

    delivery_ids = fields.List(
        fields.UUID(metadata={"example": "0192f5a4-7c1e-7cc3-98c4-dc0c0c07398f"}),
        required=True,
        validate=validate.Length(1, MOST_REPLAYED),
    )


class DeliveriesReplayedSchema(Answer):
    """How many deliveries are made again."""

    replayed = fields.Integer()
