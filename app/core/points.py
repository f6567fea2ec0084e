"""
Named points: where a process may die between two steps of a story.

Nobody listens in the shop itself, so that a point costs a look at a variable. A test process may
listen, to kill the process there or to let others go first; production refuses that.
"""

from collections.abc import Callable
from typing import Final

from app.config import ConfigurationError, Environment, Settings

Listener = Callable[[str], None]

# What has been done by then, or is about to be.
POINTS: Final = frozenset(
    {
        # Redis holds the units; about to write the order; it is written, and nobody is told.
        "checkout.after-reserve", "checkout.before-commit", "checkout.before-reply",
        # Between two slots of a cluster that an order's lines lie in.
        "cart.between-slots",
        # The payment is a row; the gateway has its order, and the row does not know it.
        "pay.after-row", "pay.after-call",
        # The event is on disk; its worker is woken, and the gateway not answered.
        "door.after-inbox", "door.after-enqueue",
        # Redis has the later deadline, Postgres the earlier one.
        "extend.after-redis",
        # A capture is being taken, step by step (app/checkout/complete.py).
        "capture.after-claim", "capture.after-redis-commit", "capture.before-pg-commit",
        "capture.before-settle", "capture.before-ack",
        # The order is confirmed on the payer's word, step by step (app/checkout/promise.py).
        "promise.after-redis-commit", "promise.before-pg-commit", "promise.before-settle",
        # Postgres has ended an order, and Redis still holds its units.
        "release.before-redis",
        # The refund is written and about to be asked for; asked for; its end is about to be.
        "refund.after-row", "refund.after-call", "refund.before-final",
        # What an event asks for is done, and the event not ended.
        "event.before-mark",
        # A worker has taken jobs; has done one, and not written so.
        "relay.after-claim", "relay.before-mark",
        # The mail is out, and not written as sent.
        "mail.after-send",
        # Units to be taken off are out of sale, and not booked; booked, and not shown.
        "sync.after-redis", "sync.after-pg",
        # A product's numbers are read under its lock; told to Redis, and not published.
        "load.before-set", "load.before-publish",
    }
)  # fmt: skip

_listener: Listener | None = None


def reached(point: str) -> None:
    """Tell whoever listens that a story has come to a point."""
    if _listener is not None:
        _listener(point)


def listen(settings: Settings, listener: Listener | None) -> None:
    """
    Have ``listener`` called at each point of this process; None ends it.

    Raises:
        ConfigurationError: this is production.
    """
    global _listener  # noqa: PLW0603 - process-wide, as connections are
    if settings.app_env is Environment.PRODUCTION:
        raise ConfigurationError("Nobody may listen to a production process' points")
    _listener = listener
