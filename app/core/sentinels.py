"""
Redis behind Sentinel: which server is the master is asked whenever a connection is made.

A URL names the sentinels, the user of the servers that they watch, and the name under which they
watch them: ``redis+sentinel://user:password@s1:26379,s2:26379/name``. Sentinels with users of their
own are told ``?sentinel_username=...&sentinel_password=...``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

SUFFIX: Final = "+sentinel"
DEFAULT_PORT = 26379
# Each sentinel that is down is waited for in turn.
WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Watched:
    """What a URL tells: who watches, what, and who one is to either of them."""

    name: str
    sentinels: tuple[tuple[str, int], ...]
    is_tls: bool
    login: dict[str, str | None] = field(repr=False)
    sentinel_login: dict[str, str | None] = field(repr=False)


def are_asked(url: str) -> bool:
    """Tell whether a URL names sentinels."""
    return url.partition("://")[0].endswith(SUFFIX)


def read(url: str) -> Watched:
    """
    Read a URL.

    Raises:
        ValueError: it tells no name, or no address.
    """
    parts = urlsplit(url)
    login, _, addresses = parts.netloc.rpartition("@")
    name = unquote(parts.path.strip("/"))
    if not name or "/" in name:
        raise ValueError("A URL of sentinels ends with the name of what they watch")
    user, _, password = login.partition(":")
    own = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return Watched(
        name=name,
        sentinels=tuple(map(_address, addresses.split(","))),
        is_tls=parts.scheme.startswith("rediss"),
        login={"username": unquote(user) or None, "password": unquote(password) or None},
        # Named even where there are none, or those of the servers would be taken.
        sentinel_login={
            "username": own.get("sentinel_username"),
            "password": own.get("sentinel_password"),
        },
    )


def pool(
    url: str, *, kind: Callable[[type], type] = lambda made: made, **options: Any
) -> SentinelConnectionPool:
    """Make a pool of connections to the master; ``kind`` makes more of a class of connections."""
    told = read(url)
    plain = SentinelManagedSSLConnection if told.is_tls else SentinelManagedConnection
    return SentinelConnectionPool(  # type: ignore[no-untyped-call]
        told.name,
        Sentinel(told.sentinels, sentinel_kwargs=_of_sentinels(told)),  # type: ignore[no-untyped-call]
        connection_class=kind(plain),
        **told.login,
        **options,
    )


def for_limits(url: str) -> tuple[str, dict[str, Any]]:
    """Say the same to the library that counts requests: an address, and what it does not tell."""
    told = read(url)
    addresses = ",".join(f"{host}:{port}" for host, port in told.sentinels)
    options = told.login | {
        "sentinel_kwargs": _of_sentinels(told),
        "use_replicas": False,
        "ssl": told.is_tls,
    }
    return f"redis{SUFFIX}://{addresses}/{told.name}", options


def _of_sentinels(told: Watched) -> dict[str, Any]:
    waits = {"socket_connect_timeout": WAIT_SECONDS, "socket_timeout": WAIT_SECONDS}
    return {**told.sentinel_login, **waits, "ssl": told.is_tls}


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port or DEFAULT_PORT)
