"""Notes at the pages: written for each other, kept to those who work here, gone with an account."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import AccountNote, User
from app.audit.models import Record
from app.core.db import transaction
from tests.backoffice.browser import words
from tests.builders import PASSWORD
from tests.payments.purchase import purchase, run_out
from workers.cleanup import forget_unverified
from workers.expiry import expire_orders


@pytest.fixture
def bought(shop):
    shop.product("ring", 5)
    return purchase(shop, ring=1)


def count(session):
    return session.scalar(select(func.count()).select_from(AccountNote))


def test_a_note_of_an_order_is_seen_there_and_with_its_customer(session, staff, bought):
    order, who = f"/orders/{bought.order_id}", f"/people/{bought.buyer.id}"
    name = session.get(User, staff.id).name

    assert staff.send(who, "/note", note="Calls before noon.").status_code == 302
    assert staff.send(order, "/note", note="  Engrave: R & S\r\nShips with it. ").status_code == 302

    shown = staff.get(order).text
    assert "Engrave: R &amp; S\nShips with it.</p>" in shown
    assert "Calls before noon." not in shown
    shown = words(staff.get(who))
    assert "Engrave: R & S" in shown
    assert f"Calls before noon. {name}, staff" in shown
    assert f"/admin{order}" in staff.get(who).text


@pytest.mark.parametrize(
    ("note", "why"),
    [("", "Note is needed."), (" \n ", "Note is needed."), ("\0", "Note is needed."),
     ("x" * 2_001, "Note has 2001 letters, and 2000 at most are kept.")],
)  # fmt: skip
@pytest.mark.parametrize("place", ["orders", "people"])
def test_what_is_no_note_is_refused(session, staff, bought, place, note, why):
    path = f"/{place}/{bought.order_id if place == 'orders' else bought.buyer.id}"

    staff.send(path, "/note", note=note)

    assert why in words(staff.get(path))
    assert count(session) == 0


def test_markup_is_text(staff, bought):
    path = f"/people/{bought.buyer.id}"
    staff.send(path, "/note", note="<script>alert(1)</script>")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in staff.get(path).text


def test_an_admin_removes_a_note_and_the_log_does_not_say_what_it_said(
    session, admin, staff, bought
):
    path = f"/people/{bought.buyer.id}"
    staff.send(path, "/note", note="Is rude.")
    assert "/remove" not in staff.get(path).text

    assert admin.send(path, "/remove").status_code == 302
    assert "Nobody noted anything." in words(admin.get(path))

    query = select(Record).where(Record.subject == "account_notes").order_by(Record.id)
    written, removed = session.scalars(query)
    assert (written.actor, written.after["text"]) == (f"staff:{staff.id}", "masked")
    assert (removed.actor, removed.action) == (f"admin:{admin.id}", "delete")
    assert removed.before["text"] == "masked"


def test_a_note_is_removed_as_its_customers_alone(session, shop, admin, bought):
    path = f"/people/{bought.buyer.id}"
    admin.send(path, "/note", note="Calls before noon.")
    [note_id] = session.scalars(select(AccountNote.id))
    other = shop.customer()

    form = admin.get(path).text.split('name="csrf_token" value="')[1].split('"')[0]
    address = f"/admin/people/{other.id}/notes/{note_id}/remove"
    answer = admin.client.post(address, data={"csrf_token": form})

    assert answer.status_code == 404
    assert "There is no such note." in words(answer)
    assert count(session) == 1


def test_who_leaves_is_not_noted_any_more(session, staff, bought):
    path = f"/people/{bought.buyer.id}"
    staff.send(path, "/note", note="Calls before noon.")
    run_out(session, bought.order_id)
    expire_orders()
    form = staff.get(path).text.split('name="csrf_token" value="')[1].split('"')[0]

    left = bought.buyer.client.delete(
        "/api/v1/me", json={"password": PASSWORD}, headers=bought.buyer.headers
    )
    assert left.status_code == 204

    assert count(session) == 0
    order = f"/orders/{bought.order_id}"
    answer = staff.client.post(f"/admin{order}/note", data={"csrf_token": form, "note": "Late."})
    assert answer.status_code == 404
    assert count(session) == 0
    assert 'name="note"' not in staff.get(order).text


def test_who_is_forgotten_unverified_takes_their_notes_along(session, shop, staff):
    who = shop.customer()
    staff.send(f"/people/{who.id}", "/note", note="Asked for a ring of 22 carat.")
    with transaction() as opened:
        old = func.now() - func.make_interval(0, 3)
        opened.get(User, who.id).created_at = old
        opened.get(User, who.id).email_verified_at = None

    forget_unverified()

    session.expire_all()
    assert session.get(User, who.id) is None
    assert count(session) == 0
