"""The servers that the shop needs and the environment does not name."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dev.postgres import PostgresServer
from dev.redis_server import RedisServer

__all__ = ["PostgresServer", "RedisServer", "servers"]


@contextmanager
def servers(
    data_dir: Path, *, durable: bool, environ: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """
    Start a server for each of the three URLs not set in the environment, and stop it after.

    Yields the variables to add. With `durable=False` they start empty, and their data is
    removed in the end.
    """
    environ = os.environ if environ is None else environ
    ours: dict[str, Callable[[], PostgresServer | RedisServer]] = {
        "DATABASE_URL": lambda: PostgresServer(data_dir / "postgres", durable=durable),
        "STOCK_REDIS_URL": lambda: RedisServer(data_dir / "stock-redis", durable=durable),
        "QUEUE_REDIS_URL": lambda: RedisServer(data_dir / "queue-redis", durable=durable),
    }
    with ExitStack() as running:
        urls = {}
        for variable, create in ours.items():
            if environ.get(variable):
                continue
            server = create()
            if not durable:
                server.remove()
            running.callback(server.stop if durable else server.remove)
            server.start()
            urls[variable] = server.url
        yield urls
