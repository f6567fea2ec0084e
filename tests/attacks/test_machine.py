"""Attacks on the machine below the shop: files, addresses, sizes, headers, jobs, logs."""

import io
import json
import socket
import zlib
from struct import pack

import pytest
import structlog
from PIL import Image
from sqlalchemy import insert, select, update

from app.accounts.models import User
from app.alerts.models import Alert
from app.core import jobs, logs
from app.core.db import transaction
from app.inventory import stock
from app.orders import orders
from app.subscribers.models import DeliveryTry
from tests import owners
from tests.api.snapshot import row_counts
from tests.backoffice.browser import email_of
from tests.builders import ADDRESS, PASSWORD
from tests.checkout.steps import basket
from tests.core.test_foreign_jobs import foreign_queue, work
from tests.gateway import SECRET
from tests.journeys.test_web_process import web
from tests.messages.post import open_post
from tests.subscribers.desk import Desk, happen
from tests.subscribers.receiver import answers, receiving
from workers.drain import drain

__all__ = ["web"]


@pytest.fixture(autouse=True)
def _logs_as_they_were():
    """Log to where everybody does again, once a test's own ear is closed."""
    yield
    logs.configure(as_json=False)


IMAGES = "/api/v1/admin/products/RING/images"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def bomb(width=60_000, height=60_000):
    """A PNG of a few bytes that claims billions of pixels."""

    def chunk(kind, data):
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def small():
    file = io.BytesIO()
    Image.new("RGB", (9, 9), "gold").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("content", [SVG, bomb(), b"GIF89a" + bytes(50), b"", small()[:-30]])
def test_attack_48_a_file_that_is_no_picture(shop, content):
    shop.product("ring", 1)
    boss = shop.customer(role="admin")

    def upload(data, alt="x"):
        query = {"alt": alt}
        return boss.client.post(IMAGES, query_string=query, data=data, headers=boss.headers)

    answer = upload(content)

    assert (answer.status_code, answer.json["code"]) == (422, "image_refused")
    assert boss.get(IMAGES).json["items"] == []
    # A picture is named by the shop alone, so there is no path to climb out of.
    shown = upload(small(), "../../../etc/passwd").json
    assert ".." not in shown["url"]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/",
     "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http://169.254.169.254/latest/meta-data",
     "http://[::ffff:169.254.169.254]/", "http://rebinding.example:{port}/"],
)  # fmt: skip
def test_attack_49_a_subscriber_at_an_address_of_our_inside(shop, session, monkeypatch, url):
    """One name stands for the outside when it is first asked for, and for the inside afterwards."""
    monkeypatch.setenv("SUBSCRIBER_ADDRESSES", "public")
    real, asked = socket.getaddrinfo, []

    def look_up(host, *args, **kwargs):
        if host != "rebinding.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("192.0.2.1" if len(asked) == 1 else "127.0.0.1", *args, **kwargs)

    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        desk = Desk(shop.customer(role="admin"))
        desk.register(url.format(port=port))
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        happen("order.placed")
        drain("hooks")

        assert receiver.messages == []
    tried = session.scalars(select(DeliveryTry)).all()
    assert [(one.http_status, bool(one.error)) for one in tried] == [(None, True)]


def test_attack_49_a_subscriber_that_sends_us_inside(shop):
    with receiving() as outside, receiving() as inside:
        outside.reply(answers(307, Location=inside.url), answers(302, Location=inside.url))
        Desk(shop.customer(role="admin")).register(outside.url)
        happen("order.placed")
        drain("hooks")

        assert (len(outside.messages), inside.messages) == (1, [])


HEAVY = {
    "said to be a gigabyte": (b"x", {"CONTENT_LENGTH": str(2**30)}, 413),
    "too long": (b"[" + b"0," * 40_000 + b"0]", {}, 413),
    "deep": (b"[" * 30_000 + b"]" * 30_000, {}, 400),
    "deep in an object": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, {}, 400),
    "a number without an end": (b'{"email": ' + b"9" * 60_000 + b"}", {}, 400),
}


