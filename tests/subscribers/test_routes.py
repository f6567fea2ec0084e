"""Admins keep the list of subscribers, staff look at it, and nobody else knows of it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from app.config import Environment
from app.core.ids import new_id
from app.subscribers import remove, subscribers
from app.subscribers.models import Delivery, DeliveryTry, Subscriber
from tests.subscribers.desk import SUBSCRIBERS, happen, told
from tests.subscribers.receiver import answers
from workers.drain import drain

URL = "https://erp.example/hooks?from=ora"
WISH = {"name": "the ERP", "url": URL, "events": ["order.shipped", "stock.*"]}
ID = "00000000-0000-4000-8000-000000000000"
CALLS = [
    ("GET", "", "staff"),
    ("POST", "", "admin"),
    ("GET", "/{id}", "staff"),
    ("PUT", "/{id}", "admin"),
    ("DELETE", "/{id}", "admin"),
    ("POST", "/{id}/enable", "admin"),
    ("POST", "/{id}/disable", "admin"),
    ("POST", "/{id}/secret", "admin"),
    ("POST", "/{id}/ping", "admin"),
    ("POST", "/{id}/replay", "admin"),
    ("GET", "/{id}/deliveries", "staff"),
    ("GET", "/{id}/deliveries/{id}", "staff"),
]


def send(someone, method, path, body=None):
    return someone.client.open(
        SUBSCRIBERS + path.replace("{id}", ID), method=method, headers=someone.headers, json=body
    )


@pytest.mark.parametrize(("method", "path", "role"), CALLS)
def test_each_role_may_do_what_it_may(shop, method, path, role):
    statuses = {
        name: send(shop.customer(role=name), method, path, {}).status_code
        for name in ("customer", "staff", "admin")
    }

    assert statuses["customer"] == 403
    assert (statuses["staff"] == 403) == (role == "admin")
    assert statuses["admin"] in (200, 404, 422)


@pytest.mark.parametrize(("method", "path", "role"), [call for call in CALLS if call[1]])
def test_a_subscriber_that_is_not_there_is_not_found(desk, method, path, role):
    bodies = {"/{id}": WISH, "/{id}/secret": {"overlap_hours": 1}}
    bodies["/{id}/replay"] = {"delivery_ids": [ID]}

    response = send(desk.boss, method, path, bodies.get(path))

    code = "delivery_not_found" if path.endswith("deliveries/{id}") else "subscriber_not_found"
    assert (response.status_code, response.json["code"]) == (404, code)


def test_a_subscriber_is_registered_and_its_secret_is_shown_once(desk):
    registered = desk.register(URL, "order.shipped", "stock.*", "order.shipped")

    shown = desk.show(registered)
    assert shown == {
        "id": registered["id"],
        "name": "the ERP",
        "url": URL,
        "events": ["order.shipped", "stock.*"],
        "is_enabled": True,
        "disabled_at": None,
        "disabled_because": None,
        "failing_since": None,
        "previous_secret_until": None,
        "created_at": registered["created_at"],
    }
    assert desk.boss.get(SUBSCRIBERS).json == {"items": [shown], "next_cursor": None}
    assert registered["secret"].startswith("whsec_")


@pytest.mark.parametrize(
    ("url", "told_of_it"),
    [
        ("ftp://erp.example/", "does not match https?://[!-~]+"),
        ("erp.example", "is no address that can be called"),
        ("https://", "is no address that can be called"),
        ("https:///hooks", "is no address that can be called"),
        ("https://erp.example:99999/", "is no address that can be called"),
        ("https://erp.example:0/", "is no address that can be called"),
        ("https://[::1/", "is no address that can be called"),
        ("https://erp.example/a b", "does not match https?://[!-~]+"),
        ("https://erp.example/\r\nX-Evil: 1", "has control characters"),
        ("https://ora:secret@erp.example/", "may name neither a user nor a fragment"),
        ("https://erp.example/#here", "may name neither a user nor a fragment"),
        ("https://इआरपी.example/", "does not match https?://[!-~]+"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused(desk, session, url, told_of_it):
    response = desk.boss.post(SUBSCRIBERS, WISH | {"url": url})

    assert response.status_code == 422
    assert response.json["errors"] == [{"pointer": "#/url", "detail": told_of_it}]
    assert session.scalar(select(func.count()).select_from(Subscriber)) == 0


@pytest.mark.parametrize("events", [[], ["order.eaten"], ["order"], ["pay.*"], ["*.shipped"]])
def test_events_that_there_are_not_are_refused(desk, events):
    response = desk.boss.post(SUBSCRIBERS, WISH | {"events": events})

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"].startswith("#/events")


def test_production_takes_no_address_without_encryption(desk, app, settings, monkeypatch):
    in_production = settings.model_copy(update={"app_env": Environment.PRODUCTION})
    monkeypatch.setitem(app.config, "ORA", in_production)

    response = desk.boss.post(SUBSCRIBERS, WISH | {"url": URL.replace("https", "http")})

    assert response.status_code == 422
    assert response.json["errors"] == [{"pointer": "#/url", "detail": "has to begin with https://"}]
    assert desk.boss.post(SUBSCRIBERS, WISH).status_code == 201


def test_there_can_be_so_many_subscribers_and_no_more(desk, monkeypatch):
    monkeypatch.setattr(subscribers, "MOST_SUBSCRIBERS", 2)
    statuses = [desk.boss.post(SUBSCRIBERS, WISH) for _ in range(3)]

    assert [response.status_code for response in statuses] == [201, 201, 409]
    assert statuses[-1].json["code"] == "too_many_subscribers"


def test_one_that_is_disabled_is_told_nothing_and_can_be_sent_nothing(desk, receiver, session):
    subscriber = desk.register(receiver.url)
    happen("order.shipped")
    drain("hooks")
    ids = [one["id"] for one in desk.deliveries(subscriber)]

    disabled = desk.do(subscriber, "disable").json
    happen("order.delivered")
    drain("hooks")

    assert (disabled["is_enabled"], disabled["disabled_because"]) == (False, "a person did")
    assert desk.do(subscriber, "disable").json == disabled
    for verb, body in (("ping", None), ("replay", {"delivery_ids": ids})):
        response = desk.do(subscriber, verb, body)
        assert (response.status_code, response.json["code"]) == (409, "subscriber_disabled")
    assert told(session) == [("order.shipped", "delivered", 1)]
    assert desk.do(subscriber, "enable").json["is_enabled"]
    assert desk.do(subscriber, "ping").status_code == 202


def test_a_delivery_is_shown_with_what_is_sent_and_what_came_back(desk, receiver):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(200, b"thank you"))
    order = happen("order.shipped")
    drain("hooks")
    (listed,) = desk.deliveries(subscriber)

    shown = desk.boss.get(f"{SUBSCRIBERS}/{subscriber['id']}/deliveries/{listed['id']}").json

    (tried,) = shown.pop("log")
    assert shown.pop("body") == receiver.messages[0].body.decode()
    assert shown == listed
    assert listed | {"event": "order.shipped", "subject": str(order), "tries": 1} == listed
    assert (tried["http_status"], tried["answer"], tried["error"]) == (200, "thank you", None)
    assert tried["took_ms"] >= 0


def test_deliveries_are_listed_by_page_and_status(desk, receiver):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(500))
    happen("order.shipped", "order.delivered", "stock.low")
    drain("hooks")

    first = desk.boss.get(f"{SUBSCRIBERS}/{subscriber['id']}/deliveries?limit=2").json
    cursor = first["next_cursor"]
    rest = desk.deliveries(subscriber, f"?limit=2&cursor={cursor}")

    assert [one["event"] for one in (*first["items"], *rest)] == [
        "stock.low", "order.delivered", "order.shipped",
    ]  # fmt: skip
    for status, events in (("pending", ["order.shipped"]), ("failed", [])):
        assert [one["event"] for one in desk.deliveries(subscriber, f"?status={status}")] == events
    for query in ("?status=lost", "?cursor=nonsense", "?limit=0", "?what=else"):
        path = f"{SUBSCRIBERS}/{subscriber['id']}/deliveries{query}"
        assert desk.boss.get(path).status_code == 422


def test_a_delivery_of_another_subscriber_is_neither_shown_nor_made_again(desk, receiver, session):
    mine, other = desk.register(receiver.url), desk.register(receiver.url)
    happen("order.shipped")
    drain("hooks")
    (own,), (foreign,) = desk.deliveries(mine), desk.deliveries(other)

    path = f"{SUBSCRIBERS}/{mine['id']}/deliveries/{foreign['id']}"
    response = desk.do(mine, "replay", {"delivery_ids": [own["id"], foreign["id"]]})

    assert desk.boss.get(path).status_code == 404
    assert (response.status_code, response.json["delivery_ids"]) == (404, [foreign["id"]])
    assert {row[1] for row in told(session)} == {"delivered"}


def test_a_subscriber_is_removed_with_its_deliveries_in_steps(desk, receiver, session, monkeypatch):
    monkeypatch.setattr(remove, "STEP", 2)
    subscriber, other = desk.register(receiver.url), desk.register(receiver.url)
    happen(*["order.shipped"] * 5)
    drain("hooks")

    response = desk.boss.delete(f"{SUBSCRIBERS}/{subscriber['id']}")

    assert (response.status_code, response.data) == (204, b"")
    assert desk.boss.get(f"{SUBSCRIBERS}/{subscriber['id']}").status_code == 404
    owners = set(session.scalars(select(Delivery.subscriber_id)))
    assert {str(owner) for owner in owners} == {other["id"]}
    assert session.scalar(select(func.count()).select_from(DeliveryTry)) == 5


def test_a_turn_of_a_subscriber_that_was_removed_passes(desk, receiver):
    subscriber = desk.register(receiver.url)
    happen("order.shipped")
    desk.boss.delete(f"{SUBSCRIBERS}/{subscriber['id']}")

    drain("hooks")

    assert receiver.messages == []


def test_the_database_itself_refuses_a_second_delivery_of_an_event(desk, session):
    subscriber = desk.register(URL)
    row = {
        "subscriber_id": subscriber["id"], "event_id": uuid4(), "event": "ping", "subject": uuid4(),
    }  # fmt: skip
    session.execute(insert(Delivery).values(id=new_id(), **row))

    with pytest.raises(Exception, match="uq_subscriber_deliveries_subscriber_id_event_id"):
        session.execute(insert(Delivery).values(id=new_id(), **row))
