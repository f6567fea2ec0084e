"""Mails: who paid is told so once, with every line and what it cost, by real SMTP."""

import pytest
from sqlalchemy import select, update

from app.accounts.models import User
from app.core.db import transaction
from app.core.jobs import Job
from app.orders.models import Order
from tests.messages.post import open_post, read
from tests.payments.purchase import announced, make_due, open_jobs, purchase


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    """The folder that the mails of this test go into."""
    monkeypatch.setenv("MAIL_URL", f"file://{tmp_path}")
    return tmp_path


@pytest.fixture
def post(app, monkeypatch):
    """The post office that the mails of this test go to."""
    with open_post() as opened:
        monkeypatch.setenv("MAIL_URL", opened.url)
        yield opened


def about(post, event):
    """The one letter that tells of an event."""
    [letter] = [one for one in post.letters if str(one["Message-ID"]).startswith(f"<{event}.")]
    return letter


def plain(letter):
    return letter.get_body(("plain",)).get_content().replace("\r\n", "\n")


def paid_order(shop, *, name="Meera Iyer"):
    """A paid order of two products; its mail is staged and not yet sent."""
    shop.product("ring", 9, price=12_34_567_00)
    shop.product("chain", 9, price=99_950)
    bought = purchase(shop, ring=2, chain=1)
    with transaction() as session:
        session.execute(update(User).where(User.id == bought.buyer.id).values(name=name))
    bought.tell("payment.captured", bought.pay())
    shop.work("webhooks")
    assert bought.status == ("confirmed", "captured")
    return bought


def test_the_mail_names_every_line_what_it_cost_and_where_it_goes(shop, session, post):
    bought = paid_order(shop)
    number = session.scalars(select(Order.number)).one()
    email = session.scalars(select(User.email)).one()

    shop.work("announcements", "mail")

    letter = about(post, "order.confirmed")
    assert (str(letter["To"]), str(letter["Subject"])) == (
        email,
        f"Your order {number} is confirmed",
    )
    assert str(letter["Message-ID"]).startswith(f"<order.confirmed.{bought.order_id}.")
    assert (
        plain(letter)
        == f"""\
Dear Meera Iyer,

Thank you. Your payment has reached us and your order {number} is confirmed.

We write again when it is on its way.

  1 x The chain (CHAIN): ₹1,029.49
  2 x The ring (RING): ₹25,43,208.02

  Before tax  ₹24,70,133.50
  GST         ₹74,104.01
  Shipping    ₹0.00
  Total       ₹25,44,237.51

It goes to:

  Meera Iyer
  14 Temple Street
  Chennai 600004, Tamil Nadu

ORA
"""
    )


def test_an_order_has_one_mail_however_often_its_payment_is_told(shop, session, folder):
    bought = paid_order(shop)
    paid = bought.pay()

    for name in ("payment.captured", "order.paid") * 3:
        bought.tell(name, paid, status="captured")
    shop.work()

    assert announced(session, "order.confirmed") == 1
    assert sorted(path.name.split(f".{bought.order_id}.")[0] for path in folder.iterdir()) == [
        "order.confirmed", "order.placed", "refund.created",
    ]  # fmt: skip


def test_a_mail_whose_job_runs_again_is_known_as_the_same_one(shop, session, post):
    paid_order(shop)

    shop.work("announcements", "mail")
    session.execute(update(Job).values(done_at=None, due_at=Job.created_at))
    shop.work("announcements", "mail")

    names = [str(letter["Message-ID"]) for letter in post.letters]
    assert sorted(names) == sorted(2 * list(set(names)))
    assert len(names) == 4


def test_a_mail_waits_for_a_post_office_that_is_closed(shop, session, monkeypatch):
    bought = paid_order(shop)
    with open_post() as post:
        closed = post.url
    monkeypatch.setenv("MAIL_URL", closed)

    shop.work("announcements", "mail")
    rows = session.execute(
        select(Job.attempts, Job.last_error).where(Job.name == "mail.send_notification")
    )
    tries = [(attempts, error.partition("(")[0]) for attempts, error in rows]
    assert tries == [(1, "ConnectionRefusedError")] * 2
    assert bought.status == ("confirmed", "captured")

    with open_post() as post:
        monkeypatch.setenv("MAIL_URL", post.url)
        make_due(session)
        shop.work("announcements", "mail")
    assert (len(post.letters), open_jobs(session)) == (2, [])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Meera\r\nBcc: everybody@example.com\r\n\r\nBuy this", id="line breaks"),
        pytest.param("Meera\n.\nQUIT", id="end of mail"),
        pytest.param("\u092e\u0940\u0930\u093e \u0905\u092f\u094d\u092f\u0930", id="Devanagari"),
        pytest.param("\U0001f48d \u202emoor\u202c", id="emoji and direction"),
        pytest.param("M" * 2_000, id="endless"),
        pytest.param("{order.number} %s <b>", id="templates"),
    ],
)
def test_no_name_changes_whom_a_mail_goes_to_or_its_headers(shop, session, post, name):
    paid_order(shop, name=name)
    email = session.scalars(select(User.email)).one()

    shop.work("announcements", "mail")

    letter = about(post, "order.confirmed")
    assert post.recipients == [[email]] * 2
    assert sorted(letter.keys()) == [
        "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
    ]  # fmt: skip
    written = " ".join(name.split())[:100]
    assert plain(letter).startswith(f"Dear {written},\n")
    assert plain(letter).endswith("\nORA\n")
    html = letter.get_body(("html",)).get_content()
    assert "<b>," not in html
    assert "\n.\n" not in html.replace("\r\n", "\n")


def test_a_mail_in_the_folder_is_the_mail_of_the_order(shop, session, folder):
    bought = paid_order(shop)

    shop.work("announcements", "mail")

    [path] = folder.glob(f"order.confirmed.{bought.order_id}.*.eml")
    assert str(read(path.read_bytes())["To"]) == session.scalars(select(User.email)).one()
