"""The gateway: slow, hanging, broken, rationed, losing answers; events lost, repeated, late."""

from random import Random
from typing import Any

from chaos.faults.base import Fault, cell
from chaos.house import Shop

# More calls than any fault lasts for: how many are left tells how many met it.
_MANY = 100_000
_LATELY = "SELECT event_id FROM webhook_events ORDER BY received_at DESC LIMIT 5"


class Switched(Fault):
    """Switches of the sandbox are on, for one route or every one."""

    def __init__(self, shop: Shop, random: Random, route: str, switches: dict[str, Any]) -> None:
        """Take the route and what is switched on."""
        super().__init__(shop, random)
        self.route, self.switches = route, switches

    def watch(self) -> None:
        """Nothing is switched on so far."""
        self.met = 0

    def inject(self) -> None:
        """Switch on."""
        body = {"route": self.route, **self.switches, "next_n": _MANY}
        self.shop.sandbox("POST", "/sandbox/faults", body)

    def heal(self) -> None:
        """Switch off."""
        self.met = self._met()
        self.shop.sandbox("DELETE", "/sandbox/faults")

    def has_bitten(self) -> bool:
        """Tell whether a call met it."""
        return max(self.met, self._met()) > 0

    def _met(self) -> int:
        shown = self.shop.sandbox("GET", "/sandbox/faults")["faults"].get(self.route)
        return 0 if shown is None else _MANY - int(shown["next_n"])


class Pending(Switched):
    """Refunds that the gateway takes and does not end; in the end it does."""

    def heal(self) -> None:
        """End them, and tell the shop."""
        super().heal()
        for refund in self.shop.sandbox("GET", "/sandbox/books", timeout=120)["refunds"]:
            if refund["status"] == "pending":
                path = f"/sandbox/refunds/{refund['id']}"
                self.shop.sandbox("POST", path, {"status": "processed"})


class Repeated(Fault):
    """The newest events are delivered sixteen times more."""

    times = 16

    def watch(self) -> None:
        """Count the tries of each."""
        self.events = [event_id for (event_id,) in self.shop.sql(_LATELY)]
        self.before = self._attempts()

    def inject(self) -> None:
        """Deliver, in any order."""
        sent = self.events * self.times
        self.random.shuffle(sent)
        for event_id in sent:
            self.shop.sandbox("POST", f"/sandbox/deliveries/{event_id}/redeliver")

    def has_bitten(self) -> bool:
        """Tell whether they have come to the shop more often."""
        return self._attempts() >= self.before + len(self.events) * self.times > self.before

    def heal(self) -> None:
        """Wait until all have been sent."""
        self.shop.wait_for("repeated events are sent", self.has_bitten, seconds=30)

    def _attempts(self) -> int:
        paths = (f"/sandbox/deliveries/{event_id}" for event_id in self.events)
        return sum(int(self.shop.sandbox("GET", path)["attempts"]) for path in paths)


_MET = "the sandbox counts the calls that met it"
for _title, _switches, _hold in (
    ("slow by 2 s", {"latency_ms": 2_000}, 2.5),
    ("hangs", {"hang_ms": 20_000}, 2.0),
    ("HTML 502", {"html_502": True}, 1.5),
    ("JSON 500", {"json_500": True}, 1.5),
    ("429", {"too_many_requests": True}, 1.5),
    ("acts, and the answer is lost", {"reset_after": True}, 1.5),
):
    cell(
        f"gateway: {_title}", Switched, "*", _switches, target="gateway", hold=_hold, sign=_MET,
        expected="bounded wait, breaker; asked again; one effect",
    )  # fmt: skip
cell(
    "gateway: refunds stay pending", Pending, "refunds.create", {"refund_status": "pending"},
    target="gateway", hold=4.0, sign=_MET, expected="asked about until they end",
)  # fmt: skip
cell(
    "events: lost", Switched, "webhooks", {"webhooks_drop": True}, target="events", hold=1.5,
    sign=_MET, expected="the poller takes what they would have told",
)  # fmt: skip
cell(
    "events: x16, shuffled", Repeated, target="events", hold=0.5,
    sign="tries of each, by the sandbox' books", expected="one effect",
)  # fmt: skip
