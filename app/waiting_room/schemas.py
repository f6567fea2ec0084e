"""The words in which the API speaks of the waiting room."""

from marshmallow import Schema, fields

from app.core.fields import Answer, Instant, Text


class TurnRequestSchema(Schema):
    """Who asks, with what they were told before."""

    ticket = Text(
        load_default=None, allow_none=True, maximum=500,
        metadata={"description": "that you were given last; it has you back at your place"},
    )  # fmt: skip


class TurnSchema(Answer):
    """How you stand."""

    state = fields.String(
        metadata={
            "description": "open (buy at once), waiting, admitted (buy now) or sold_out (nothing is"
            " left; you keep your place, for units may come back)",
            "example": "waiting",
        }
    )
    ahead = fields.Integer(allow_none=True, metadata={"description": "how many are before you"})
    wait_seconds = fields.Integer(
        allow_none=True,
        metadata={"description": "an estimate by the last minute; null where there is none"},
    )
    admitted_until = Instant(allow_none=True, metadata={"description": "check out before this"})
    ask_again_seconds = fields.Integer(
        allow_none=True,
        metadata={"description": "ask again after so long; who does not ask for a minute has gone"},
    )
    ticket = fields.String(allow_none=True)
