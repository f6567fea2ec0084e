"""What checkout's tests do besides buying: look up ids, let time run out, act at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.checkout import idempotency
from app.checkout.schemas import CheckoutSchema
from app.config import Settings
from app.core.ids import keyed_id
from app.inventory import keys
from app.inventory.models import Reservation
from app.orders.models import Order
from tests.builders import ADDRESS, Customer, sku_of, values

Answer = TypeVar("Answer")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def basket(**lines: int) -> dict[str, Any]:
    """The body of a checkout of ``ring=2`` and the like."""
    return {
        "lines": [{"sku": sku_of(name), "quantity": n} for name, n in lines.items()],
        "shipping_address": ADDRESS,
    }


def send(buyer: Customer, body: dict[str, Any], key: str = "k") -> TestResponse:
    return buyer.post("/api/v1/checkout", body, Idempotency_Key=key)


def told(response: TestResponse) -> dict[str, Any]:
    """A problem without the request's id."""
    return {k: v for k, v in response.json.items() if k != "request_id"}


def order_id_of(settings: Settings, buyer: Customer, key: str = "k") -> UUID:
    """The id of the order that a customer's key stands for."""
    return keyed_id(settings.secret_key.get_secret_value(), "order", str(buyer.id), key)


def fingerprint_of(body: dict[str, Any]) -> str:
    return idempotency.fingerprint(CheckoutSchema().load(body))


def claim(redis: Redis, order_id: UUID, body: dict[str, Any]) -> None:
    """Let another process claim the right to answer a request."""
    summed_up = fingerprint_of(body)
    ahead, read = idempotency.claim(order_id, summed_up, "another process").ahead
    read(ahead(redis))


def let_time_run_out(session: Session, redis: Redis, order_id: UUID | str, *names: str) -> None:
    """Move the deadline of an order's reservation to the past, in Redis and in Postgres."""
    redis.delete(keys.reservation(UUID(str(order_id))))
    for name in names:
        held = keys.reservations(sku_of(name))
        for member in redis.zrange(held, 0, -1):
            if member.startswith(str(order_id)):
                redis.zadd(held, {member: LONG_AGO.timestamp() * 1000}, xx=True)
    session.execute(update(Order).where(Order.id == order_id).values(expires_at=LONG_AGO))
    session.execute(
        update(Reservation).where(Reservation.order_id == order_id).values(deadline_at=LONG_AGO)
    )


def reservations(session: Session) -> list[tuple[int, str]]:
    """Units and state of every reservation that Postgres remembers."""
    return values(
        session.execute(select(Reservation.units, Reservation.state).order_by(Reservation.units))
    )


def deadline_ms(redis: Redis, name: str, order_id: UUID | str, units: int = 1) -> int:
    """The deadline of an order's reservation as Redis has it."""
    held = redis.zrange(keys.reservations(sku_of(name)), 0, -1, withscores=True)
    [score] = [score for member, score in held if member.startswith(f"{order_id}:{units}:")]
    return int(score)


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Make calls in as many threads, all of them begun before any goes on."""
    barrier = Barrier(len(calls))

    def begin(call: Callable[[], Answer]) -> Answer:
        barrier.wait(timeout=30)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))
