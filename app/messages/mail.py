"""Mail: sent by SMTP, or laid into a folder where development can read it."""

import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 10
# RFC 5321: replies from here on mean that trying again is in vain.
PERMANENT = 500


class UndeliverableError(Exception):
    """The post office will never take this mail for its recipient."""


def compose(
    *, sender: str, to: str, subject: str, bodies: tuple[str, str], reference: str
) -> EmailMessage:
    """
    Write a mail of two ``bodies``, text and HTML.

    The same ``reference`` gives the same Message-ID, so that a repeat is one.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{reference}@ora.example>"
    text, html = bodies
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def send(message: EmailMessage, *, url: str) -> None:
    """
    Deliver a mail to ``url``: ``smtp://``, ``smtps://`` or ``file://`` and a folder.

    Raises:
        UndeliverableError: refused for good, as an address that there is not.
        OSError, smtplib.SMTPException: not delivered, or not known to be; try again.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.netloc + parts.path))
        folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        (folder / f"{name}.eml").write_bytes(bytes(message))
        return
    # smtplib alone would not look at the server's certificate.
    context = ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or 0
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    ) as server:
        if parts.username:
            if parts.scheme == "smtp":
                # A password goes over an encrypted line or not at all.
                server.starttls(context=context)
            server.login(unquote(parts.username), unquote(parts.password or ""))
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            if all(code >= PERMANENT for code, _ in refused.recipients.values()):
                raise UndeliverableError(str(refused.recipients)) from refused
            raise
