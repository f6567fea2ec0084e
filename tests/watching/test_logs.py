import contextlib
import io
import logging
from smtplib import SMTPRecipientsRefused

import pytest
import structlog
from psycopg.errors import CheckViolation
from sqlalchemy import text

from app.checkout import routes
from app.core import logs, withheld
from app.core.db import transaction
from app.messages import mail
from app.webhooks import events
from tests.payments.purchase import purchase

# Nothing of these may be in any log, whatever goes wrong.
NAME, MAIL, PHONE = "Kamakshi Subramaniam", "kamakshi.s@plantedmail.example", "+919123456780"
STREET, PAN, CARD = "77 Planted Lotus Street", "PLNTD4321Q", "4111 1111 1111 1111"
PASSWORD, VPA, NOTE = "planted-pass-phrase-9", "kamakshi@plantedbank", "Planted note for my mother"
SECRETS = (NAME, MAIL, PHONE, PHONE[3:], STREET, PAN, CARD, PASSWORD, VPA, NOTE)
ADDRESS = {
    "name": NAME, "phone": PHONE, "line1": STREET, "line2": None, "city": "Chennai",
    "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip


@pytest.fixture
def buyer(shop, client):
    """Somebody who registered and signed in with secrets alone."""
    account = {"email": MAIL, "password": PASSWORD, "name": NAME, "phone": PHONE}
    assert client.post("/api/v1/auth/register", json=account).status_code == 201
    tokens = client.post("/api/v1/auth/login", json={"email": MAIL, "password": PASSWORD}).json
    customer = shop.customer()
    customer.token = tokens["access_token"]
    return customer, tokens


def check_out(customer, sku="RING", key="planted-1"):
    body = {
        "shipping_address": ADDRESS, "pan": PAN, "notes": NOTE,
        "lines": [{"sku": sku, "quantity": 1}],
    }  # fmt: skip
    return customer.post("/api/v1/checkout", body, Idempotency_Key=key)


def paid(shop, customer, order_id, **changes):
    """Pay, and have it told by an event that has the payer's data, as Razorpay's have."""
    opened = customer.open_payment(order_id)
    tried = shop.gateway.pay(opened["razorpay_order_id"])["razorpay_payment_id"]
    told = shop.gateway.payment(tried) | {
        "email": MAIL, "contact": PHONE, "vpa": VPA, "card": {"number": CARD, "name": NAME},
        "notes": {"to": NOTE},
    }  # fmt: skip
    event = shop.gateway.event("payment.captured", told | changes)
    assert shop.deliver(event).status_code == 200
    return event


def everything_goes_wrong(shop, client, session, customer, monkeypatch):
    """Fail in every way that has somebody's data at hand."""
    client.post("/api/v1/auth/login", json={"email": MAIL, "password": PASSWORD + "x"})
    client.post(f"/api/v1/auth/login?token={PASSWORD}", data=MAIL, content_type="text/plain")
    client.post("/api/v1/auth/password/forgot", json={"email": MAIL})
    client.get("/api/v1/orders", headers={"Authorization": f"Bearer {customer.token}x"})
    assert check_out(customer, sku="NONE", key="planted-2").status_code == 422
    assert (
        shop.deliver(
            shop.gateway.deliver_of(
                {
                    "event": "payment.captured",
                    "payload": {
                        "payment": {"entity": {"email": MAIL, "contact": PHONE, "name": NAME}}
                    },
                }
            )
        ).status_code
        == 200
    )
    client.post("/webhooks/razorpay", data=f'{{"email": "{MAIL}"}}')

    def refused(*_args, **_more):
        raise SMTPRecipientsRefused({MAIL: (550, f"{NAME} is unknown here".encode())})

    def broken(*_args, **_more):
        with transaction() as opened:
            opened.execute(
                text("INSERT INTO products (id, sku, slug, name) VALUES (NULL, 'x', 'y', :name)"),
                {"name": f"{NAME}, {STREET}, {PAN}"},
            )

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", refused)
        shop.work("webhooks", "announcements", "mail")
        order = purchase(shop, ring=1)
        patch.setattr(routes, "start_checkout", broken)
        assert check_out(customer, key="planted-3").status_code == 500
        patch.setattr(events, "_handle", broken)
        order.tell("payment.captured", order.pay(), email=MAIL)
        shop.work("webhooks")
    logging.getLogger("rq.worker").error("the job of %s, %s was lost", MAIL, PHONE)
    structlog.get_logger().info("planted", name=NAME, address=STREET, order_id="of it")


def a_day_of_the_shop(shop, client, session, buyer, monkeypatch):
    """Sell, cancel and fail; returns every secret that there was."""
    shop.product("ring", 9, price=30_000_000)
    customer, tokens = buyer
    order_id = check_out(customer).json["id"]
    paid(shop, customer, order_id)
    shop.work()
    cancelled = customer.post(f"/api/v1/orders/{order_id}/cancel", {"reason": NOTE})
    assert cancelled.status_code == 200, cancelled.text
    shop.work()
    everything_goes_wrong(shop, client, session, customer, monkeypatch)
    settings = shop.app.config["ORA"]
    keys = (
        settings.secret_key, settings.razorpay_key_secret, settings.razorpay_webhook_secret,
        settings.stripe_secret_key,
    )  # fmt: skip
    mine = (tokens["access_token"], tokens["refresh_token"])
    return (*SECRETS, *mine, *(key.get_secret_value() for key in keys))


def test_attack_57_no_log_has_a_planted_secret(shop, client, session, buyer, written, monkeypatch):
    planted = a_day_of_the_shop(shop, client, session, buyer, monkeypatch)

    told = written.text
    names = {event["event"] for event in written.events}
    assert {
        "request.done", "request.failed", "webhook.done", "webhook.invalid_signature", "job.failed",
        "planted",
    } <= names  # fmt: skip
    assert [one for one in planted if one in told] == []


def test_without_the_guard_the_secrets_would_be_there(
    shop, client, session, buyer, written, monkeypatch
):
    with monkeypatch.context() as off:
        off.setattr(withheld, "withhold", lambda _logger, _method, told: told)
        off.setattr(withheld, "clean_traceback", lambda text: text)
        logs.configure(as_json=True, stream=written.stream)
        a_day_of_the_shop(shop, client, session, buyer, monkeypatch)

    assert {NAME, STREET, PAN} <= {one for one in SECRETS if one in written.text}


def test_logs_set_up_while_somebody_listened_are_written_when_they_are_gone(written, capfd):
    with contextlib.redirect_stderr(io.StringIO()) as theirs:
        logs.configure(as_json=True)
    theirs.close()

    structlog.get_logger().info("planted", sku="RING")
    logging.getLogger("somebody.else").warning("planted as well")
    told = capfd.readouterr().err
    assert '"sku": "RING"' in told
    assert "planted as well" in told


def test_a_key_that_nobody_thought_about_is_not_told(written):
    structlog.get_logger().info("planted", sku="RING", favourite="gold")

    [event] = written.events
    assert (event["sku"], event["favourite"]) == ("RING", "[withheld]")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"to {MAIL} now", "to [mail] now"),
        (f"call {PHONE}, or 91234 56780", "call [phone], or [phone]"),
        (f"PAN {PAN}.", "PAN [pan]."),
        (f"card {CARD} and 4111111111111111", "card [card] and [card]"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer [token]"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "[token]"),
        ("redis://:hunter2@127.0.0.1/0", "redis://:[secret]@127.0.0.1/0"),
        ("password=hunter2&x=1", "password=[secret]&x=1"),
        ("broke\nDETAIL:  Key (email)=(x) already exists.", "broke\n[withheld]"),
        # And what is no secret stays as it is.
        ("order 0199c1de-7b1c-7d6e-8f1a-4111111111111111", None),
        ("ORA-7KX2-90AB-11ZZ waits for 1764000000123 ms", None),
    ],
)
def test_a_text_loses_what_looks_personal_and_nothing_else(said, told):
    assert withheld.clean(said) == (told or said)


