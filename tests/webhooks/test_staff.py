"""The inbox as staff see it, and events that are worked again."""

import pytest
from sqlalchemy import select, update

from app.alerts.models import Alert
from app.core.jobs import MOST_ATTEMPTS, Job
from app.payments import razorpay_events
from app.treasury import news
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import jobs_staged, make_due, open_jobs, purchase, sales

INBOX = "/api/v1/admin/webhooks"
ALERTS = "/api/v1/admin/alerts"


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


def fail(shop, session, monkeypatch, *, tries):
    """Let every event be tried so often in vain."""

    def raise_(_):
        raise ZeroDivisionError("no luck")

    with monkeypatch.context() as patch:
        patch.setattr(news, "complete_payments", raise_)
        for _ in range(tries):
            make_due(session)
            shop.work("webhooks")


def listed(staff, query=""):
    return [
        (e["event"], e["status"], e["tries"], e["note"])
        for e in staff.get(f"{INBOX}{query}").json["items"]
    ]


def open_alerts(staff):
    found = staff.get(f"{ALERTS}?open=1").json["items"]
    return [(alert["kind"], alert["subject"]) for alert in found]


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


def test_an_event_that_fails_is_tried_again_and_shown_as_failing(
    shop, session, boss, captured, monkeypatch
):
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS - 1)
    told = ("payment.captured", "received", MOST_ATTEMPTS - 1, "ZeroDivisionError('no luck')")
    assert listed(boss, "?failing=1") == [told]
    assert (listed(boss, "?status=failed"), open_alerts(boss)) == ([], [])

    make_due(session)
    shop.work()

    assert captured.status == ("confirmed", "captured")
    assert listed(boss, "?failing=1") == []
    assert open_alerts(boss) == []
    assert_balanced(session)


def test_an_event_that_failed_for_good_is_found_and_worked_again(
    shop, session, boss, captured, monkeypatch
):
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS + 2)
    told = ("payment.captured", "failed", MOST_ATTEMPTS, "ZeroDivisionError('no luck')")
    assert listed(boss, "?status=failed") == [told]
    assert listed(boss, "?failing=1") == []
    assert session.scalars(select(Job.failed_at).where(Job.name == "webhooks.process")).one()
    assert captured.status == ("pending", "pending")

    event_id = only_event(session)
    replayed = boss.post(f"{INBOX}/{event_id}/replay")
    assert listed(boss) == [("payment.captured", "received", 0, None)]
    shop.work()

    assert (replayed.status_code, replayed.json) == (202, {"replayed": 1})
    assert captured.status == ("confirmed", "captured")
    assert listed(boss) == [("payment.captured", "processed", 0, None)]
    assert_balanced(session)


def test_a_replayed_event_has_all_its_tries_again(shop, session, boss, captured, monkeypatch):
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS)

    boss.post(f"{INBOX}/{only_event(session)}/replay")
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS - 1)
    assert [(status, tries) for _, status, tries, _ in listed(boss)] == [
        ("received", MOST_ATTEMPTS - 1)
    ]
    make_due(session)
    shop.work()

    assert captured.status == ("confirmed", "captured")
    assert_balanced(session)


def test_one_alert_tells_of_all_events_of_a_kind_that_failed(shop, session, boss, monkeypatch):
    shop.product("ring", 5)
    bought = [purchase(shop, ring=1) for _ in range(3)]
    for each in bought:
        each.tell("payment.captured", each.pay())
    bought[0].tell("order.paid", bought[0].pay())

    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS)

    assert sorted(open_alerts(boss)) == [
        ("event_failed", "order.paid"),
        ("event_failed", "payment.captured"),
    ]
    assert jobs_staged(session, "mail.send_alert") == 2
    first = session.scalars(
        select(WebhookEvent.event_id)
        .where(WebhookEvent.event == "payment.captured")
        .order_by(WebhookEvent.received_at)
    ).first()
    [detail] = session.scalars(select(Alert.detail).where(Alert.subject == "payment.captured"))
    assert detail == (
        f"event {first}: ZeroDivisionError('no luck'); see those that failed, and replay them"
    )


