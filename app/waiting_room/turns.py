"""
Turns: who is let in to buy a product, in the order of asking, as many as there are units.

A turn holds no unit: whoever has one may reserve for a while, and Redis refuses all others in the
script that reserves. Nobody is let in to an empty shelf.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

from app.catalog import products
from app.catalog.models import Product
from app.core.db import transaction
from app.core.problems import invalid
from app.core.redis_client import AnyRedis
from app.inventory import stock
from app.waiting_room import scripts
from app.waiting_room.scripts import Standing

# Time enough to fill in an address; somebody else waits for it.
TURN_SECONDS = 120
# Whoever has not asked for so long has gone, or has slept; a ticket has them back for longer.
IDLE_SECONDS = 60
TICKET_SECONDS = 10 * 60
# How soon to ask again, by how far the turn is away.
SOONEST_SECONDS, LATEST_SECONDS = 3, 15


@dataclass(frozen=True, slots=True)
class Turn:
    """
    How a customer stands before a product.

    ``wait_seconds`` is an estimate by the last minute, None where nobody was let in; the ticket has
    them back at their place, if Redis forgets them or they were away for a while.
    """

    state: str
    ahead: int | None = None
    wait_seconds: int | None = None
    admitted_until: datetime | None = None
    ask_again_seconds: int | None = None
    ticket: str | None = None


def ask(redis: AnyRedis, user_id: UUID, slug: str, *, ticket: str | None, secret: str) -> Turn:
    """
    Ask for a customer's turn to buy a product; asked again, they keep their place.

    Raises:
        ProductNotFound: there is none on sale.
        ValidationFailed: the ticket is not theirs, or too old.
    """
    product = _product(slug)
    sku = product.sku
    since = 0 if ticket is None else _since(secret, ticket, sku, user_id)
    if not product.has_waiting_room:
        return Turn("open")
    standing = stock.knowing(
        redis,
        lambda: scripts.ask(
            redis, sku, str(user_id), since=since, turn_ms=TURN_SECONDS * 1000,
            idle_ms=IDLE_SECONDS * 1000,
        ),
    )  # fmt: skip
    return _told(standing, secret, sku, user_id)


def leave(redis: AnyRedis, user_id: UUID, slug: str) -> None:
    """
    Wait no longer, and give up one's turn.

    Raises:
        ProductNotFound: there is none on sale.
    """
    scripts.leave(redis, _product(slug).sku, str(user_id))


def _product(slug: str) -> Product:
    with transaction() as session:
        product, _ = products.find(session, slug)
    return product


def _told(standing: Standing, secret: str, sku: str, user_id: UUID) -> Turn:
    if standing.until_ms is not None:
        return Turn(
            standing.state, admitted_until=datetime.fromtimestamp(standing.until_ms / 1000, UTC)
        )
    if standing.ahead is None:
        return Turn(standing.state)
    wait = _wait_seconds(standing)
    again = LATEST_SECONDS if wait is None else min(max(wait, SOONEST_SECONDS), LATEST_SECONDS)
    ticket = _signer(secret).dumps([sku, str(user_id), standing.since])
    return Turn(standing.state, standing.ahead, wait, None, again, ticket)


def _wait_seconds(standing: Standing) -> int | None:
    if standing.ahead is None or not standing.in_minute:
        return None
    return math.ceil((standing.ahead + 1) * 60 / standing.in_minute)


def _since(secret: str, ticket: str, sku: str, user_id: UUID) -> int:
    try:
        of, whose, since = _signer(secret).loads(ticket, max_age=TICKET_SECONDS)
    except (BadData, ValueError, TypeError):
        raise invalid("#/ticket", "is not one of ours, or too old; ask without it") from None
    if [of, whose] != [sku, str(user_id)]:
        raise invalid("#/ticket", "is somebody else's, or for another product")
    return int(since)


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="waiting-room")
