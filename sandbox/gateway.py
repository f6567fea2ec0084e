"""The parts of one running sandbox, and how a view finds them."""

import threading
from dataclasses import dataclass, field

from flask import current_app

from sandbox.agenda import Agenda
from sandbox.config import Settings
from sandbox.faults import Faults
from sandbox.store import Store
from sandbox.webhooks import Webhooks


@dataclass
class KeysInProgress:
    """The idempotency keys whose first request has not been answered yet."""

    _keys: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, key: str) -> bool:
        """Take a key, or return False where another request has it."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys.add(key)
            return True

    def release(self, key: str) -> None:
        """Give a key back."""
        with self._lock:
            self._keys.discard(key)


@dataclass(frozen=True)
class Gateway:
    """Everything that one sandbox is made of."""

    settings: Settings
    store: Store
    faults: Faults
    agenda: Agenda
    webhooks: Webhooks
    keys_in_progress: KeysInProgress = field(default_factory=KeysInProgress)

    @classmethod
    def open(cls, settings: Settings) -> "Gateway":
        """Open the books and take up what a restart left behind."""
        store, faults, agenda = Store(settings.database), Faults(), Agenda()
        webhooks = Webhooks(settings, store, agenda, faults)
        webhooks.resume()
        return cls(settings, store, faults, agenda, webhooks)

    def close(self) -> None:
        """Stop the background threads, then close the books."""
        self.agenda.close()
        self.store.close()


def gateway() -> Gateway:
    """Return the sandbox that serves this request."""
    found: Gateway = current_app.extensions["sandbox"]
    return found