def test_an_alert_that_was_closed_is_raised_anew_by_the_next_event_that_fails(
    shop, session, boss, captured, monkeypatch
):
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS)
    [alert] = boss.get(f"{ALERTS}?open=1").json["items"]
    assert boss.post(f"{ALERTS}/{alert['id']}/close").status_code == 200
    assert open_alerts(boss) == []

    boss.post(f"{INBOX}/{only_event(session)}/replay")
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS)

    assert open_alerts(boss) == [("event_failed", "payment.captured")]
    assert values(session.execute(select(Alert.kind, Alert.closed_at.is_(None)))) == [
        ("event_failed", False),
        ("event_failed", True),
    ]


def test_a_malformed_event_is_an_alert_at_once_and_is_not_tried_again(shop, session, boss):
    assert shop.deliver(shop.gateway.deliver_of({"event": "order.paid"})).status_code == 200
    shop.work("webhooks")

    assert listed(boss, "?status=failed") == [
        ("order.paid", "failed", 0, "no entity at payload.payment.entity")
    ]
    assert open_alerts(boss) == [("event_failed", "order.paid")]
    assert open_jobs(session) == ["mail.send_alert"]


def test_what_was_done_is_not_done_twice(shop, session, boss, captured):
    shop.work()

    boss.post(f"{INBOX}/{only_event(session)}/replay")
    shop.work()

    assert sales(session) == [(f"sale:{captured.order_id}:RING", -1)]
    assert boss.get(INBOX).json["items"][0]["status"] == "processed"
    assert_balanced(session)


def test_a_job_that_runs_twice_leaves_an_event_that_ended_as_it_is(shop, session, captured):
    shop.deliver(shop.gateway.deliver_of({"event": "order.paid"}))
    shop.work()
    columns = WebhookEvent.status, WebhookEvent.note, WebhookEvent.processed_at
    ended = values(session.execute(select(*columns).order_by(WebhookEvent.event)))

    again = Job.name == "webhooks.process"
    session.execute(update(Job).where(again).values(done_at=None, due_at=Job.created_at))
    shop.work()

    assert values(session.execute(select(*columns).order_by(WebhookEvent.event))) == ended
    assert [status for status, *_ in ended] == ["failed", "processed"]
    assert open_jobs(session) == []


def test_many_are_worked_again_together(shop, session, boss, monkeypatch):
    shop.product("ring", 5)
    orders = [purchase(shop, ring=1) for _ in range(3)]
    for bought in orders:
        bought.tell("payment.captured", bought.pay())
    with monkeypatch.context() as patch:
        patch.setattr(razorpay_events, "_READERS", {})
        shop.work("webhooks")
    ignored = [e["event_id"] for e in boss.get(f"{INBOX}?status=ignored").json["items"]]

    told = boss.post(f"{INBOX}/replay", {"event_ids": [*ignored, ignored[0]]})
    shop.work()

    assert (told.status_code, told.json) == (202, {"replayed": 3})
    assert {bought.status for bought in orders} == {("confirmed", "captured")}
    assert_balanced(session)


def test_all_that_failed_for_good_are_worked_again_together(shop, session, boss, monkeypatch):
    shop.product("ring", 5)
    orders = [purchase(shop, ring=1) for _ in range(3)]
    for bought in orders:
        paid = bought.pay()
        bought.tell("payment.captured", paid)
        bought.tell("order.paid", paid)
    fail(shop, session, monkeypatch, tries=MOST_ATTEMPTS)
    failed = [e["event_id"] for e in boss.get(f"{INBOX}?status=failed").json["items"]]

    told = boss.post(f"{INBOX}/replay", {"event_ids": failed})
    shop.work()

    assert (told.status_code, told.json) == (202, {"replayed": 6})
    assert {bought.status for bought in orders} == {("confirmed", "captured")}
    assert sales(session) == sorted((f"sale:{bought.order_id}:RING", -1) for bought in orders)
    assert (listed(boss, "?status=failed"), listed(boss, "?failing=1")) == ([], [])
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
