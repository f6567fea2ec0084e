"""The mails that a shop in development lays into a folder, for a person to read."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from sandbox.gateway import gateway
from sandbox.pages import page

blueprint = Blueprint("mail", __name__, url_prefix="/sandbox/mail")

MOST_SHOWN = 100
_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}\.eml")
# Whatever a mail has in it, nothing runs and nothing is fetched.
_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class Letter:
    """A mail as a list shows it."""

    name: str
    to: str
    subject: str
    sent_at: datetime


@blueprint.get("")
def index() -> ResponseReturnValue:
    """List the mails, the newest first."""
    folder = _folder()
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    letters = [_letter(path) for path in paths[:MOST_SHOWN]]
    return page("mails.html", letters=letters, folder=str(folder))


@blueprint.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """Show a mail: its text, and its HTML in a frame."""
    path = _path(name)
    return page("mail.html", letter=_letter(path), text=_body(path, "plain"))


@blueprint.get("/<name>/html")
def show_html(name: str) -> ResponseReturnValue:
    """Give a mail's HTML, in which nothing can run."""
    answer = Response(_body(_path(name), "html"), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = _NOTHING
    return answer


def _folder() -> Path:
    folder = gateway().settings.mail_folder
    return Path(folder) if folder else Path("/nonexistent")


def _path(name: str) -> Path:
    path = _folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        abort(404)
    return path


def _letter(path: Path) -> Letter:
    mail = _read(path)
    sent_at = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Letter(path.name, str(mail["To"]), str(mail["Subject"]), sent_at)


def _body(path: Path, kind: str) -> str:
    part = _read(path).get_body((kind,))
    return "" if part is None else str(part.get_content())


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)
