"""Both gateways of one sandbox, over HTTP: what happens at them, and what their books say of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask

from sandbox import create_app
from sandbox.config import Settings
from sandbox.faults import WEBHOOKS, Faults
from sandbox.gateway import Gateway
from sandbox.store import Page
from sandbox.stripe.account import EXTENSION, attach
from sandbox.stripe.events import signature
from sandbox.stripe.settings import StripeSettings
from tests.serving import serving

RAZORPAY, STRIPE, CASH = "razorpay", "stripe", "cash_on_delivery"
NOWHERE = "http://127.0.0.1:9/nowhere"
PATIENCE_SECONDS = 10
OK = 200
OF_REFUNDS = ("no_balance", "opaque_refusal", "refund_status")
_BASE = {RAZORPAY: "/sandbox", STRIPE: "/stripe/sandbox"}
_REFUND_STATUSES = {"succeeded": "processed", "requires_action": "pending"}


@dataclass(frozen=True)
class Try:
    """One try to pay, in the shop's words for how it stands."""

    id: str
    gateway: str
    order_id: str
    status: str
    amount: int
    amount_refunded: int


@dataclass(frozen=True)
class Back:
    """Money that goes back; ``receipt`` is what the shop called it when it asked."""

    id: str
    gateway: str
    payment_id: str
    status: str
    amount: int
    receipt: str | None

    @property
    def can_fail_late(self) -> bool:
        return (self.gateway, self.status) == (STRIPE, "processed")


@dataclass(frozen=True)
class Claim:
    """A bank wants a capture back."""

    id: str
    gateway: str
    payment_id: str
    status: str
    amount: int

    @property
    def is_open(self) -> bool:
        return self.status in ("open", "under_review", "needs_response")

    @property
    def lost(self) -> int:
        """What the bank took."""
        return self.amount if self.status == "lost" else 0


@dataclass(frozen=True)
class Told:
    """An event that a gateway has to tell."""

    id: str
    gateway: str
    name: str
    body: str = field(repr=False)
    signature: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        if self.gateway == STRIPE:
            # Signed anew at each delivery.
            signed = signature(self.body, StripeSettings.webhook_secret)
            return {"Content-Type": "application/json", "Stripe-Signature": signed}
        return {
            "Content-Type": "application/json",
            "X-Razorpay-Event-Id": self.id,
            "X-Razorpay-Signature": self.signature,
        }