@pytest.mark.parametrize(("body", "environ", "status"), HEAVY.values(), ids=HEAVY)
def test_attack_50_a_body_that_costs_more_than_it_is_worth(client, body, environ, status):
    answer = client.post(
        "/api/v1/auth/login", data=body, content_type="application/json", environ_overrides=environ
    )

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("many", [1_001, 100_000])
def test_attack_50_a_form_of_many_parts(shop, client, admin, many):
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'
    for path in ("/admin/sign-in/", "/admin/stock/RING/adjust"):
        answer = (admin.client if "stock" in path else client).post(
            path, data=part * many + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
        # Who is not signed in is told nothing but the way to the door.
        assert answer.status_code in ((413,) if "stock" in path else (302,)), path


def test_attack_50_a_webhook_of_many_megabytes(shop, session):
    told = shop.gateway.deliver_of(b'{"a": "' + b"x" * 2**21 + b'"}')

    assert shop.deliver(told).status_code == 413
    assert "webhook_events" not in row_counts(session)


LINES = "Meera\r\nBcc: evil@example.com\r\n\r\n<b>Hello</b>"


def test_attack_51_a_line_break_in_what_becomes_a_mail(shop, monkeypatch):
    client = shop.app.test_client()
    good = {"email": "meera@example.com", "password": PASSWORD, "name": "Meera"}

    for wrong in ({"name": LINES}, {"email": "meera@example.com\r\nBcc: evil@example.com"}):
        assert client.post("/api/v1/auth/register", json=good | wrong).status_code == 422

    # One that came in before names were checked so, or by another way.
    buyer = shop.customer()
    with open_post() as post:
        monkeypatch.setenv("MAIL_URL", post.url)
        with transaction() as session:
            session.execute(update(User).where(User.id == buyer.id).values(name=LINES))
        client.post("/api/v1/auth/forgot-password", json={"email": email_of(buyer.id)})
        shop.work("announcements", "mail")
        [letter] = post.letters
    assert letter["Bcc"] is None
    assert post.recipients == [[email_of(buyer.id)]]


def test_attack_51_a_line_break_in_what_becomes_a_log(client, capfd):
    """What is logged of a request is one line, whatever is in it."""
    logs.configure(as_json=True)
    odd = 'a\r\n{"event": "forged"}'
    client.post(
        "/webhooks/razorpay", data=odd.encode(),
        environ_overrides={"HTTP_X_REQUEST_ID": odd, "HTTP_X_RAZORPAY_EVENT_ID": odd},
    )  # fmt: skip
    structlog.get_logger().error("request.failed", what=odd)
    lines = capfd.readouterr().err.splitlines()

    told = [json.loads(line) for line in lines]
    events = {one["event"] for one in told}
    assert events == {"webhook.invalid_signature", "request.done", "request.failed"}
    assert told[-1]["what"] == odd


@pytest.mark.parametrize(
    "path",
    ["/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/.git/config", "/.env",
     "/wsgi.py", "/static/../wsgi.py", "/admin/files/../site.py", "/admin/files/..%2fsite.py",
     "/docs/..%2f..%2fwsgi.py", "/server-status", "/debug/pprof", "/actuator/env"],
)  # fmt: skip
def test_attack_52_what_is_left_lying_about(client, path):
    answer = client.get(path)

    assert answer.status_code in (302, 404)
    for inside in (b"Traceback", b"EVALEX", b"[core]", b"import ", b"SECRET"):
        assert inside not in answer.data


def test_attack_52_what_went_wrong_inside(shop, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("postgresql://ora:hunter2@db/ora")

    monkeypatch.setattr(stock, "levels", break_down)
    shop.product("ring", 1)
    asked = shop.app.test_client()
    answer = asked.get("/api/v1/inventory?sku=RING")

    assert answer.status_code in (200, 500)
    assert "hunter2" not in answer.text
    assert not shop.app.debug
    assert asked.open("/api/v1/products", method="TRACE").status_code == 405
    assert "Server" not in answer.headers


def test_attack_52_an_answer_that_a_browser_takes_for_a_page(shop, another_app, admin):
    """Nothing in it runs, in whatever frame; production asks for TLS alone, for a year."""
    client = another_app(app_env="production")

    for path in ("/api/v1/products", "/api/v1/nothing", "/healthz", "/admin/sign-in/"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    # The last of them begins a session.
    assert headers["Set-Cookie"].startswith("__Secure-ora_pages=")
    assert "Content-Security-Policy" not in client.get("/docs/").headers
    assert "Strict-Transport-Security" not in admin.get("/").headers


def test_attack_34_who_tries_is_written_down_without_what_they_tried(shop, client, capfd):
    logs.configure(as_json=True)
    email = email_of(shop.customer(role="staff").id)
    for password in ("a guess that is wrong", PASSWORD):
        client.post("/api/v1/auth/login", json={"email": email, "password": password})
    shop.customer().get("/api/v1/admin/orders")

    written = capfd.readouterr().err
    told = [json.loads(line)["event"] for line in written.splitlines()]
    told = [event for event in told if event != "request.done"]
    assert told == ["sign_in.refused", "sign_in.accepted", "access.refused"]
    assert email not in written
    assert "a guess" not in written


def test_attack_55_a_job_that_names_a_function_of_its_own(app, session, tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    for _ in range(3):
        foreign_queue().enqueue("os.mkdir", str(mark))
    pickled = foreign_queue().enqueue(jobs.DRAIN, "mail")
    jobs.connection().hset(pickled.key, "data", b"\x80\x04cos\nsystem\n")

    work(monkeypatch)

    assert not mark.exists()
    told = session.execute(select(Alert.kind, Alert.subject)).all()
    assert [tuple(row) for row in told] == [("job_refused", "mail")]


SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
AMBIGUOUS = {
    "both lengths": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (5 + len(SMUGGLED)),
    "two lengths": b"Content-Length: 5\r\nContent-Length: %d\r\n" % (5 + len(SMUGGLED)),
    "a length with a sign": b"Content-Length: +5\r\n",
    "an odd encoding": b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
    "an encoding after a space": b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
    "an encoding on a folded line": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
}


def test_attack_56_a_request_whose_end_can_be_read_in_two_ways(web):
    """As the Procfile serves the shop: refused, or read in one way and the connection closed."""
    _, url = web
    port = int(url.rsplit(":", 1)[1])

    seen = {}
    for name, headers in AMBIGUOUS.items():
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n"
            line.sendall(head + b"0\r\n\r\n" + SMUGGLED)
            answer = b""
            while part := line.recv(65_536):
                answer += part
        seen[name] = (answer[9:12], answer.count(b"HTTP/1.1 "))

    refused = dict.fromkeys(AMBIGUOUS, (b"400", 1))
    # RFC 9112 lets the encoding count alone, as long as nothing more is read from the connection.
    assert seen == refused | {"both lengths": (b"422", 1)}


SECRETS = {
    "password": "correct horse of Meera",
    "name": "Meenakshi Sundaresan",
    "email": "meenakshi.s@example.com",
    "phone": "+919812345678",
    "street": "77 Coral Merchant Street",
    "pan": "AXCPM7731K",
    "card": "4111111111111111",
    "note": "for the surprise on Friday",
}


def test_attack_57_secrets_in_the_logs(shop, session, settings, monkeypatch, capfd):
    """All that a customer tells, in a purchase and in what goes wrong with it."""
    logs.configure(as_json=True)
    shop.product("ring", 5, price=30_000_000)
    client = shop.app.test_client()
    person = {name: SECRETS[name] for name in ("email", "password", "name", "phone")}
    tokens = client.post("/api/v1/auth/register", json=person).json
    client.post("/api/v1/auth/login", json=person | {"password": SECRETS["card"]})
    client.post("/api/v1/auth/register", json=person)
    client.post("/api/v1/auth/forgot-password", json={"email": SECRETS["email"]})
    buyer = shop.customer()
    buyer.token = tokens["access_token"]
    there = ADDRESS | {"line1": SECRETS["street"], "phone": SECRETS["phone"]}
    body = basket(ring=1) | {
        "shipping_address": there, "pan": SECRETS["pan"], "notes": SECRETS["note"],
    }  # fmt: skip
    order = buyer.post("/api/v1/checkout", body, Idempotency_Key="k").json
    opened = buyer.open_payment(order["id"])
    paid = shop.gateway.pay(opened["razorpay_order_id"])
    told = shop.gateway.event("payment.captured", shop.gateway.payment(paid["razorpay_payment_id"]))
    shop.deliver(told, X_Razorpay_Signature="0" * 64)
    buyer.post("/api/v1/payments/verify", paid | {"razorpay_signature": "1" * 64})
    shop.deliver(told)
    shop.work()
    # A row that breaks a rule of the database's, which quotes it.
    clash = {"email": SECRETS["email"], "name": SECRETS["name"]}
    monkeypatch.setattr(orders, "page", lambda *_, **__: insert_again(clash))
    assert buyer.get("/api/v1/orders").status_code == 500
    logs.configure(as_json=False)

    written = capfd.readouterr()
    text = written.err + written.out
    assert "request.failed" in text
    assert "IntegrityError" in text
    keys = [tokens["access_token"], tokens["refresh_token"], paid["razorpay_signature"], SECRET]
    keys += [settings.secret_key.get_secret_value(), "ora_development_key_secret"]
    planted = [*SECRETS.values(), *keys]
    assert [secret for secret in planted if secret in text] == []
    assert [secret for secret in planted if secret in client.get("/metrics").text] == []
    queued = b"".join(
        b"".join(jobs.connection().hgetall(key).values())
        for key in owners.queue_keys() if key.startswith("rq:job:")
    )  # fmt: skip
    assert queued
    assert [secret for secret in planted if secret.encode() in queued] == []


def insert_again(row):
    """Break the rule that an account has a mail address of its own."""
    with transaction() as session:
        session.execute(insert(User).values(row | {"password_hash": "-", "role": "customer"}))
