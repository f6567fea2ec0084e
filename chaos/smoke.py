"""A handful of cells, chosen for being quick and of different kinds: what `make test` runs."""

from pathlib import Path

from chaos.faults import CELLS
from chaos.house import Shop
from chaos.plan import Step
from chaos.run import Crowd, Tell, run

SMOKE = (
    "web>stock-redis: answers lost",
    "worker webhooks: killed",
    "postgres: connections ended",
    "gateway: acts, and the answer is lost",
    "queue-redis: restarted empty",
    "point checkout.before-reply: killed",
    "stock-redis: FLUSHALL",
)
# Nobody who keeps all others waiting for a minute.
HASTY = Crowd(
    rate=5.0, customers=30, plenty=6, scarce=2, scarce_units=6, without=("late", "slow_bank")
)


def smoke(shop: Shop, folder: Path, *, tell: Tell, seed: int = 1) -> None:
    """Run them one after the other on a small shop."""
    steps = [Step(number, 0.0, (name,)) for number, name in enumerate(SMOKE)]
    assert all(name in CELLS for name in SMOKE)  # noqa: S101
    run(shop, folder, seed=seed, steps=steps, crowd=HASTY, tell=tell)
