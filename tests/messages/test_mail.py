"""Mail, over real SMTP and into a folder."""

import smtplib
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from app.messages import mail, order_confirmed
from app.orders.models import Order, OrderLine
from dev.ports import free_port


class Postbox:
    """An SMTP server's handler that keeps what it is given."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append((envelope.rcpt_tos, parsed))
        return "250 kept"


@pytest.fixture
def postbox():
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def a_message(**changes):
    values = {
        "sender": "ORA <orders@ora.example>",
        "to": "meera@example.com",
        "subject": "Your order is confirmed",
        "body": "Total ₹12,34,567.00\n",
        "reference": "order-confirmed.1",
    }
    return mail.compose(**values | changes)


def an_order():
    line = OrderLine(
        position=1, sku="RING", name="The ring", quantity=2, unit_price=60_000_000,
        tax=3_600_000, total=123_600_000,
    )  # fmt: skip
    address = {
        "name": "Meera Iyer", "line1": "14 Temple Street", "line2": None, "city": "Chennai",
        "pincode": "600004", "state": "Tamil Nadu",
    }  # fmt: skip
    return Order(
        number="ORA-0000-0000-0001", lines=[line], subtotal=120_000_000, discount=0,
        tax=3_600_000, shipping_fee=0, total=123_600_000, shipping_address=address,
    )  # fmt: skip


def test_a_mail_goes_out_by_smtp_as_it_was_written(postbox):
    box, url = postbox

    mail.send(a_message(), url=url)

    [(recipients, received)] = box.messages
    assert recipients == ["meera@example.com"]
    assert received["Message-ID"] == "<order-confirmed.1@ora.example>"
    assert received["Date"].datetime.tzinfo is not None
    assert received.get_content().splitlines() == ["Total ₹12,34,567.00"]


def test_a_mail_that_cannot_be_delivered_says_so():
    with pytest.raises((OSError, smtplib.SMTPException)):
        mail.send(a_message(), url=f"smtp://127.0.0.1:{free_port()}")


def test_a_mail_into_a_folder_is_written_once_however_often_it_is_sent(tmp_path):
    for _ in range(2):
        mail.send(a_message(), url=f"file://{tmp_path}/mail")

    [written] = (tmp_path / "mail").iterdir()
    assert written.name == "order-confirmed.1.eml"
    received = message_from_bytes(written.read_bytes(), policy=policy.default)
    assert received["To"] == "meera@example.com"


def test_a_subject_cannot_smuggle_a_header_in():
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        a_message(subject="Hello\r\nBcc: everybody@example.com")


def test_the_confirmation_lists_what_was_bought_in_indian_rupees():
    order = an_order()

    body = order_confirmed.body(order, name="Meera Iyer")

    assert order_confirmed.subject(order) == "Your order ORA-0000-0000-0001 is confirmed"
    assert "2 x The ring (RING): ₹12,36,000.00" in body
    assert "  Total       ₹12,36,000.00\n" in body
    assert "  Meera Iyer\n  14 Temple Street\n  Chennai 600004, Tamil Nadu\n" in body