class Bank:
    """The gateways: payers, banks and the merchant's dashboard act on them over HTTP."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app, self.url = app, url
        self.ambush: Ambush | None = None

    def begin_anew(self, counts: Counter[str]) -> None:
        """Forget all there was; tell nothing, and count the faults that met a call of the shop."""
        self.app.extensions["sandbox"].close()
        self.app.extensions["sandbox"] = Gateway.open(Settings(webhook_url=NOWHERE))
        attach(self.app, StripeSettings(webhook_url=NOWHERE))
        for name in _BASE:
            _watch(self._faults(name), name, self, counts)
        self.clear_faults()

    # What happens.

    def pay(self, gateway: str, order_id: str, outcome: str, **options: Any) -> requests.Response:
        name = "order_id" if gateway == RAZORPAY else "payment_intent"
        body = {name: order_id, "outcome": outcome, **options}
        return self._act(gateway, "/pay", body | ({"method": "upi"} if gateway == RAZORPAY else {}))

    def pay_though_paid(self, order_id: str) -> requests.Response:
        """Capture an order once more: the gateway's own guard is asleep for a moment."""
        with self.app.extensions["sandbox"].store.transaction() as books:
            order = books.find("order", order_id)
            books.keep("order", order | {"status": "attempted", "amount_due": order["amount"]})
        return self.pay(RAZORPAY, order_id, "captured")

    def lapse(self, one: Try) -> None:
        self._act(one.gateway, f"/payments/{one.id}/lapse", None)

    def refund_by_hand(self, one: Try, amount: int | None, status: str) -> requests.Response:
        """Refund at the gateway's dashboard, of which the shop knows nothing."""
        with self._undisturbed(one.gateway) as faults:
            faults.set("refunds.create", {"refund_status": status})
            if one.gateway == STRIPE:
                wanted = {"charge": one.id} | ({"amount": amount} if amount else {})
                key = {"Authorization": f"Bearer {StripeSettings.secret_key}"}
                return self._post("/stripe/v1/refunds", data=wanted, headers=key)
            wanted = {"amount": amount} if amount else {}
            pair = (Settings.key_id, Settings.key_secret)
            return self._post(f"/v1/payments/{one.id}/refund", json=wanted, auth=pair)

    def end_refund(self, back: Back, status: str) -> None:
        if back.gateway == STRIPE and status == "processed":
            status = "succeeded"
        assert self._act(back.gateway, f"/refunds/{back.id}", {"status": status}).ok

    def dispute(self, one: Try, amount: int) -> requests.Response:
        name = "payment_id" if one.gateway == RAZORPAY else "charge"
        return self._act(one.gateway, "/disputes", {name: one.id, "amount": amount})

    def turn(self, claim: Claim, status: str) -> None:
        if claim.gateway == STRIPE:
            status = {"action_required": "under_review", "closed": "won"}.get(status, status)
        assert self._act(claim.gateway, f"/disputes/{claim.id}", {"status": status}).ok

    def settle(self) -> None:
        self._act(RAZORPAY, "/settlements", {})

    def forget_keys(self) -> None:
        """Forget which requests were answered under which idempotency keys."""
        with self.app.extensions["sandbox"].store.transaction() as books:
            books.connection.execute("DELETE FROM entities WHERE kind = 'key'")
            books.connection.execute("DELETE FROM stripe_objects WHERE kind = 'answer'")

    def fault(self, gateway: str, route: str, **switches: Any) -> None:
        assert self._post(f"{_BASE[gateway]}/faults", json={"route": route, **switches}).ok

    def has_faults(self) -> bool:
        return any(set(self._faults(name).shown()) - {WEBHOOKS} for name in _BASE)

    def clear_faults(self) -> None:
        """Switch all faults off but one: the gateways deliver nothing themselves."""
        self.ambush = None
        for name in _BASE:
            self._calm(name)

    # What the books say.

    def tries(self) -> list[Try]:
        """Every try to pay, the oldest first."""
        of_razorpay = [
            Try(
                p["id"], RAZORPAY, p["order_id"], _status(p), p["amount"], p["amount_refunded"]
            )
            for p in self._razorpay("payment")
        ]  # fmt: skip
        of_stripe = [
            Try(
                c["id"], STRIPE, c["payment_intent"], _status_of_charge(c), c["amount"],
                c["amount_refunded"],
            )
            for c in self._stripe("charge")
        ]  # fmt: skip
        return of_razorpay + of_stripe

    def backs(self) -> list[Back]:
        """Every refund, the oldest first."""
        of_razorpay = [
            Back(r["id"], RAZORPAY, r["payment_id"], r["status"], r["amount"], r["receipt"])
            for r in self._razorpay("refund")
        ]
        of_stripe = [
            Back(
                r["id"], STRIPE, r["charge"], _REFUND_STATUSES.get(r["status"], r["status"]),
                r["amount"], r["metadata"].get("receipt"),
            )
            for r in self._stripe("refund")
        ]  # fmt: skip
        return of_razorpay + of_stripe

    def claims(self) -> list[Claim]:
        """Every dispute, the oldest first."""
        found = [(RAZORPAY, d, d["payment_id"]) for d in self._razorpay("dispute")]
        found += [(STRIPE, d, d["charge"]) for d in self._stripe("dispute")]
        return [Claim(d["id"], name, of, d["status"], d["amount"]) for name, d, of in found]

    def events(self) -> list[Told]:
        """Every event that there was, the oldest first."""
        of_razorpay = [
            Told(e["id"], RAZORPAY, e["event"], e["body"], e["signature"])
            for e in self._razorpay("event")
        ]
        of_stripe = [
            Told(e["id"], STRIPE, e["type"], e["body"], "") for e in self._stripe("delivery")
        ]
        return of_razorpay + of_stripe

    def _razorpay(self, kind: str) -> list[dict[str, Any]]:
        with self.app.extensions["sandbox"].store.transaction() as books:
            return books.list(kind, Page())[::-1]

    def _stripe(self, kind: str) -> list[dict[str, Any]]:
        with self.app.extensions[EXTENSION].transaction() as ledger:
            return ledger.all(kind)[::-1]

    def _faults(self, gateway: str) -> Faults:
        name = "sandbox" if gateway == RAZORPAY else EXTENSION
        return self.app.extensions[name].faults

    def _calm(self, gateway: str) -> None:
        self._faults(gateway).clear()
        self._faults(gateway).set(WEBHOOKS, {"webhooks_drop": True})

    @contextmanager
    def _undisturbed(self, gateway: str) -> Iterator[Faults]:
        """Set the faults that wait for the shop aside."""
        faults = self._faults(gateway)
        waiting = faults.shown()
        self._calm(gateway)
        yield faults
        faults.clear()
        for route, switches in waiting.items():
            faults.set(route, switches)

    def _act(self, gateway: str, path: str, body: Any) -> requests.Response:
        return self._post(_BASE[gateway] + path, json=body)

    def _post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=PATIENCE_SECONDS, **options)


@dataclass
class Ambush:
    """A fault that waits for the ``at``-th call of the shop, and meets it and some after it."""

    switch: str
    at: int
    times: int

    def take(self, route: str) -> Mapping[str, Any]:
        """Tell what meets this call."""
        name, value = read_switch(self.switch)
        if name in OF_REFUNDS and route != "refunds.create":
            return {}
        self.at -= 1
        is_met = self.at <= 0 < self.times
        self.times -= is_met
        return {name: value} if is_met else {}


def read_switch(text: str) -> tuple[str, Any]:
    """Read a switch such as ``refund_status=pending``."""
    name, _, value = text.partition("=")
    return name, int(value) if value.isdigit() else value or True


def _watch(faults: Faults, gateway: str, bank: Bank, counts: Counter[str]) -> None:
    really = faults.take

    def take(route: str) -> Mapping[str, Any]:
        found = dict(really(route))
        if route != WEBHOOKS:
            found |= bank.ambush.take(route) if bank.ambush else {}
            counts.update(f"fault: {gateway} {route} {name}" for name in found)
        return found

    faults.take = take


def _status(payment: Mapping[str, Any]) -> str:
    if payment["captured"]:
        return "captured"
    return "lapsed" if payment["status"] == "refunded" else payment["status"]


def _status_of_charge(charge: Mapping[str, Any]) -> str:
    if charge["captured"]:
        return "captured"
    if charge["status"] == "succeeded":
        return "lapsed" if charge["refunded"] else "authorized"
    return charge["status"]


@contextmanager
def open_bank() -> Iterator[Bank]:
    """Serve a sandbox of this test's own."""
    app = create_app(Settings(webhook_url=NOWHERE))
    try:
        with serving(app) as url:
            yield Bank(app, url)
    finally:
        app.extensions["sandbox"].close()
