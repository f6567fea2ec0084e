"""The inbox as staff see it, and events that are worked again."""

import pytest
from sqlalchemy import select, update

from app.core.jobs import MOST_ATTEMPTS, Job
from app.webhooks import events
from app.webhooks.models import WebhookEvent
from tests.payments.balance import assert_balanced
from tests.payments.purchase import make_due, purchase, sales

INBOX = "/api/v1/admin/webhooks"


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def captured(shop):
    """An order whose capture was told, and not worked yet."""
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    return bought


def only_event(session):
    return session.scalars(select(WebhookEvent.event_id)).one()


def give_up(shop, session, monkeypatch):
    """Let an event fail for good."""
    with monkeypatch.context() as patch:

        def fail(_):
            raise ZeroDivisionError("no luck")

        patch.setattr(events, "complete_payment", fail)
        session.execute(update(Job).values(attempts=MOST_ATTEMPTS - 1))
        make_due(session)
        shop.work("webhooks")
    assert session.scalars(select(Job.failed_at).where(Job.name == "webhooks.process")).one()


def test_staff_see_what_was_told_and_what_came_of_it(shop, session, captured):
    clerk = shop.customer(role="staff")

    waiting = clerk.get(INBOX).json["items"]
    shop.work()
    done = clerk.get(INBOX).json["items"]

    assert [(e["event"], e["status"], e["tries"]) for e in waiting] == [
        ("payment.captured", "received", 0)
    ]
    assert [(e["status"], e["note"]) for e in done] == [("processed", None)]
    assert done[0]["processed_at"].endswith("Z")
    assert "body" not in done[0]


def test_one_event_is_shown_with_its_body(shop, session, boss, captured):
    told = boss.get(f"{INBOX}/{only_event(session)}").json

    assert told["body"] == session.scalars(select(WebhookEvent.body)).one().decode()


def test_an_event_that_failed_for_good_is_found_and_worked_again(
    shop, session, boss, captured, monkeypatch
):
    give_up(shop, session, monkeypatch)
    [failing] = boss.get(f"{INBOX}?failing=1").json["items"]
    assert (failing["tries"], failing["note"]) == (1, "ZeroDivisionError('no luck')")
    assert captured.status == ("pending", "pending")

    replayed = boss.post(f"{INBOX}/{failing['event_id']}/replay")
    shop.work()

    assert (replayed.status_code, replayed.json) == (202, {"replayed": 1})
    assert captured.status == ("confirmed", "captured")
    assert boss.get(f"{INBOX}?failing=1").json["items"] == []
    assert_balanced(session)


def test_what_was_done_is_not_done_twice(shop, session, boss, captured):
    shop.work()

    boss.post(f"{INBOX}/{only_event(session)}/replay")
    shop.work()

    assert sales(session) == [(f"sale:{captured.order_id}:RING", -1)]
    assert boss.get(INBOX).json["items"][0]["status"] == "processed"
    assert_balanced(session)


def test_many_are_worked_again_together(shop, session, boss, monkeypatch):
    shop.product("ring", 5)
    orders = [purchase(shop, ring=1) for _ in range(3)]
    for bought in orders:
        bought.tell("payment.captured", bought.pay())
    with monkeypatch.context() as patch:
        patch.setattr(events, "STORIES", {})
        shop.work("webhooks")
    ignored = [e["event_id"] for e in boss.get(f"{INBOX}?status=ignored").json["items"]]

    told = boss.post(f"{INBOX}/replay", {"event_ids": [*ignored, ignored[0]]})
    shop.work()

    assert (told.status_code, told.json) == (202, {"replayed": 3})
    assert {bought.status for bought in orders} == {("confirmed", "captured")}
    assert_balanced(session)


def test_one_that_is_not_there_keeps_the_others_from_being_replayed(shop, session, boss, captured):
    shop.work()

    refused = boss.post(f"{INBOX}/replay", {"event_ids": [only_event(session), "nobody"]})

    assert (refused.status_code, refused.json["event_ids"]) == (404, ["nobody"])
    assert boss.get(INBOX).json["items"][0]["status"] == "processed"
    assert boss.get(f"{INBOX}/nobody").status_code == 404
    assert boss.post(f"{INBOX}/nobody/replay").status_code == 404


def test_the_inbox_is_leafed_through_newest_first(shop, session, boss):
    shop.product("ring", 5)
    for _ in range(3):
        bought = purchase(shop, ring=1)
        bought.tell("payment.failed", bought.pay("failed"))

    first = boss.get(f"{INBOX}?limit=2").json
    second = boss.get(f"{INBOX}?limit=2&cursor={first['next_cursor']}").json

    listed = [e["event_id"] for e in first["items"] + second["items"]]
    newest_first = select(WebhookEvent.event_id).order_by(WebhookEvent.received_at.desc())
    assert listed == list(session.scalars(newest_first))
    assert second["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwgImIiXQ", "WzEsIDJd"])
def test_a_cursor_that_this_list_did_not_give_out_is_refused(boss, cursor):
    refused = boss.get(f"{INBOX}?cursor={cursor}")

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/cursor")


@pytest.mark.parametrize(
    ("role", "reading", "replaying"),
    [("customer", 403, 403), ("staff", 200, 403), ("admin", 200, 202)],
)
def test_staff_look_and_admins_replay(shop, session, captured, role, reading, replaying):
    someone, event_id = shop.customer(role=role), only_event(session)

    assert someone.get(INBOX).status_code == reading
    assert someone.get(f"{INBOX}/{event_id}").status_code == reading
    assert someone.post(f"{INBOX}/{event_id}/replay").status_code == replaying
    assert someone.post(f"{INBOX}/replay", {"event_ids": [event_id]}).status_code == replaying


def test_nobody_looks_without_a_token(client, captured):
    assert client.get(INBOX).status_code == 401
    assert client.post(f"{INBOX}/replay", json={"event_ids": ["x"]}).status_code == 401


@pytest.mark.parametrize("event_id", ["%00", "a%00b", "%F0%9F%92%8D", "x" * 5_000, "%2e%2e"])
def test_an_event_that_cannot_be_is_not_found(boss, event_id):
    assert boss.get(f"{INBOX}/{event_id}").status_code == 404
    assert boss.post(f"{INBOX}/{event_id}/replay").status_code == 404
