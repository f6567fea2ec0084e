"""
Who acts now, and from where: told to Postgres before anything is changed, and kept with the change.

Of a request it is read when it is needed, so that what changes nothing pays nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from getpass import getuser
from ipaddress import ip_address, ip_network
from os import getuid
from socket import gethostname
from uuid import UUID

from flask import g, has_request_context, request
from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.api import request_id
from app.core.problems import OwnAffair

# Whoever asks without a token.
VISITOR = "visitor"
STAFF_KINDS = ("staff", "admin")
# Kinds of accounts, and in SQL whether one of theirs did something, not the shop by itself.
ACCOUNT_KINDS = ("guest", "customer", *STAFF_KINDS)
BY_PEOPLE = "actor ~ '^(guest|customer|staff|admin):'"
# What is kept of the address of anybody else: enough to tell two networks apart, not two people.
_KEPT_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, such as ``staff:<id>``, ``worker:<job>`` or ``command:<name>``; and from where."""

    name: str
    address: str | None = None
    request_id: str | None = None


class FromWhere:
    """Columns that Postgres fills by itself with what it was told of the actor."""

    address: Mapped[str | None] = mapped_column(
        Text, server_default=text("acting('address'::text)")
    )
    request_id: Mapped[str | None] = mapped_column(
        Text, server_default=text("acting('request'::text)")
    )


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting(name: str, *, address: str | None = None) -> Iterator[None]:
    """Let everything that is changed meanwhile be done by this actor."""
    token = _acting.set(Actor(name, address))
    try:
        yield
    finally:
        _acting.reset(token)


def current() -> Actor | None:
    """Tell who acts; None where nobody said."""
    return _who_asks() if has_request_context() else _acting.get()


def _who_asks() -> Actor:
    token = g.get("token")
    if token is None:
        return Actor(VISITOR, _network(request.remote_addr), request_id())
    kind = token.get("role")
    is_staff = kind in STAFF_KINDS
    address = request.remote_addr if is_staff else _network(request.remote_addr)
    return Actor(f"{kind}:{token['sub']}", address, request_id())


def _network(address: str | None) -> str | None:
    """Shorten an address to its network, as what stays for good may say of a customer."""
    try:
        version = ip_address(address or "").version
    except ValueError:
        return None
    return str(ip_network(f"{address}/{_KEPT_BITS[version]}", strict=False))


def require_another(actor: str, user_id: UUID) -> None:
    """
    Let nobody decide that money goes back to themselves.

    Raises:
        OwnAffair: the actor is this account.
    """
    if actor.partition(":")[2] == str(user_id):
        raise OwnAffair


def here() -> str:
    """Tell from where this process acts: whose it is, and on which host."""
    try:
        user = getuser()
    except (KeyError, OSError):
        # A container may run as a number that nobody has.
        user = str(getuid())
    return f"{user}@{gethostname()}"