def test_an_error_is_told_without_what_it_quotes():
    assert withheld.told(ValueError("invalid literal for int(): 'Meera Iyer'")) == (
        "ValueError: invalid literal for int(): [withheld]"
    )
    assert withheld.told(KeyError("order_id")) == "KeyError: 'order_id'"
    assert withheld.told(CheckViolation("no\nDETAIL:  Failing row (Meera)")) == (
        "CheckViolation: no\n[withheld]"
    )


def test_a_webhooks_request_is_named_by_the_worker_and_so_is_its_order(shop, written):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    event = order.event("payment.captured", order.pay())

    assert shop.deliver(event, X_Request_Id="asked-by-the-gateway").status_code == 200
    shop.work("webhooks")

    [done] = written.of("webhook.done")
    assert done["request_id"] == "asked-by-the-gateway"
    assert (done["order_id"], done["event_id"]) == (order.order_id, event.event_id)
    assert (done["job"], type(done["job_id"])) == ("webhooks.process", int)


def test_what_a_worker_stages_is_of_the_same_request(shop, session, written):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    shop.deliver(order.event("payment.captured", order.pay()), X_Request_Id="the-first")
    shop.work("webhooks")

    rows = session.execute(text("SELECT name, arguments->'_from'->>'request_id' FROM outbox"))
    caused = {name for name, request in rows if request == "the-first"}
    assert {"webhooks.process", "announcements.spread"} <= caused


def test_webhooks_that_are_worked_together_name_all_their_requests(shop, written):
    shop.product("ring", 2)
    for name in ("one", "two"):
        order = purchase(shop, ring=1)
        shop.deliver(order.event("payment.captured", order.pay()), X_Request_Id=name)
    shop.work("webhooks")

    [done] = written.of("webhooks.done")
    assert (done["request_ids"], len(done["job_ids"])) == (["one", "two"], 2)


def test_a_checkout_names_its_order_and_how_long_it_took(shop, written):
    shop.product("ring", 1)

    order_id = shop.customer().check_out(ring=1).json["id"]

    [done] = written.of("request.done")
    assert (done["route"], done["status"], done["order_id"]) == ("/api/v1/checkout", 201, order_id)
    assert done["duration_ms"] > 0


def test_who_only_looks_has_no_line(client, written):
    client.get("/api/v1/products")

    assert written.events == []


def test_what_a_library_logs_is_json_too(written):
    logging.getLogger("somebody.else").warning("it is %s", "so")

    [event] = written.events
    assert (event["event"], event["level"], event["logger"]) == (
        "it is so", "warning", "somebody.else",
    )  # fmt: skip


def test_logs_set_up_again_are_not_written_twice(written):
    logs.configure(as_json=True, stream=written.stream)
    logging.getLogger("somebody.else").warning("once")

    assert len(written.events) == 1
