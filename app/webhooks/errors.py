"""Problems of webhooks."""

from app.core.problems import NotFound, Problem


class InvalidWebhookSignature(Problem):
    """The signature is missing or does not fit the body."""

    status = 400


class EventNotFound(NotFound):
    """There is no such event in the inbox."""
