"""Short ways to register subscribers, announce events and look at what became of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.announcements import announce
from app.core.db import transaction
from app.core.ids import new_id
from app.core.jobs import Job
from app.subscribers.models import Delivery, DeliveryTry, Subscriber
from tests.builders import Customer, values
from workers.drain import drain

SUBSCRIBERS = "/api/v1/admin/subscribers"


@dataclass
class Desk:
    """An admin at work."""

    boss: Customer

    def register(self, url: str, *events: str, name: str = "the ERP") -> dict[str, Any]:
        body = {"name": name, "url": url, "events": list(events or ("*",))}
        response = self.boss.post(SUBSCRIBERS, body)
        assert response.status_code == 201, response.json
        return response.json["subscriber"] | {"secret": response.json["secret"]}

    def show(self, subscriber: dict[str, Any]) -> dict[str, Any]:
        return self.boss.get(f"{SUBSCRIBERS}/{subscriber['id']}").json

    def do(self, subscriber: dict[str, Any], verb: str, body: Any = None) -> Any:
        return self.boss.post(f"{SUBSCRIBERS}/{subscriber['id']}/{verb}", body)

    def deliveries(self, subscriber: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
        return self.boss.get(f"{SUBSCRIBERS}/{subscriber['id']}/deliveries{query}").json["items"]

    def log(self, subscriber: dict[str, Any]) -> list[dict[str, Any]]:
        """Every try of the newest delivery."""
        newest = self.deliveries(subscriber)[0]["id"]
        path = f"{SUBSCRIBERS}/{subscriber['id']}/deliveries/{newest}"
        return self.boss.get(path).json["log"]


def happen(*events: str, subject: UUID | None = None) -> UUID:
    """Announce events, and have them told; returns what they happened to."""
    subject = subject or new_id()
    for event in events:
        with transaction() as session:
            announce(session, event, subject)
        drain("announcements")
    return subject


def pass_time(session: Session) -> None:
    """Let all pauses be over: of deliveries, of subscribers and of their turns."""
    session.execute(update(Delivery).where(Delivery.status == "pending").values(due_at=func.now()))
    session.execute(update(Subscriber).values(rests_until=None))
    open_ones = Job.done_at.is_(None), Job.failed_at.is_(None)
    session.execute(update(Job).where(*open_ones).values(due_at=func.now()))


def told(session: Session) -> list[tuple[Any, ...]]:
    """Every delivery: of what, how it stands, and how often it was tried."""
    columns = Delivery.event, Delivery.status, Delivery.tries
    return values(session.execute(select(*columns).order_by(Delivery.created_at, Delivery.id)))


def tries(session: Session) -> list[tuple[Any, ...]]:
    """Every call: what came back, or why nothing did."""
    columns = DeliveryTry.http_status, DeliveryTry.error
    return values(session.execute(select(*columns).order_by(DeliveryTry.id)))
