"""Events that a subscriber can hear of; each is announced by a story of its name."""

EVENTS = (
    "order.placed",
    "order.confirmed",
    "order.processing",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.expired",
    "order.return_requested",
    "order.returned",
    "order.units_cancelled",
    "payment.failed",
    "refund.created",
    "refund.processed",
    "refund.failed",
    "return.requested",
    "return.approved",
    "return.rejected",
    "return.withdrawn",
    "return.received",
    "return.repaired",
    "stock.low",
)
ALL = "*"
NOUNS = tuple(dict.fromkeys(event.partition(".")[0] for event in EVENTS))
# What a subscriber may name: an event, all events of a noun, or all there are.
CHOICES = (*EVENTS, *(f"{noun}.*" for noun in NOUNS), ALL)


def names_for(event: str) -> list[str]:
    """List the names under which an event is asked for."""
    return [event, f"{event.partition('.')[0]}.*", ALL]
