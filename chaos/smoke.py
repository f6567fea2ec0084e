"""A handful of cells, chosen for being quick and of different kinds: what `make test` runs."""

SMOKE = (
    "stock-redis: FLUSHALL",
    "web>stock-redis: answers lost",
    "worker webhooks: killed",
    "postgres: connections ended",
    "gateway: acts, and the answer is lost",
    "queue-redis: restarted empty",
    "point capture.before-settle: killed",
)
