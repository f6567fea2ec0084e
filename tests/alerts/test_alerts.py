"""Alerts: raised once, told to every admin once, counted, and closed by cause or by staff."""

from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.accounts.models import User
from app.alerts import alerts
from app.alerts.models import Alert
from app.core.db import transaction
from app.core.jobs import Job
from tests.builders import values
from tests.checkout.steps import at_once, told
from tests.messages.post import read
from tests.payments.purchase import expire, jobs_staged, make_due, open_jobs, purchase

ALERTS = "/api/v1/admin/alerts"


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    """The folder that the mails of this test go into."""
    monkeypatch.setenv("MAIL_URL", f"file://{tmp_path}")
    return tmp_path


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def clerk(shop):
    return shop.customer(role="staff")


def sound(kind="dispute", subject="disp_1", detail="500 paise of pay_1: fraud"):
    with transaction() as session:
        alerts.sound(session, kind, subject, detail)


def close(kind="dispute", subject="disp_1", by="gateway"):
    with transaction() as session:
        alerts.close(session, kind, subject, by=by)


def raised(session):
    """Every alert: what about, and who closed it."""
    columns = Alert.kind, Alert.subject, Alert.detail, Alert.closed_by
    return values(session.execute(select(*columns).order_by(Alert.created_at)))


def close_by_hand(someone, alert_id):
    return someone.post(f"{ALERTS}/{alert_id}/close")


def test_an_alert_is_raised_once_however_often_its_cause_is_seen(app, session):
    for detail in ("first", "second", "third"):
        sound(detail=detail)

    assert raised(session) == [("dispute", "disp_1", "first", None)]
    assert jobs_staged(session, "mail.send_alert") == 1


def test_an_alert_raised_at_once_is_one(app, session):
    at_once([sound] * 6)

    assert len(raised(session)) == 1
    assert jobs_staged(session, "mail.send_alert") == 1


def test_alerts_of_other_kinds_and_subjects_are_others(app, session):
    sound()
    sound(subject="disp_2")
    sound(kind="refund_stuck")

    assert [row[:2] for row in raised(session)] == [
        ("dispute", "disp_1"),
        ("dispute", "disp_2"),
        ("refund_stuck", "disp_1"),
    ]


def test_an_alert_is_raised_anew_when_its_cause_comes_again(app, session):
    sound(detail="first")
    close()
    sound(detail="second")

    assert raised(session) == [
        ("dispute", "disp_1", "first", "gateway"),
        ("dispute", "disp_1", "second", None),
    ]
    assert jobs_staged(session, "mail.send_alert") == 2


def test_a_cause_that_is_over_closes_its_own_alert_alone(app, session):
    sound()
    sound(subject="disp_2")

    for _ in range(2):
        close()
        close(kind="refund_stuck")

    assert [(row[1], row[3]) for row in raised(session)] == [
        ("disp_1", "gateway"),
        ("disp_2", None),
    ]


def test_a_story_without_end_is_cut_short(app, session):
    sound(detail="₹" * 501)

    assert [row[2] for row in raised(session)] == ["₹" * 500]


def test_an_alert_of_a_kind_that_nobody_watches_is_a_mistake(app, session):
    with pytest.raises(AssertionError, match="fire is no kind of alert"):
        sound(kind="fire")

    assert raised(session) == []


