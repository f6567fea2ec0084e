"""Jobs that cannot be done."""

from chaos.faults.base import Fault, cell

_STAGE = """
    INSERT INTO outbox (queue, name, arguments, attempts)
    VALUES ('payments', 'payments.refund', '{"of": "chaos"}', 0) RETURNING id
"""
_SWEPT_WITHIN_SECONDS = 15
_SEEN = "SELECT attempts > 0 AND last_error IS NOT NULL FROM outbox WHERE id = %s"


class Poisoned(Fault):
    """A job that no worker can do stands in the way of the others."""

    def watch(self) -> None:
        """Begin without it; nobody is woken for it, but the sweep finds it."""
        self.id, self.tried = 0, False
        self.met_within_seconds = _SWEPT_WITHIN_SECONDS

    def inject(self) -> None:
        """Stage it."""
        [(self.id,)] = self.shop.sql(_STAGE)

    def heal(self) -> None:
        """Take it away, as a person would."""
        self.tried = self.has_bitten()
        self.shop.sql("DELETE FROM outbox WHERE id = %s", self.id)

    def has_bitten(self) -> bool:
        """Tell whether a worker tried it and failed."""
        return self.tried or self.shop.sql(_SEEN, self.id) == [(True,)]


cell(
    "worker payments: poison job", Poisoned, target="worker payments", hold=1.0,
    sign="it was tried, and its error written down", expected="the queue moves on without it",
)  # fmt: skip
