"""Where admins register the shop's other systems, and staff see what those were told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from app.config import Settings
from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.fields import PageQuery
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.subscribers import deliveries, remove, secrets, subscribers
from app.subscribers.errors import (
    DeliveryNotFound,
    SubscriberDisabled,
    SubscriberNotFound,
    TooManySubscribers,
)
from app.subscribers.models import Delivery, Subscriber
from app.subscribers.schemas import (
    DeliveriesReplayedSchema,
    DeliveriesSchema,
    DeliveryPageSchema,
    DeliveryQuery,
    DeliverySchema,
    RotationSchema,
    SubscriberAndSecretSchema,
    SubscriberPageSchema,
    SubscriberSchema,
    SubscriberWishSchema,
    WholeDeliverySchema,
)

admin = Blueprint(
    "admin_subscribers",
    __name__,
    url_prefix="/api/v1/admin/subscribers",
    description="The shop's other systems, told of events by webhooks",
)


@admin.post("")
@for_admins
@admin.arguments(SubscriberWishSchema)
@admin.response(201, SubscriberAndSecretSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden, TooManySubscribers)
def add_subscriber(body: dict[str, Any]) -> dict[str, Any]:
    """Register a system that is told of events; its secret is shown this once."""
    subscribers.refuse_plain(body["url"], _settings().app_env)
    with transaction() as session:
        return _with_secret(subscribers.register(session, **body))


@admin.get("")
@staff
@admin.arguments(PageQuery, location="query")
@admin.response(200, SubscriberPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_subscribers(query: dict[str, Any]) -> Page[Any]:
    """List subscribers, the newest first."""
    with transaction() as session:
        return subscribers.page(session, **query)


@admin.get("/<uuid:subscriber_id>")
@staff
@admin.response(200, SubscriberSchema)
@admin.raises(Unauthenticated, Forbidden, SubscriberNotFound)
def show_subscriber(subscriber_id: UUID) -> Subscriber:
    """Show a subscriber."""
    with transaction() as session:
        return subscribers.find(session, subscriber_id)


@admin.put("/<uuid:subscriber_id>")
@for_admins
@admin.arguments(SubscriberWishSchema)
@admin.response(200, SubscriberSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden, SubscriberNotFound)
def change_subscriber(body: dict[str, Any], subscriber_id: UUID) -> Subscriber:
    """Change who is told, where, and of what; at a new address it is told at once."""
    subscribers.refuse_plain(body["url"], _settings().app_env)
    with transaction() as session:
        return subscribers.change(session, subscribers.lock(session, subscriber_id), **body)


@admin.post("/<uuid:subscriber_id>/disable")
@for_admins
@admin.response(200, SubscriberSchema)
@admin.raises(Unauthenticated, Forbidden, SubscriberNotFound)
def disable_subscriber(subscriber_id: UUID) -> Subscriber:
    """Tell a subscriber nothing for now: what happens meanwhile it never hears of."""
    with transaction() as session:
        return subscribers.disable(session, subscribers.lock(session, subscriber_id))


@admin.post("/<uuid:subscriber_id>/enable")
@for_admins
@admin.response(200, SubscriberSchema)
@admin.raises(Unauthenticated, Forbidden, SubscriberNotFound)
def enable_subscriber(subscriber_id: UUID) -> Subscriber:
    """Tell a subscriber again; what was pending when it was disabled is tried at once."""
    with transaction() as session:
        return subscribers.enable(session, subscribers.lock(session, subscriber_id))


@admin.delete("/<uuid:subscriber_id>")
@for_admins
@admin.response(204)
@admin.raises(Unauthenticated, Forbidden, SubscriberNotFound)
def remove_subscriber(subscriber_id: UUID) -> None:
    """Remove a subscriber with its deliveries."""
    remove.remove_subscriber(subscriber_id)


@admin.post("/<uuid:subscriber_id>/secret")
@for_admins
@admin.arguments(RotationSchema)
@admin.response(200, SubscriberAndSecretSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden, SubscriberNotFound)
def rotate_secret(body: dict[str, int], subscriber_id: UUID) -> dict[str, Any]:
    """Give a subscriber a new secret; for a while both sign, so that no message is refused."""
    with transaction() as session:
        subscriber = subscribers.lock(session, subscriber_id)
        subscribers.rotate(session, subscriber, overlap=timedelta(hours=body["overlap_hours"]))
        return _with_secret(subscriber)


@admin.post("/<uuid:subscriber_id>/ping")
@for_admins
@admin.response(202, DeliverySchema)
@admin.raises(Unauthenticated, Forbidden, SubscriberNotFound, SubscriberDisabled)
def ping_subscriber(subscriber_id: UUID) -> Delivery:
    """Send a subscriber an event that says nothing, to try the way."""
    with transaction() as session:
        return deliveries.ping(session, subscribers.lock(session, subscriber_id))


@admin.get("/<uuid:subscriber_id>/deliveries")
@staff
@admin.arguments(DeliveryQuery, location="query")
@admin.response(200, DeliveryPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden, SubscriberNotFound)
def list_deliveries(query: dict[str, Any], subscriber_id: UUID) -> Page[Any]:
    """List what is delivered to a subscriber, the newest first."""
    with transaction() as session:
        subscribers.find(session, subscriber_id)
        return deliveries.page(session, subscriber_id, **query)


@admin.get("/<uuid:subscriber_id>/deliveries/<uuid:delivery_id>")
@staff
@admin.response(200, WholeDeliverySchema)
@admin.raises(Unauthenticated, Forbidden, DeliveryNotFound)
def show_delivery(subscriber_id: UUID, delivery_id: UUID) -> Delivery:
    """Show a delivery with what is sent, and every try."""
    with transaction() as session:
        return deliveries.show(session, subscriber_id, delivery_id)


@admin.post("/<uuid:subscriber_id>/replay")
@for_admins
@admin.arguments(DeliveriesSchema)
@admin.response(202, DeliveriesReplayedSchema)
@admin.raises(
    ValidationFailed,
    Unauthenticated,
    Forbidden,
    SubscriberNotFound,
    DeliveryNotFound,
    SubscriberDisabled,
)
def replay_deliveries(body: dict[str, list[UUID]], subscriber_id: UUID) -> dict[str, int]:
    """Deliver up to 200 events again, all of them or none, under the ids they had."""
    with transaction() as session:
        subscriber = subscribers.lock(session, subscriber_id)
        return {"replayed": deliveries.replay(session, subscriber, body["delivery_ids"])}


def _with_secret(subscriber: Subscriber) -> dict[str, Any]:
    shop_secret = _settings().secret_key.get_secret_value()
    return {
        "subscriber": subscriber,
        "secret": secrets.secret_of(subscriber, shop_secret=shop_secret),
    }


def _settings() -> Settings:
    settings: Settings = current_app.config["ORA"]
    return settings
