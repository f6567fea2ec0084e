"""
Every route of the API, each method, by everybody there is: generated from the routes.

Whom a view lets in is told by its decorator, and held against what is answered. A route that tells
nothing has to be known here as open to all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from app.core.auth import GUEST, REFRESHING, SIGNED_IN
from app.invoices.models import Invoice
from app.messages.models import Notification
from tests.api.endpoints import ENDPOINTS
from tests.builders import ADDRESS, Customer, Shop
from tests.payments.purchase import purchase
from tests.returns.steps import asked, deliver

OPEN = {
    "GET /api/v1/categories", "GET /api/v1/products", "GET /api/v1/products/{slug}",
    "GET /api/v1/images/{image_id}/{size}", "GET /api/v1/inventory", "POST /api/v1/auth/guest",
    "POST /api/v1/auth/register", "POST /api/v1/auth/login", "POST /api/v1/auth/forgot-password",
    "POST /api/v1/auth/reset-password", "POST /api/v1/auth/verify-email",
    "POST /api/v1/orders/track", "POST /webhooks/razorpay", "POST /webhooks/stripe",
    "GET /healthz", "GET /readyz", "GET /healthz/cron", "GET /metrics", "GET /openapi.json",
    "GET /docs/{path}", "GET /docs/", "GET /",
}  # fmt: skip
# What of somebody's own stands in a path.
OWN = {"order_id", "address_id", "return_id", "invoice_id", "notification_id"}
ROLES = ("nobody", "guest", "owner", "stranger", "staff", "admin")


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    endpoint: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_own(self) -> bool:
        """Tell whether the path names what belongs to somebody."""
        return bool(OWN & set(re.findall(r"{(\w+)}", self.path)))


def routes(app) -> Iterator[Route]:
    """Those of the API; the pages of the back office are attack 38."""
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/admin"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield Route(method, path, rule.endpoint)


def audience(app, route):
    """Whom the route's decorators let in; None where they tell nothing."""
    return getattr(app.view_functions[route.endpoint], "audience", None)


@dataclass(frozen=True)
class World:
    """A shop in which there is something behind every address, and everybody."""

    shop: Shop
    people: dict[str, Customer]
    ids: dict[str, str]

    def ask(self, route: Route, who: str) -> int:
        bodies = {(e.method, shape(e.path)): e for e in ENDPOINTS.values()}
        known = bodies.get((route.method, route.path))
        # A good body where it is the path that has to be refused, and else an empty one.
        body = known.body if known and route.is_own else {}
        headers = self.people[who].headers if who != "nobody" else {}
        answer = self.shop.app.test_client().open(
            route.path.format_map(self.ids), method=route.method,
            json=None if route.method == "GET" else body, headers=headers,
        )  # fmt: skip
        answer.close()
        return answer.status_code


def shape(path: str) -> str:
    """The path of an endpoint as the routes have it."""
    return re.sub(r"{(\w+)}", r"{\1_id}", path.replace("RING", "{sku}"))


@pytest.fixture
def world(shop, session):
    shop.product("ring", 9)
    owner = shop.customer()
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, owner, ring=2))
    shop.work("announcements", "mail", "payments", "announcements", "mail")
    return_id = asked(bought, ring=1)
    address = owner.post("/api/v1/me/addresses", ADDRESS).json["id"]
    mine = {"user_id": owner.id}
    guest = shop.app.test_client().post("/api/v1/auth/guest").json["access_token"]
    people = {
        "guest": Customer(shop.app.test_client(), uuid4(), guest), "owner": owner,
        "stranger": shop.customer(), "staff": shop.customer(role="staff"),
        "admin": shop.customer(role="admin"),
    }  # fmt: skip
    ids = dict.fromkeys(
        ("image_id", "payment_id", "refund_id", "alert_id", "import_id", "subscriber_id",
         "delivery_id", "account_id"), str(uuid4()),
    )  # fmt: skip
    ids |= {
        "slug": "ring", "sku": "RING", "code": "DIWALI", "size": "whole", "event_id": "x",
        "gateway_name": "razorpay", "day": "2026-11-24", "name": "sales", "path": "index.css",
        "order_id": bought.order_id, "return_id": return_id, "address_id": address,
        "invoice_id": str(session.query(Invoice.id).filter_by(order_id=bought.order_id).first()[0]),
        "notification_id": str(session.query(Notification.id).filter_by(**mine).first()[0]),
    }  # fmt: skip
    return World(shop, people, ids)


def expected(who, allowed, *, is_own):
    """What is answered: 401, 403, 404, or ``done``, which is anything else."""
    if allowed is None:
        return "done"
    if who == "nobody" or allowed == REFRESHING:
        return "401"
    if allowed == SIGNED_IN:
        return "404" if is_own and who != "owner" else "done"
    return "done" if who in allowed else "403"


def observed(status, route, allowed):
    """The class of an answer; that there is nothing behind an address is done, too."""
    if allowed is None:
        return "done" if status not in (401, 403) else str(status)
    if status in (401, 403) or (status == 404 and route.is_own and allowed == SIGNED_IN):
        return str(status)
    return "done"


def test_attack_29_every_route_by_everybody(world):
    app = world.shop.app
    # What ends a session, or removes something, comes last.
    order = {"GET": 0, "PUT": 1, "PATCH": 2, "POST": 3, "DELETE": 4}
    found = sorted(routes(app), key=lambda one: ("logout" in one.path, order[one.method]))
    # The owner is last, so that what others were refused is still there.
    wrong, asked_for = {}, 0
    for who in sorted(ROLES, key="owner".__eq__):
        for route in found:
            allowed = audience(app, route)
            status = world.ask(route, who)
            told, due = (
                observed(status, route, allowed),
                expected(who, allowed, is_own=route.is_own),
            )
            asked_for += 1
            assert status != 500, (who, route.name)
            if told != due:
                wrong[f"{route.name} as {who}"] = (status, due)

    assert wrong == {}
    assert asked_for == len(ROLES) * len(found) > 6 * 120


def test_attack_29_a_route_that_does_not_say_whom_it_is_for(app):
    silent = {route.name for route in routes(app) if audience(app, route) is None}

    assert silent == OPEN


def test_attack_29_an_address_that_says_admin_is_for_nobody_else(app):
    """Whoever may is told by the decorator; the address only has to fit."""
    roles = {GUEST, "customer", SIGNED_IN}
    for route in routes(app):
        allowed = audience(app, route)
        is_for_staff = isinstance(allowed, tuple) and not roles & set(allowed)
        assert route.path.startswith("/api/v1/admin/") == is_for_staff, route.name
