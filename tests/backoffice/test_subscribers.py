"""Subscribers at the pages: looked at by all, made, changed and told again by admins."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.audit.models import Record
from app.catalog.models import Product
from app.config import Environment
from app.core.ids import new_id
from app.subscribers import secrets
from app.subscribers.models import Delivery, Subscriber
from tests.backoffice.browser import enter, words
from tests.backoffice.doors import add_subscriber, post
from tests.builders import values
from tests.payments.purchase import purchase
from tests.subscribers.desk import happen, pass_time, told
from tests.subscribers.receiver import answers, receiving
from workers.drain import drain

GOOD = {"name": "the ERP", "url": "https://erp.example/hooks", "events": ["order.*", "stock.low"]}
SECRET = re.compile(r'<code class="key">(whsec_[^<]+)</code>')


@pytest.fixture
def receiver():
    with receiving() as opened:
        yield opened


@pytest.fixture
def erp():
    """A subscriber with a ping that waits; gives its page."""
    return f"/subscribers/{add_subscriber()[0]}"


def the_one(session):
    session.expire_all()
    return session.scalars(select(Subscriber)).one()


def secret_on(page):
    found = SECRET.search(page.text)
    return found[1] if found else None


def secret_of(shop, session):
    key = shop.app.config["ORA"].secret_key.get_secret_value()
    return secrets.secret_of(the_one(session), shop_secret=key)


def failed(session, number):
    """Have deliveries failed to the one subscriber."""
    for _ in range(number):
        session.add(
            Delivery(
                subscriber_id=the_one(session).id, event_id=new_id(), event="order.shipped",
                subject=new_id(), status="failed", tries=12,
            )
        )  # fmt: skip
    session.flush()


class TestLooking:
    def test_before_there_is_one(self, staff):
        assert "No other system is told" in words(staff.get("/subscribers/"))

    @pytest.mark.usefixtures("erp")
    def test_how_deliveries_to_each_go(self, session, staff):
        failed(session, 2)
        listed = words(staff.get("/subscribers/"))
        assert "the ERP http://127.0.0.1:1/ on everything 1 2 never" in listed

        failed(session, 9)
        delivered = {"status": "delivered", "delivered_at": Delivery.created_at}
        session.execute(update(Delivery).where(Delivery.event == "ping").values(delivered))
        session.execute(update(Subscriber).values(failing_since=Subscriber.created_at))

        listed = words(staff.get("/subscribers/"))
        assert "failing everything 0 10+ " in listed
        assert "never" not in listed

    def test_deliveries_by_how_they_are_and_by_pages(self, session, staff, erp):
        failed(session, 30)

        shown = {
            view: len(re.findall(r"/deliveries/", staff.get(f"{erp}?view={view}").text))
            for view in ("all", "pending", "failed", "delivered", "none")
        }
        assert shown == {"all": 25, "pending": 1, "failed": 25, "delivered": 0, "none": 25}
        first = staff.get(f"{erp}?view=failed")
        older = re.search(r'class="more" href="/admin([^"]+)"', first.text)[1]
        assert len(re.findall(r"/deliveries/", staff.get(older.replace("&amp;", "&")).text)) == 5
        assert staff.get(f"{erp}?cursor=x").status_code == 422

    def test_a_delivery_with_what_is_sent_and_each_try(self, shop, session, staff, receiver):
        receiver.reply(answers(503, b"<b>later</b>"))
        shop.product("ring", 5)
        order_id = purchase(shop, ring=1).order_id
        with_address = Subscriber(
            id=new_id(), name="it", url=receiver.url, events=["order.shipped"]
        )
        session.add(with_address)
        session.commit()
        happen("order.shipped", subject=order_id)
        drain("hooks")
        pass_time(session)
        session.commit()
        drain("hooks")
        delivery = session.scalars(select(Delivery)).one()

        shown = staff.get(f"/subscribers/{with_address.id}/deliveries/{delivery.id}")

        assert "order.shipped delivered" in words(shown)
        assert "503 <b>later</b>" in words(shown)
        assert "&lt;b&gt;" in shown.text
        assert '"type": "order.shipped"' in words(shown)
        assert f'href="/admin/orders/{order_id}"' in shown.text
        assert "Tries 2 Arrived" in words(shown)

    @pytest.mark.parametrize(
        ("event", "address"),
        [
            ("return.received", "/admin/returns/"), ("stock.low", "/admin/stock/RING"),
            ("payment.failed", "/admin/orders/"),
        ],
    )  # fmt: skip
    def test_what_it_happened_to_has_its_page(self, shop, session, staff, erp, event, address):
        shop.product("ring", 5)
        subjects = {
            "payment.failed": purchase(shop, ring=1).opened["payment_id"],
            "stock.low": session.scalars(select(Product.id)).one(), "return.received": new_id(),
        }  # fmt: skip
        happen(event, subject=subjects[event])
        [delivery_id] = session.scalars(select(Delivery.id).where(Delivery.event == event))

        assert address in staff.get(f"{erp}/deliveries/{delivery_id}").text

    def test_what_happened_to_something_that_is_gone_has_none(self, session, staff, erp):
        for event in ("order.placed", "refund.failed", "stock.low", "payment.failed"):
            subject = happen(event)
            query = select(Delivery.id).where(Delivery.subject == subject)
            shown = words(staff.get(f"{erp}/deliveries/{session.scalars(query).one()}"))
            assert f"Happened to {subject}" in shown

    def test_there_is_no_such_one(self, staff, erp):
        other = f"/subscribers/{uuid4()}"

        assert staff.get(other).status_code == 404
        assert staff.get(f"{erp}/deliveries/{uuid4()}").status_code == 404
        assert staff.get("/subscribers/abc").status_code == 404

    def test_a_delivery_of_another_one_is_none_of_its(self, staff, erp):
        _, theirs = add_subscriber("the other")

        assert staff.get(f"{erp}/deliveries/{theirs}").status_code == 404

    def test_staff_see_no_button_and_no_secret(self, staff, erp):
        page = staff.get(erp)

        assert "Make a new secret" not in page.text
        assert "Choose ping" not in page.text
        assert 'action="/admin/subscribers/' not in page.text.split("deliveries")[-1]
        assert "whsec_" not in page.text
        assert "New subscriber" not in staff.get("/subscribers/").text
        assert staff.get("/subscribers/new").status_code == 403


class TestMaking:
    def test_one_is_made_and_its_secret_is_shown_once(self, shop, session, admin):
        answer = admin.send("/subscribers/new", "/make", **GOOD)

        made = the_one(session)
        assert answer.headers["Location"] == f"/admin/subscribers/{made.id}"
        page = admin.get(f"/subscribers/{made.id}")
        assert secret_on(page) == secret_of(shop, session)
        assert "the ERP is told of what happens from now on." in words(page)
        assert page.headers["Cache-Control"] == "no-store"
        assert secret_on(admin.get(f"/subscribers/{made.id}")) is None
        assert (made.name, made.url, made.events) == tuple(GOOD.values())
        query = select(Record.actor).where(Record.subject == "subscribers")
        assert session.scalars(query).all() == [f"admin:{admin.id}"]

    def test_no_cookie_carries_a_secret(self, shop, session, admin):
        answer = admin.send("/subscribers/new", "/make", **GOOD)

        cookie = answer.headers["Set-Cookie"].partition("ora_pages=")[2].partition(";")[0]
        signing = shop.app.session_interface.get_signing_serializer(shop.app)
        assert signing.loads(cookie)["new_secret"] == f"{the_one(session).id}:1"
        assert "whsec_" not in str(signing.loads(cookie))

    def test_a_secret_that_was_made_elsewhere_is_shown_to_nobody(self, shop, admin, erp):
        admin.send("/subscribers/new", "/make", **GOOD)

        assert secret_on(admin.get(erp)) is None
        assert secret_on(enter(shop, "admin").get(erp)) is None

    @pytest.mark.parametrize(
        ("fields", "name", "told"),
        [
            ({"name": ""}, "name", "Length must be"), ({"name": "x" * 101}, "name", "Length must"),
            ({"name": "a\x00b"}, "name", "control"), ({"url": ""}, "url", "is no address"),
            ({"url": "erp.example"}, "url", "is no address"), ({"url": "ftp://x"}, "url", "is no"),
            ({"url": "https://"}, "url", "is no address"), ({"url": "http://:80/"}, "url", "no ad"),
            ({"url": "https://a:b@x/"}, "url", "neither a user"),
            ({"url": "https://x/" + "y" * 500}, "url", "Length"),
            ({"url": "https://x/\x00"}, "url", "control"), ({"url": "http://[::1"}, "url", "no ad"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_told_at_its_field_and_kept(
        self, session, admin, fields, name, told
    ):
        answer = admin.send("/subscribers/new", "/make", **GOOD | fields)

        assert answer.status_code == 422
        field = answer.text.split(f'name="{name}"')[1].split("</label>")[0]
        assert told in field
        assert 'aria-invalid="true"' in field
        assert 'value="order.*" checked' in answer.text
        assert session.scalars(select(Subscriber)).all() == []

    @pytest.mark.parametrize(
        ("events", "told"),
        [([], "choose one at least"), (["order.eaten"], "Must be one of"), (["\x00"], "Must be")],
    )
    def test_events_that_there_are_not_are_told_of(self, session, admin, events, told):
        answer = admin.send("/subscribers/new", "/make", **GOOD | {"events": events})

        assert answer.status_code == 422
        assert told in answer.text.split("<legend>")[1].split("</legend>")[0]
        assert session.scalars(select(Subscriber)).all() == []

    def test_in_production_nothing_is_sent_in_the_clear(self, shop, session, admin, monkeypatch):
        production = shop.app.config["ORA"].model_copy(update={"app_env": Environment.PRODUCTION})
        monkeypatch.setitem(shop.app.config, "ORA", production)

        answer = admin.send("/subscribers/new", "/make", **GOOD | {"url": "http://erp.example/"})

        assert answer.status_code == 422
        assert "has to begin with https://" in answer.text.split('name="url"')[1]
        assert session.scalars(select(Subscriber)).all() == []

    def test_there_is_an_end_to_them(self, admin, monkeypatch):
        monkeypatch.setattr("app.subscribers.subscribers.MOST_SUBSCRIBERS", 0)

        answer = admin.send("/subscribers/new", "/make", **GOOD)

        assert answer.status_code == 422
        assert "as many subscribers as it can have" in words(answer)


class TestChanging:
    def test_what_it_is_told_of_and_where(self, session, admin, erp):
        answer = admin.send(erp, "/change", **GOOD)

        assert answer.headers["Location"] == f"/admin{erp}"
        now = the_one(session)
        assert (now.name, now.url, now.events) == tuple(GOOD.values())
        assert "order.all, stock.low" in words(admin.get(erp))
        assert 'value="stock.low" checked' in admin.get(erp).text

    def test_a_form_that_shows_what_is_past_does_not_win(self, session, admin, erp):
        past = re.search(r'name="shown" value="(\w+)"', admin.get(erp).text)[1]
        admin.send(erp, "/change", **GOOD)

        for shown in (past, "", "x"):
            late = admin.send(erp, "/change", **GOOD | {"name": "mine"}, shown=shown)
            assert late.headers["Location"] == f"http://localhost/admin{erp}"
            assert "Somebody changed it meanwhile." in words(admin.get(erp))

        assert the_one(session).name == "the ERP"

    def test_a_form_that_was_refused_still_shows_what_is_past(self, admin, erp):
        past = re.search(r'name="shown" value="(\w+)"', admin.get(erp).text)[1]
        admin.send(erp, "/change", **GOOD)

        answer = admin.send(erp, "/change", **GOOD | {"url": "x"}, shown=past)
        late = admin.send(erp, "/rotate", overlap_hours="x", generation="0")

        assert f'name="shown" value="{past}"' in answer.text
        assert 'name="generation" value="0"' in late.text

    def test_what_makes_no_sense_changes_nothing(self, session, admin, erp):
        before = the_one(session).url

        answer = admin.send(erp, "/change", **GOOD | {"url": "x", "name": "theirs"})

        assert answer.status_code == 422
        assert "is no address" in words(answer)
        assert 'value="theirs"' in answer.text
        assert (the_one(session).url, the_one(session).name) == (before, "the ERP")

    def test_it_is_switched_off_and_on(self, session, admin, erp):
        assert 'data-confirm="Switch the ERP off?' in admin.get(erp).text

        admin.send(erp, "/switch")
        assert "the ERP is off: it is told nothing." in words(admin.get(erp))
        assert the_one(session).disabled_because == "a person did"
        assert "Send a ping" not in admin.get(erp).text

        admin.send(erp, "/switch")
        assert "the ERP is told again." in words(admin.get(erp))
        assert the_one(session).disabled_at is None

    def test_it_is_removed_with_what_it_was_told(self, session, admin, erp):
        assert 'data-confirm="Remove the ERP?' in admin.get(erp).text

        answer = admin.send(erp, "/remove")

        assert answer.headers["Location"] == "/admin/subscribers/"
        assert "the ERP is removed." in words(admin.get("/subscribers/"))
        assert (session.scalars(select(Subscriber)).all(), told(session)) == ([], [])
        assert post(admin, f"{erp}/remove") == 404


class TestSecrets:
    def test_a_new_one_is_shown_once_and_the_old_one_signs_for_a_while(
        self, shop, session, admin, erp
    ):
        old = secret_of(shop, session)

        admin.send(erp, "/rotate", overlap_hours="2")

        page = admin.get(erp)
        assert secret_on(page) == secret_of(shop, session) != old
        assert "Secret before signs too until" in words(page)
        assert secret_on(admin.get(erp)) is None
        assert the_one(session).secret_generation == 2

    def test_sent_twice_there_is_one_new_one(self, session, admin, erp):
        for _ in range(2):
            admin.send(erp, "/rotate", generation="1")

        assert "It has a new secret already." in words(admin.get(erp))
        assert the_one(session).secret_generation == 2

    @pytest.mark.parametrize("hours", ["", "x", "-1", "169", "1.5", "9" * 30, "\x00"])
    def test_hours_that_make_no_sense_are_told_of(self, session, admin, erp, hours):
        answer = admin.send(erp, "/rotate", overlap_hours=hours)

        assert answer.status_code == 422
        assert '<small class="wrong">' in answer.text.split('name="overlap_hours"')[1]
        assert the_one(session).secret_generation == 1


class TestTelling:
    def test_a_ping_tries_the_way(self, session, admin, erp):
        admin.send(erp, "/ping")

        assert "A ping is on its way" in words(admin.get(erp))
        assert told(session) == [("ping", "pending", 0)] * 2

    def test_one_is_sent_again(self, session, admin, erp):
        failed(session, 1)
        session.commit()
        query = select(Delivery.id).where(Delivery.status == "failed")
        path = f"{erp}/deliveries/{session.scalars(query).one()}"

        answer = admin.send(path, "/replay")

        assert answer.headers["Location"] == f"/admin{erp}"
        assert "1 to be sent again." in words(admin.get(erp))
        assert told(session) == [("ping", "pending", 0), ("order.shipped", "pending", 0)]

    def test_many_are_chosen_all_of_them_or_none(self, session, admin, erp):
        failed(session, 3)
        session.commit()
        ids = list(map(str, session.scalars(select(Delivery.id))))
        _, theirs = add_subscriber("the other")

        for chosen, words_told in (
            ([], "Choose the deliveries first."),
            ([*ids, str(theirs)], "There is no such delivery to this subscriber."),
            ([*ids, "x"], "Not a valid UUID"),
            ([str(uuid4()) for _ in range(201)], "Length must be between 1 and 200"),
        ):
            assert admin.send(erp, "/replay", delivery_id=chosen).status_code == 302
            assert words_told.lower() in words(admin.get(erp)).lower()
            session.expire_all()
            assert [row[1] for row in told(session)].count("failed") == 3

        admin.send(erp, "/replay", delivery_id=ids)
        session.expire_all()
        assert [row[1] for row in told(session)].count("failed") == 0

    def test_nothing_is_sent_to_one_that_is_off(self, session, admin, erp):
        [(delivery_id,)] = values(session.execute(select(Delivery.id)))
        admin.send(erp, "/switch")

        for action, fields in (("ping", {}), ("replay", {"delivery_id": str(delivery_id)})):
            assert post(admin, f"{erp}/{action}", **fields) == 409
        assert "Send it again" not in admin.get(f"{erp}/deliveries/{delivery_id}").text
        assert told(session) == [("ping", "pending", 0)]
