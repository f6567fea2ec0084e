"""Problems of subscribers."""

from app.core.problems import NotFound, Problem


class SubscriberNotFound(NotFound):
    """There is no such subscriber."""


class DeliveryNotFound(NotFound):
    """There is no such delivery to this subscriber."""


class SubscriberDisabled(Problem):
    """The subscriber is disabled: nothing is sent to it until it is enabled again."""

    status = 409


class TooManySubscribers(Problem):
    """The shop has as many subscribers as it can have."""

    status = 409


class UndeliverableError(Exception):
    """No answer came, or none that may be looked at."""
