"""A post office for tests: real SMTP, and every letter kept as it came."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from dev.ports import free_port


class Post:
    """What was handed in."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.logins: list[Any] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.letters.append(read(envelope.content))
        self.recipients.append(envelope.rcpt_tos)
        return "250 Kept"

    def authenticate(self, *login: Any) -> AuthResult:
        self.logins.append(login)
        return AuthResult(success=True)


def read(letter: bytes) -> EmailMessage:
    """Read a letter as a mail program does."""
    return message_from_bytes(letter, policy=policy.default)


@contextmanager
def open_post(**options: Any) -> Iterator[Post]:
    """Serve a post office."""
    post = Post()
    controller = Controller(
        post, hostname="127.0.0.1", port=free_port(), authenticator=post.authenticate, **options
    )
    controller.start()
    post.port = controller.port
    try:
        yield post
    finally:
        controller.stop()
