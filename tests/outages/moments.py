"""The moments of a checkout at which a test lets something happen, and what the shop has then."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.checkout import idempotency, keys
from app.config import Settings
from app.core.db import Base
from app.inventory import reservations
from tests.builders import Customer, Shop
from tests.checkout.steps import order_id_of, send

# A request that takes longer is taken for dead: nothing it does may wait as long.
LONGEST_SECONDS = idempotency.LEASE_MS / 1000


def timed(ask: Callable[[], TestResponse]) -> TestResponse:
    """Make a request, which is answered in the time that it may take at most."""
    began = time.monotonic()
    response = ask()
    assert time.monotonic() - began < LONGEST_SECONDS
    return response


def once_asked(patch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen once: when a request is read, and Redis was told nothing yet."""
    reserve = reservations.reserve

    def happen(*args: Any, **options: Any) -> Any:
        patch.setattr(reservations, "reserve", reserve)
        happens()
        return reserve(*args, **options)

    patch.setattr(reservations, "reserve", happen)


def once_reserved(patch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen once: when units are reserved and Postgres was told nothing yet."""
    reserve = reservations.reserve

    def happen(*args: Any, **options: Any) -> Any:
        patch.setattr(reservations, "reserve", reserve)
        reserved = reserve(*args, **options)
        happens()
        return reserved

    patch.setattr(reservations, "reserve", happen)


def rows(session: Session) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
        for name, table in Base.metadata.tables.items()
    }


def held(shop: Shop) -> dict[str, tuple[int, int]]:
    """What is reserved and available of each product, as Redis says."""
    found = {name: shop.levels(name) for name in ("ring", "chain")}
    return {name: (levels.reserved, levels.available) for name, levels in found.items()}


def send_again(
    redis: Redis, settings: Settings, buyer: Customer, body: dict[str, Any]
) -> TestResponse:
    """Repeat a request; where its first try is still taken for alive, once its lease is over."""
    response = send(buyer, body)
    if response.status_code == 409:
        assert response.json["code"] == "request_in_flight"
        assert 1 <= int(response.headers["Retry-After"]) <= LONGEST_SECONDS
        redis.hset(keys.request(order_id_of(settings, buyer)), "until_ms", 0)
        response = send(buyer, body)
    return response
