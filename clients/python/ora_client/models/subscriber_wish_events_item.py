from typing import Literal

SubscriberWishEventsItem = Literal[
    "*",
    "order.*",
    "order.cancelled",
    "order.confirmed",
    "order.delivered",
    "order.expired",
    "order.placed",
    "order.processing",
    "order.return_requested",
    "order.returned",
    "order.shipped",
    "order.units_cancelled",
    "payment.*",
    "payment.failed",
    "refund.*",
    "refund.created",
    "refund.failed",
    "refund.processed",
    "return.*",
    "return.approved",
    "return.received",
    "return.rejected",
    "return.repaired",
    "return.requested",
    "return.withdrawn",
    "stock.*",
    "stock.low",
]

SUBSCRIBER_WISH_EVENTS_ITEM_VALUES: set[SubscriberWishEventsItem] = {
    "*",
    "order.*",
    "order.cancelled",
    "order.confirmed",
    "order.delivered",
    "order.expired",
    "order.placed",
    "order.processing",
    "order.return_requested",
    "order.returned",
    "order.shipped",
    "order.units_cancelled",
    "payment.*",
    "payment.failed",
    "refund.*",
    "refund.created",
    "refund.failed",
    "refund.processed",
    "return.*",
    "return.approved",
    "return.received",
    "return.rejected",
    "return.repaired",
    "return.requested",
    "return.withdrawn",
    "stock.*",
    "stock.low",
}


def check_subscriber_wish_events_item(value: str) -> SubscriberWishEventsItem:
    if value in SUBSCRIBER_WISH_EVENTS_ITEM_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SUBSCRIBER_WISH_EVENTS_ITEM_VALUES!r}"
    )