def test_a_story_that_is_undone_alarms_nobody(app, session):
    def tell_and_fail():
        with transaction() as inner:
            alerts.sound(inner, "dispute", "disp_1", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tell_and_fail()

    assert (raised(session), open_jobs(session)) == ([], [])


def test_every_admin_has_one_mail_of_it(shop, session, folder):
    admins = [shop.customer(role="admin") for _ in range(2)]
    shop.customer(role="staff")
    shop.customer()
    sound(kind="refund_stuck", subject="r1", detail="500 paise of pay_1: no balance")
    alert = session.scalars(select(Alert)).one()

    shop.work("announcements", "mail")
    session.execute(update(Job).values(done_at=None))
    make_due(session)
    shop.work("announcements", "mail")

    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"alert.{alert.id}.{admin.id}.eml" for admin in admins
    )
    letters = [read(path.read_bytes()) for path in folder.iterdir()]
    addresses = session.scalars(select(User.email).where(User.role == "admin")).all()
    assert {str(letter["To"]) for letter in letters} == set(addresses)
    assert {str(letter["Subject"]) for letter in letters} == {"ORA: refund stuck"}
    since = alert.created_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert {letter.get_body(("plain",)).get_content() for letter in letters} == {
        f"""\
Dear Meera Iyer,

Refund stuck: r1

500 paise of pay_1: no balance

Since {since:%d %b %Y, %H:%M} IST. It stays open until its cause is over, or until one of you \
closes it: POST /api/v1/admin/alerts/{alert.id}/close

ORA
"""
    }


def test_what_is_over_before_the_mail_leaves_is_not_mailed(shop, session, folder, boss):
    sound()
    close()

    shop.work("announcements", "mail")

    assert (list(folder.iterdir()), open_jobs(session)) == ([], [])


def test_a_shop_without_admins_mails_nobody(shop, session, folder):
    sound()

    shop.work("announcements", "mail")

    assert (list(folder.iterdir()), open_jobs(session)) == ([], [])


def test_a_mail_that_was_not_delivered_is_sent_again(shop, session, folder, boss, monkeypatch):
    sound()
    with monkeypatch.context() as patch:
        patch.setenv("MAIL_URL", "smtp://127.0.0.1:1")
        shop.work("announcements", "mail")
    assert open_jobs(session) == ["mail.send_alert"]

    make_due(session)
    shop.work("announcements", "mail")

    assert (len(list(folder.iterdir())), open_jobs(session)) == (1, [])


def test_staff_see_what_is_open_and_close_what_they_have_seen_to(session, clerk):
    sound()
    [listed] = clerk.get(f"{ALERTS}?open=true").json["items"]
    alert = session.scalars(select(Alert)).one()
    assert listed == {
        "id": str(alert.id),
        "kind": "dispute",
        "subject": "disp_1",
        "detail": "500 paise of pay_1: fraud",
        "created_at": spelled(alert.created_at),
        "closed_at": None,
        "closed_by": None,
    }

    closed = close_by_hand(clerk, alert.id)

    session.refresh(alert)
    assert (closed.status_code, closed.json) == (
        200,
        listed | {"closed_at": spelled(alert.closed_at), "closed_by": f"staff:{clerk.id}"},
    )
    assert clerk.get(f"{ALERTS}?open=true").json == {"items": [], "next_cursor": None}
    assert clerk.get(f"{ALERTS}?open=false").json["items"] == [closed.json]
    assert clerk.get(ALERTS).json["items"] == [closed.json]


def spelled(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_closed_once_it_stays_as_it_was_closed(session, boss, clerk):
    sound()
    alert_id = session.scalars(select(Alert.id)).one()
    first = close_by_hand(clerk, alert_id)

    again = close_by_hand(boss, alert_id)
    close()

    assert (again.status_code, again.json) == (200, first.json)
    assert [row[3] for row in raised(session)] == [f"staff:{clerk.id}"]


def test_closing_an_old_alert_again_leaves_the_new_one_open(session, clerk):
    sound(detail="first")
    old = session.scalars(select(Alert.id)).one()
    close_by_hand(clerk, old)
    sound(detail="second")

    close_by_hand(clerk, old)

    assert [row[2:] for row in raised(session)] == [
        ("first", f"staff:{clerk.id}"),
        ("second", None),
    ]


def test_an_alert_that_is_not_there_cannot_be_closed(clerk):
    refused = close_by_hand(clerk, uuid4())

    assert (refused.status_code, told(refused)) == (
        404,
        {
            "type": "/problems/alert-not-found",
            "title": "There is no such alert.",
            "status": 404,
            "code": "alert_not_found",
        },
    )
    assert close_by_hand(clerk, "7").status_code == 404


def test_alerts_are_leafed_through_newest_first(session, clerk):
    for number in range(5):
        sound(subject=f"disp_{number}")
    # Two of the same moment are told apart by their ids.
    session.execute(
        update(Alert).where(Alert.subject.in_(["disp_1", "disp_2"])).values(created_at="2026-06-10")
    )

    pages, cursor = [], ""
    while cursor is not None:
        page = clerk.get(f"{ALERTS}?limit=2{cursor and f'&cursor={cursor}'}").json
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]

    ordered = select(Alert.id).order_by(Alert.created_at.desc(), Alert.id.desc())
    ids = [str(alert_id) for alert_id in session.scalars(ordered)]
    assert pages == [ids[:2], ids[2:4], ids[4:]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("open=maybe", "#/open"),
        ("open=", "#/open"),
        ("is_open=true", "#/is_open"),
        ("limit=0", "#/limit"),
        ("limit=101", "#/limit"),
        ("cursor=x", "#/cursor"),
    ],
)
def test_a_page_that_cannot_be_is_refused(clerk, query, pointer):
    refused = clerk.get(f"{ALERTS}?{query}")

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, [pointer])


