"""
Payment gateways: what the shop asks of any of them, and which ones it has.

A gateway is one file beside this one. It knows its own API, its signatures and its events, speaks
to the shop in the words of terms.py, and keeps nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from app.payments.errors import GatewayNotOffered, GatewayUnavailable
from app.payments.terms import AttemptNews, Envelope, News, RefundNews, Speed


class Gateway(Protocol):
    """
    A way to take money and to give it back.

    Every call to it ends within a time-out, and raises `GatewayUnavailable` where there is no
    answer (whether it was done is unknown) and `GatewayRefused` where the answer is no.
    """

    name: str
    # Whether the order is confirmed on the payer's word, and captured by staff.
    pays_on_delivery: bool
    # Whether the shop takes authorised money itself, rather than the gateway at once.
    is_capture_manual: bool

    def open(self, *, receipt: str, amount: int, currency: str) -> str:
        """
        Have the gateway ask for an amount; returns its own order's id.

        Asked again under the same ``receipt`` it finds what an earlier call left behind, so that
        an answer that was lost costs nothing.

        Raises:
            GatewayNotOffered: it does not take such an amount.
        """

    def for_the_payer(self, gateway_order_id: str) -> dict[str, Any]:
        """Tell what the payer's browser needs to pay an order that was opened."""

    def is_authentic(self, proof: Mapping[str, str]) -> bool:
        """Tell whether the gateway vouches for what a payer's browser brought back."""

    def attempts(self, gateway_order_id: str) -> list[AttemptNews]:
        """List every try to pay an order, as it stands now."""

    def attempt(self, gateway_payment_id: str) -> AttemptNews | None:
        """Tell how one try stands now; None where there is none, or none of a shop's order."""

    def capture(self, attempt: AttemptNews) -> AttemptNews:
        """Take the money of an authorised try, all of it; taken before is taken."""

    def refund(self, gateway_payment_id: str, *, amount: int, speed: Speed, key: str) -> RefundNews:
        """Send an amount of a captured try back; the same ``key`` refunds once."""

    def refunds(self, gateway_payment_id: str) -> list[RefundNews]:
        """List every refund of a try, as it stands now."""

    def attempts_between(self, since: datetime, until: datetime) -> Iterator[AttemptNews]:
        """List every try that was begun from ``since`` until before ``until``."""

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[RefundNews]:
        """List every refund that was begun from ``since`` until before ``until``."""

    def open_envelope(self, body: bytes, headers: Mapping[str, str]) -> Envelope | None:
        """Look at a delivery; None where the gateway did not sign these very bytes."""

    def read_event(self, body: bytes) -> Sequence[News]:
        """
        Read what a delivery tells, in the order in which it is to be taken.

        Raises:
            IgnoredEventError: it is no concern of the shop's, and why.
            MalformedEventError: it has not the form that the gateway documents.
        """

    def close(self) -> None:
        """Close its connections."""


_gateways: dict[str, Gateway] = {}
_offered: tuple[str, ...] = ()


def connect(gateways: Iterable[Gateway], *, offered: Sequence[str]) -> None:
    """
    Give this process its gateways; a second call replaces the first.

    ``offered`` are those that a buyer may choose, the first unless they say otherwise. The others
    still end what was begun with them.
    """
    global _offered  # noqa: PLW0603 - one of the process-wide things, reached by gateway()
    disconnect()
    _gateways.update({gateway.name: gateway for gateway in gateways})
    _offered = tuple(offered)


def disconnect() -> None:
    """Close this process' connections."""
    for gateway in _gateways.values():
        gateway.close()
    _gateways.clear()


def gateway(name: str) -> Gateway:
    """
    Return one of this process' gateways.

    Raises:
        GatewayUnavailable: the shop has not its keys any more.
    """
    found = _gateways.get(name)
    if found is None:
        raise GatewayUnavailable
    return found


def all_gateways() -> Sequence[Gateway]:
    """Return all of this process' gateways."""
    return list(_gateways.values())


def is_known(name: str) -> bool:
    """Tell whether the shop has a gateway of this name."""
    return name in _gateways


def offered() -> Sequence[str]:
    """Name the gateways that a buyer may choose; the first is the default."""
    return _offered


def choose(name: str | None) -> Gateway:
    """
    Return the gateway that a buyer asked for, or the default one.

    Raises:
        GatewayNotOffered: there is none of this name for buyers.
    """
    chosen = name or _offered[0]
    if chosen not in _offered:
        raise GatewayNotOffered(gateways=list(_offered))
    return _gateways[chosen]
