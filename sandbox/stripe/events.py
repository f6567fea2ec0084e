"""The bodies and signatures of webhook events."""

import json
from dataclasses import dataclass, field

from sandbox.events import sign
from sandbox.stripe.ledger import Object
from sandbox.stripe.objects import new_id, now

API_VERSION = "2026-10-28.endive"

NOBODY = {"id": None, "idempotency_key": None}


@dataclass(frozen=True)
class Event:
    """Something that happened to an object; what the object was before, where it was changed."""

    kind: str
    shown: Object
    before: Object = field(default_factory=dict)

    def body(self, request: Object) -> Object:
        """Return what is sent, with the request that caused it."""
        data: Object = {"object": self.shown}
        changed = {name: old for name, old in self.before.items() if self.shown[name] != old}
        if changed:
            data["previous_attributes"] = changed
        return {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": request,
            "type": self.kind,
        }


def event(kind: str, shown: Object, before: Object | None = None) -> Event:
    """Tell of an object as it is at this moment, whatever becomes of it later."""
    return Event(kind, dict(shown), before or {})


def serialize(body: Object) -> str:
    """Write the JSON that is sent, indented; written in another way it would not verify."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def signature(text: str, secret: str) -> str:
    """Return the header for a delivery that leaves now."""
    moment = now()
    return f"t={moment},v1={sign(f'{moment}.{text}', secret)}"
