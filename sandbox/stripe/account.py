"""The parts of the Stripe account, and how a view finds them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from flask.blueprints import BlueprintSetupState

from sandbox.faults import Faults
from sandbox.gateway import Gateway, KeysInProgress
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.settings import StripeSettings
from sandbox.stripe.webhooks import Webhooks

EXTENSION = "sandbox.stripe"

_opening = threading.Lock()


@dataclass(frozen=True)
class Account:
    """
    The Stripe side of one sandbox.

    It borrows the database and the background threads, and ends when the sandbox is closed.
    """

    gateway: Gateway
    settings: StripeSettings
    faults: Faults = field(default_factory=Faults)
    keys_in_progress: KeysInProgress = field(default_factory=KeysInProgress)

    @classmethod
    def open(cls, gateway: Gateway, settings: StripeSettings) -> "Account":
        """Open the books and take up what a restart left behind."""
        opened = cls(gateway, settings)
        with opened.transaction() as ledger:
            ledger.prepare()
        opened.webhooks.resume()
        return opened

    @property
    def webhooks(self) -> Webhooks:
        """How the shop hears of what happens."""
        return Webhooks(
            self.settings,
            self.transaction,
            self.gateway.agenda,
            self.faults,
            self.gateway.settings.clock_factor,
        )

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """Give the books to one thread; keep all it wrote, or on an exception nothing."""
        with self.gateway.store.transaction() as books:
            yield Ledger(books)


def attach(app: Flask, settings: StripeSettings | None = None) -> Account:
    """Open the account of the sandbox that an app serves now."""
    opened = Account.open(app.extensions["sandbox"], settings or StripeSettings.from_environment())
    app.extensions[EXTENSION] = opened
    return opened


def attach_first(state: BlueprintSetupState) -> None:
    """Open the account of an app that is being built, with the settings of the environment."""
    attach(cast("Flask", state.app))


def account() -> Account:
    """Return the account that serves this request; another sandbox has another one."""
    with _opening:
        found: Account = current_app.extensions[EXTENSION]
        if found.gateway is not current_app.extensions["sandbox"]:
            return attach(current_app, found.settings)
    return found
