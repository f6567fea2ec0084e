"""What a delivery keeps to itself: other readers, other headers, and the shop's password."""

import smtplib
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from app.messages import mail
from tests.messages.post import open_post, read

TEXT = "Dear Meera,\n\nthank you: ₹1,000.00 \u2014 \u0927\u0928\u094d\u092f.\n"


def a_mail(**changes):
    values = {
        "sender": "ORA <orders@ora.example>",
        "to": "meera@example.com",
        "subject": "Your order ORA-1 is confirmed",
        "bodies": (TEXT, "<p>Dear Meera,</p>\n"),
        "reference": "order-confirmed.1",
    }
    return mail.compose(**values | changes)


def headers(letter):
    names = ("From", "To", "Subject", "Message-ID")
    return {name: str(letter[name]) for name in names}


HEADERS = {
    "From": "ORA <orders@ora.example>",
    "To": "meera@example.com",
    "Subject": "Your order ORA-1 is confirmed",
    "Message-ID": "<order-confirmed.1@ora.example>",
}


def test_a_mail_laid_into_a_folder_can_be_read_as_it_was_written(tmp_path):
    folder = tmp_path / "a folder" / "mail"

    mail.send(a_mail(), url=f"file://{str(folder).replace(' ', '%20')}")

    [path] = folder.iterdir()
    letter = read(path.read_bytes())
    assert path.name == "order-confirmed.1.eml"
    assert headers(letter) == HEADERS
    assert letter.get_body(("plain",)).get_content() == TEXT
    assert letter.get_body(("html",)).get_content() == "<p>Dear Meera,</p>\n"


def test_a_mail_sent_twice_is_one_in_the_folder(tmp_path):
    for _ in range(2):
        mail.send(a_mail(), url=f"file://{tmp_path}")

    assert [path.name for path in tmp_path.iterdir()] == ["order-confirmed.1.eml"]


def test_a_mail_goes_by_smtp_to_its_reader_and_to_nobody_else():
    with open_post() as post:
        mail.send(a_mail(), url=post.url)

    [letter] = post.letters
    assert post.recipients == [["meera@example.com"]]
    assert headers(letter) == HEADERS
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == TEXT
    assert post.logins == []


def test_a_mail_has_the_time_it_was_written_and_one_name_for_ever():
    first, again = a_mail(), a_mail()

    written_at = first["Date"].datetime
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=5)
    assert written_at.utcoffset() == timedelta()
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Message-ID"] != a_mail(reference="order-confirmed.2")["Message-ID"]


@pytest.mark.parametrize("name", ["sender", "to", "subject"])
def test_a_line_break_cannot_smuggle_a_header_in(name):
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        a_mail(**{name: "meera@example.com\r\nBcc: everybody@example.com"})


def test_a_post_office_that_is_closed_is_an_error_to_try_again():
    with open_post() as post:
        closed = post.url

    with pytest.raises(OSError):
        mail.send(a_mail(), url=closed)


def test_a_reader_whom_the_post_office_refuses_is_an_error_to_try_again():
    with open_post(data_size_limit=10) as post, pytest.raises(smtplib.SMTPException):
        mail.send(a_mail(), url=post.url)

    assert post.letters == []


def test_a_password_is_never_sent_over_an_open_line():
    with open_post(auth_require_tls=False) as post, pytest.raises(smtplib.SMTPException):
        mail.send(a_mail(), url=post.url.replace("smtp://", "smtp://shop:secret@"))

    assert (post.logins, post.letters) == ([], [])


class Line:
    """Stands in for smtplib's clients, whose TLS needs a certificate that somebody vouches for."""

    said: list[tuple[object, ...]]

    def __init__(self, *address, timeout, context=None):
        type(self).said = [("opened", *address, timeout, _is_checked(context))]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.said.append(("closed",))

    def starttls(self, *, context):
        self.said.append(("encrypted", _is_checked(context)))

    def login(self, *login):
        self.said.append(("login", *login))

    def send_message(self, letter):
        self.said.append(("sent", letter["To"]))


def _is_checked(context):
    """Whether the server's certificate and name are looked at."""
    return context is not None and (context.verify_mode, context.check_hostname) == (
        ssl.CERT_REQUIRED,
        True,
    )


def test_a_password_goes_over_a_line_that_was_encrypted_first(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP", Line)

    mail.send(a_mail(), url="smtp://sh%40p:s%2Fcret@post.example:587")

    assert Line.said == [
        ("opened", "post.example", 587, mail.TIMEOUT_SECONDS, False),
        ("encrypted", True),
        ("login", "sh@p", "s/cret"),
        ("sent", "meera@example.com"),
        ("closed",),
    ]


def test_a_post_office_has_to_prove_who_it_is(monkeypatch):
    monkeypatch.setattr(smtplib, "SMTP_SSL", Line)

    mail.send(a_mail(), url="smtps://shop:secret@post.example:465")

    assert Line.said == [
        ("opened", "post.example", 465, mail.TIMEOUT_SECONDS, True),
        ("login", "shop", "secret"),
        ("sent", "meera@example.com"),
        ("closed",),
    ]
