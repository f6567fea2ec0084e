"""Mails of the shop, for a person to read: nothing in them runs or reaches out."""

import pytest

from app.messages import mail
from sandbox import create_app
from sandbox.config import Settings


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "a folder"


@pytest.fixture
def client(folder):
    url = f"file://{str(folder).replace(' ', '%20')}"
    app = create_app(Settings(mail_url=url))
    yield app.test_client()
    app.extensions["sandbox"].close()


def send(folder, reference="order.placed.1", *, subject="Your order", html="<p>Dear Meera</p>"):
    message = mail.compose(
        sender="ORA <orders@ora.example>", to="meera@example.com", subject=subject,
        bodies=("Dear Meera\n", html), reference=reference,
    )  # fmt: skip
    mail.send(message, url=f"file://{folder}")


def test_a_shop_that_has_sent_nothing(client):
    assert "None yet." in client.get("/sandbox/mail").text


def test_mails_are_listed_and_read(client, folder):
    send(folder, subject="A <b>fine</b> ring: ₹1,030.00")

    listed = client.get("/sandbox/mail").text
    shown = client.get("/sandbox/mail/order.placed.1.eml")
    html = client.get("/sandbox/mail/order.placed.1.eml/html")

    assert "A &lt;b&gt;fine&lt;/b&gt; ring: ₹1,030.00" in listed
    assert 'href="/sandbox/mail/order.placed.1.eml"' in listed
    assert "<pre>Dear Meera" in shown.text
    assert 'sandbox src="/sandbox/mail/order.placed.1.eml/html"' in shown.text
    assert html.text.strip() == "<p>Dear Meera</p>"


def test_nothing_in_a_mail_runs_or_is_fetched(client, folder):
    send(folder, html="<script>alert(1)</script><img src=https://elsewhere.example/x>")

    answer = client.get("/sandbox/mail/order.placed.1.eml/html")

    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.mark.parametrize("name", ["nothing.eml", "..%2Fsecret.eml", "secret", "%00.eml", "a/b.eml"])
def test_what_is_no_mail_is_not_there(client, folder, name):
    send(folder)
    (folder.parent / "secret.eml").write_text("not for you")
    (folder / "secret").write_text("not for you")

    assert client.get(f"/sandbox/mail/{name}").status_code == 404


def test_a_shop_that_sends_by_smtp_shows_none():
    app = create_app(Settings(mail_url="smtp://127.0.0.1:25"))

    assert "None yet." in app.test_client().get("/sandbox/mail").text

    app.extensions["sandbox"].close()