@pytest.mark.parametrize(("role", "status"), [("customer", 403), ("staff", 200), ("admin", 200)])
def test_alerts_are_for_staff_and_admins_alone(shop, session, role, status):
    sound()
    someone, alert_id = shop.customer(role=role), session.scalars(select(Alert.id)).one()

    assert someone.get(ALERTS).status_code == status
    assert close_by_hand(someone, alert_id).status_code == status
    assert [row[3] is not None for row in raised(session)] == [status == 200]


def test_nobody_sees_alerts_without_a_token(client):
    assert client.get(ALERTS).status_code == 401
    assert client.post(f"{ALERTS}/{UUID(int=0)}/close").status_code == 401


def open_ones(client):
    lines = client.get("/metrics").text.splitlines()
    return {line for line in lines if line.startswith("ora_alerts_open{")}


def test_the_metric_counts_what_is_open_kind_by_kind(client, session):
    none = {f'ora_alerts_open{{kind="{kind}"}} 0.0' for kind in alerts.KINDS}
    assert open_ones(client) == none

    for subject in ("disp_1", "disp_2", "disp_3"):
        sound(subject=subject)
    close()

    assert open_ones(client) == none - {'ora_alerts_open{kind="dispute"} 0.0'} | {
        'ora_alerts_open{kind="dispute"} 2.0'
    }


def test_another_amount_than_the_price_is_told_to_a_person_once(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=bought.total + 100)

    for _ in range(2):
        bought.tell("payment.captured", paid)
        shop.work()

    detail = "₹1,031.00 came for ₹1,030.00"
    assert raised(session) == [("amount_mismatch", paid, detail, None)]


def test_a_capture_that_goes_back_for_want_of_units_needs_no_person(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert (bought.status, raised(session)) == (("expired", "refunded"), [])


def test_events_that_cannot_be_read_are_one_alert_of_their_kind(shop, session):
    for name in ("payment.captured", "payment.captured", "refund.failed"):
        shop.deliver(shop.gateway.deliver_of({"event": name, "payload": {}}))
        shop.work()

    assert [row[:2] for row in raised(session)] == [
        ("event_failed", "payment.captured"),
        ("event_failed", "refund.failed"),
    ]
    assert jobs_staged(session, "mail.send_alert") == 2


def test_those_of_a_kind_are_found_open_or_closed(session):
    sound()
    sound(kind="refund_stuck", subject="r1")
    sound(kind="refund_stuck", subject="r2")
    close(kind="refund_stuck", subject="r1")

    def found(**asked):
        wanted = {"is_open": None, "limit": 9, "cursor": None} | asked
        return [alert.subject for alert in alerts.page(session, **wanted).items]

    assert found(kind="refund_stuck") == ["r2", "r1"]
    assert found(kind="refund_stuck", is_open=True) == ["r2"]
    assert found(is_open=True) == ["r2", "disp_1"]
    assert found(is_open=False) == ["r1"]
    assert found(kind="dispute", is_open=False) == []
